"""Band music for training: arranged with MMA, gathered from packages, drummed by people."""
