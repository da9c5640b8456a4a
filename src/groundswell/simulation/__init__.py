"""An organisation whose truth is known."""
