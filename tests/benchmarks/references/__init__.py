"""References of a selection, beside SQL."""
