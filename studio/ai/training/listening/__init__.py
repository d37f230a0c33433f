"""Figures of how well the studio listens; nothing is trained."""
