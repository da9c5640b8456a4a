"""One file a revision, each of which can be undone."""
