"""Groundswell says what was said, done and lasted about AI at work, from the traces work already leaves."""

__version__ = "0.1.0"
