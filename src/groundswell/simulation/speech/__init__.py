"""What people in a simulated company write: frames, never the word lists of the reader."""
