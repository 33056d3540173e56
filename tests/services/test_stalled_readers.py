"""Readers that take nothing any more do not hold the server for ever."""

from __future__ import annotations

import socket

import pytest

from webapp.gunicorn_config import limit_sending


def test_a_connection_whose_reader_takes_nothing_fails_by_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        limit_sending(listener, 1)
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted, pytest.raises(BlockingIOError):
                accepted.sendall(bytes(64 << 20))
