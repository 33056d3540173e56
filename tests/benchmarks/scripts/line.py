"""A line to a server that carries so much a second in all, however many connections share it."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 1 << 16
BURST = 0.005  # seconds that it may be ahead


class Line:
    """Open within its context; ``url`` is the server's, seen through it."""

    def __init__(self, server: str, bytes_a_second: float) -> None:
        parts = urlsplit(server)
        assert parts.hostname is not None
        assert parts.port is not None
        self._server = (parts.hostname, parts.port)
        self._rate = bytes_a_second
        self._lock, self._free = threading.Lock(), 0.0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._server)
                for each in (near, far):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for source, target, wait in ((near, far, _at_once), (far, near, self._wait)):
                    threading.Thread(target=_carry, args=(source, target, wait), daemon=True).start()

    def _wait(self, count: int) -> None:
        with self._lock:
            now = time.monotonic()
            self._free = max(self._free, now) + count / self._rate
            ahead = self._free - now
        if ahead > BURST:
            time.sleep(ahead)


def _at_once(_count: int) -> None:
    """Requests are small."""


def _carry(source: socket.socket, target: socket.socket, wait: Callable[[int], None]) -> None:
    buffer = bytearray(BLOCK)
    with suppress(OSError):
        while count := source.recv_into(buffer):
            wait(count)
            target.sendall(memoryview(buffer)[:count])
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
