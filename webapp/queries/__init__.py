"""Every SELECT, by area, returning frozen values; never a table row."""
