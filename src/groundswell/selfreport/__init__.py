"""What people tell on purpose: the logbook, the pulse, the mirror, the invitation, what leaders grant."""
