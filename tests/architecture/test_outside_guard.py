"""The guard of tests/fixtures/outside.py itself."""

from __future__ import annotations

import socket

import httpx
import pytest

NOT_HERE = "192.0.2.1"  # RFC 5737: documentation only, never routed


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(pytest.fail.Exception, match=NOT_HERE):
        outside.connect((NOT_HERE, 80))


def test_a_name_of_another_machine_is_not_resolved() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"archive\.example"):
        httpx.get("https://archive.example/")


def test_a_connection_to_this_machine_is_let_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
