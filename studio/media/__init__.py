"""The content-addressed store of audio, note columns, peaks and caches."""
