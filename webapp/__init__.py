"""Skybasket: a download basket for science archives."""

__version__ = "0.1.0"
