"""The composer: music as tokens on a grid, plans, windows and rules. No network is in here."""
