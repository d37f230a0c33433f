"""The window: Qt widgets, actions and theme."""
