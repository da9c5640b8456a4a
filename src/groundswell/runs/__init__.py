"""One file a story: the steps behind each command."""
