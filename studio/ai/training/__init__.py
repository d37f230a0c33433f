"""Recipes that train the studio's own weights."""
