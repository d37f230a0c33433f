"""The mixer: a strip for each track, bus and master."""
