"""What every layer may use: errors, paths, settings and the log."""
