"""One file a page: its ROUTER, and its place in the navigation if it has one."""
