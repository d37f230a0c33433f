"""Measuring against music whose beats, chords, keys and notes are known."""
