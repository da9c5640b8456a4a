"""The entry gate (pseudonyms) and the only way out (releases)."""
