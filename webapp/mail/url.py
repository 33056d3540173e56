"""Where mail goes out: ``smtp://``, ``smtps://`` (TLS from the first byte), ``smtp+starttls://`` (TLS required).

With ``user:password@`` where the server asks for them; the port is 25, 465 or 587 unless named.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class MailServer(NamedTuple):
    """A mail server and how to talk to it."""

    scheme: str  # a key of PORTS
    host: str
    port: int
    user: str  # empty: no log-in
    password: str


def parse_url(url: str) -> MailServer:
    """The parts of an SMTP URL. Raises ValueError for anything else."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError
    if bool(parts.username) != bool(parts.password):
        raise ValueError
    return MailServer(
        parts.scheme,
        parts.hostname,
        parts.port or PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
