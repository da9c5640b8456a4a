"""The nouns: frozen rows and closed lists, no logic."""
