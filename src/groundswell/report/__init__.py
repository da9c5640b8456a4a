"""One page from findings, one drawer a shape."""
