"""Figures of how good the composer is, and their report."""
