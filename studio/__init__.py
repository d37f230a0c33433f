"""Tutti: a desktop music studio that runs on the musician's own machine."""

__version__ = "0.1.0"
