"""The figures of the painter: one module each, with `measure`, `draw` and `tell`."""
