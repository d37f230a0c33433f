"""The open song as observables on the main thread."""
