"""What people tell on purpose: the pulse and the logbook."""
