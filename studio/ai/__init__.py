"""Requests to models, the registry that finds them and the worker that runs them."""
