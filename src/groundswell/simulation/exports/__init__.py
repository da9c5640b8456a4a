"""A simulated company in the formats a real one has."""
