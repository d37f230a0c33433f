"""The open song as observables of QtCore, on the main thread."""
