"""Composition by rule: form, harmony, grooves, bass, accompaniment, melody as pure functions."""
