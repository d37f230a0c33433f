"""The recipe by which the composer is trained, from archives of music to weights."""
