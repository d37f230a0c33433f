"""Background work: lanes, cancellation and progress, without Qt and without torch."""
