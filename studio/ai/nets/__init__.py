"""The studio's own networks."""
