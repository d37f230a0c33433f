"""The graph that turns a Project into sound; it knows no device and no file format."""
