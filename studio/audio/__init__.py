"""The engine process: transport, stream, meters and recording."""
