"""The Generate panel: a request in words and controls."""
