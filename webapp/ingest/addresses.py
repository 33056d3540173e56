"""Addresses from outside (the ``url`` column): what no client could fetch, or what carries a password, is refused."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from webapp.ingest import columns
from webapp.ingest.errors import CellError, shown

_URL = re.compile(r"(https?|s3)://[^/\s]+/\S+")


def url(value: str) -> str:
    """A cell of the column ``url``. Raises CellError."""
    address = columns.text("url", value)
    if not _URL.fullmatch(address):
        raise CellError("url", value, f"has {shown(value)}; an address begins with https://, http:// or s3://")
    try:
        parts = urlsplit(address)
        port, host = parts.port, (parts.hostname or "").encode("idna")
    except ValueError as error:  # UnicodeError is one
        raise CellError("url", value, f"has {shown(value)}, whose host or port cannot be") from error
    if "@" in parts.netloc:
        raise CellError("url", value, "has an address with a user's name or password in it; take it out")
    if not host or port == 0:
        raise CellError("url", value, f"has {shown(value)}, whose host or port cannot be")
    return address
