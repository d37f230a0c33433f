"""A small sentence encoder, and the musical tags that lie nearest to a phrase."""
