"""How settings look that are more than a text or a number: read, or refused with ValueError.

They hold for what the operator writes; nothing here opens a file or a connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from webapp.mail import valid_address
from webapp.mail.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable

PORTS = range(1, 65_536)
PROXIES = range(10)
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

LOOKS = {
    "stores": "; it looks like mast:HST/=file:///archive/hst mast:JWST/=file:///archive/jwst",
    "smtp_url": "; it looks like smtp+starttls://user:password@mail.example:587, smtps:// or, on this machine, smtp://",
    "mail_from": "; it is one address, such as skybasket@archive.example",
    "ftp_bind": "; it is a host and a port: 0.0.0.0:2121",
    "oidc_issuer": "; it is the provider's address by https, as its configuration names it: https://login.example/realms/sky",
    "proxies": "; it is how many proxies stand in front of this server: 0, 1, 2",
    "ftp_passive_ports": "; it is a first and a last port above 1023: 60000-60100",
}


def _stores(value: Any) -> tuple[tuple[str, str], ...]:
    """``prefix=url prefix=url`` or a TOML table; the longest prefix first."""
    pairs = list(value.items()) if isinstance(value, dict) else [tuple(p.split("=", 1)) for p in str(value).split()]
    if not all(len(pair) == 2 and all(pair) for pair in pairs):  # noqa: PLR2004 - a pair
        raise ValueError
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _smtp_url(value: Any) -> str:
    parse_url(str(value))
    return str(value)


def _address(value: Any) -> str:
    address = valid_address(str(value))
    if address is None:
        raise ValueError
    return address


def _bind(value: Any) -> str:
    host, colon, port = str(value).rpartition(":")
    if not (colon and host.strip("[]") and port.isascii() and port.isdigit() and int(port) in PORTS):
        raise ValueError
    return str(value)


def _ports(value: Any) -> range:
    first, dash, last = str(value).partition("-")
    ports = range(int(first), int(last) + 1)
    if not (dash and ports and min(ports) > 1023 and max(ports) in PORTS):  # noqa: PLR2004 - below is root's
        raise ValueError
    return ports


def _issuer(value: Any) -> str:
    """Without ``/.well-known/openid-configuration``; on this machine, http will do."""
    parts = urlsplit(str(value))
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if (
        not (safe and parts.hostname)
        or parts.query
        or parts.fragment
        or parts.username
        or "/.well-known/" in parts.path
    ):
        raise ValueError
    return str(value)


def _proxies(value: Any) -> int:
    number = int(value)
    if number not in PROXIES:
        raise ValueError
    return number


READERS: dict[str, Callable[[Any], Any]] = {
    "stores": _stores,
    "smtp_url": _smtp_url,
    "mail_from": _address,
    "ftp_bind": _bind,
    "ftp_passive_ports": _ports,
    "oidc_issuer": _issuer,
    "proxies": _proxies,
}
