"""Signal processing as pure functions on arrays."""
