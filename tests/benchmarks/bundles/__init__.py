"""How fast bundles are, beside nginx and what makes archives on the way today."""
