"""Figures of how good the separator is, and their report."""
