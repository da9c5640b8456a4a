"""The face in the browser: one file a page, found by scanning."""
