"""How the painter is measured."""
