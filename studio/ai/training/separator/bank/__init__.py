"""A bank of rendered, recorded and sung stems, and the mixtures drawn from it."""
