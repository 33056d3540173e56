"""Readers that take nothing any more, and senders that stop half-way, do not hold the server for ever."""

from __future__ import annotations

import socket

import pytest

from webapp.gunicorn_config import limit_waiting


def test_a_connection_whose_reader_takes_nothing_fails_by_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        limit_waiting(listener, to_send=1, to_receive=60)
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted, pytest.raises(BlockingIOError):
                accepted.sendall(bytes(64 << 20))


def test_a_connection_whose_sender_stops_fails_by_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        limit_waiting(listener, to_send=60, to_receive=1)
        with socket.create_connection(listener.getsockname()) as client:
            accepted, _ = listener.accept()
            client.sendall(b"POST / HT")
            with accepted:
                assert accepted.recv(9) == b"POST / HT"
                with pytest.raises(BlockingIOError):
                    accepted.recv(1)
