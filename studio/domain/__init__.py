"""The song as a value: frozen dataclasses and read-only numpy columns."""
