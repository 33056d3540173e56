"""Connections to other servers, and to nobody inside: what a table names must not reach this machine's neighbours.

Refuses loopback, private, link-local, multicast and reserved addresses, also where a name resolves to one and where one
is written inside an IPv6 address. The address that is looked at is the one that is connected to, so that a name
cannot mean something else a moment later.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

import httpcore

from jobs.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

# RFC 6761, 6762, 2606, 8375 and ICANN's .internal: names of nobody, or of neighbours.
_SPECIAL = re.compile(r"(?:^|\.)(?:localhost|local|internal|home\.arpa|test|invalid|example|onion)\.?$", re.IGNORECASE)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_METADATA = IPv4Address("168.63.129.16")  # Azure's, the one cloud whose metadata server has a public address


class RefusedAddress(StoreError):  # noqa: N818 - an answer as much as an error
    """The server is within this archive's own network, and nobody has configured it."""


def is_public(address: str) -> bool:
    """Whether an IPv4 or IPv6 address, without brackets, is somewhere in the public internet."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip != _METADATA


class PublicOnly(httpcore.NetworkBackend):
    """Connects to public addresses, and to the hosts and ports that the operator has configured."""

    def __init__(self, configured: frozenset[tuple[str, int]]) -> None:
        self._configured = configured
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raise RefusedAddress, or httpcore's ConnectError and ConnectTimeout."""
        targets = [host] if (host, port) in self._configured else _public_addresses(host, port)
        error: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for target in targets:
            try:
                return self._network.connect_tcp(target, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error or httpcore.ConnectError("no address")


def _public_addresses(host: str, port: int) -> list[str]:
    if _SPECIAL.search(host):
        raise _refusal(host)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise StoreError(f"There is no server named {host}.") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not all(map(is_public, addresses)):
        raise _refusal(host)
    return addresses[:3]  # each may take the whole of the time to connect


def _refusal(host: str) -> RefusedAddress:
    return RefusedAddress(f"{host} is not a public server, and it is not configured as a store.")
