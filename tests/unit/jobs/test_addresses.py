from __future__ import annotations

import pytest

from jobs.addresses import PublicOnly, RefusedAddress, is_public

INSIDE = [
    "0.0.0.0",  # noqa: S104 - looked at, not bound
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.9.9.9",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_within_a_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "130.167.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "x.localhost", "printer.local", "db.internal", "a.test", "127.0.0.1", "::1"],
)
def test_a_host_within_our_network_is_refused(host: str) -> None:
    with pytest.raises(RefusedAddress, match="is not a public server"):
        PublicOnly(frozenset()).connect_tcp(host, 80)


def test_another_port_of_a_configured_host_is_refused() -> None:
    with pytest.raises(RefusedAddress):
        PublicOnly(frozenset({("127.0.0.1", 80)})).connect_tcp("127.0.0.1", 6379)
