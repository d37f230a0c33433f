"""Edits of a song: pure functions from one Project to the next, and their history."""
