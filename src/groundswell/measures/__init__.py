"""One file a question: what it asks, counts, estimates and refuses."""
