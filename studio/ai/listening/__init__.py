"""Hearing what is in a recording: beats, key, chords, sections, notes. Needs numpy and scipy."""
