"""Small controls used in several views."""
