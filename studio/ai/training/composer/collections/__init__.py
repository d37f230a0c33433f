"""Every collection of music the composer learns from, and how each is read."""
