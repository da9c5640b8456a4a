"""From a message to the acts it does; the text ends here."""
