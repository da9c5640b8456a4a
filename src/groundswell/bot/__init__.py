"""The face in the company's chat: a half-minute form, one's own message kept, links and one tap."""
