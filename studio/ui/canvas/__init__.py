"""What the timeline and the piano roll share: time on the screen, layers, grid, snap, gestures."""
