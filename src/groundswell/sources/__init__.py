"""One file a kind of export: what it looks like, and how it is read."""
