"""The timeline: tracks and clips over time."""
