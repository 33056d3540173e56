from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from webapp.errors import UserError
from webapp.supervisor import preflight

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("bind", "host", "port"),
    [
        ("127.0.0.1:8000", "127.0.0.1", 8000),
        ("[::1]:80", "::1", 80),
        ("archive.example:65535", "archive.example", 65535),
    ],
)
def test_an_address_is_a_host_and_a_port(bind: str, host: str, port: int) -> None:
    assert preflight.parse_bind(bind) == (host, port)


@pytest.mark.parametrize("bind", ["", "8000", ":8000", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "h:8x", "h:²"])
def test_anything_else_is_refused_by_a_sentence_that_shows_it(bind: str) -> None:
    with pytest.raises(UserError) as refusal:
        preflight.parse_bind(bind)
    assert refusal.value.sentence == f"SKYBASKET_BIND cannot be {bind!r}."


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    preflight.check_bind(f"127.0.0.1:{port}")


def test_a_port_taken_on_all_addresses_is_taken_on_one() -> None:
    with socket.create_server(("", 0)) as server, pytest.raises(UserError, match="is taken by another program"):
        preflight.check_bind(f"127.0.0.1:{server.getsockname()[1]}")


def test_an_address_of_another_machine_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"Skybasket cannot listen on 192\.0\.2\.1:8000"):
        preflight.check_bind("192.0.2.1:8000")


def test_a_server_on_all_addresses_is_reached_on_this_machine() -> None:
    assert preflight.address("0.0.0.0:8000") == ("127.0.0.1", 8000)


def test_the_lock_of_a_home_is_free_again_after_use(tmp_path: Path) -> None:
    with preflight.only_one(tmp_path):
        pass
    with preflight.only_one(tmp_path):
        pass


def test_a_held_home_is_refused(tmp_path: Path) -> None:
    with (
        preflight.only_one(tmp_path),
        pytest.raises(UserError, match="already runs from"),
        preflight.only_one(tmp_path),
    ):
        pass
