"""The spectrogram of one audio clip."""
