"""Filling holes in recordings from what surrounds them; numpy only."""
