"""How the separator's weights come about: a bank of stems, training, shipping, figures."""
