"""From acts to practices: how each began, how long it lived."""
