"""What must hold before anything starts: nobody else runs from this home, and the address is free."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_FILE = "up.lock"
PORTS = range(1, 65_536)
PORTS_TRIED = 20


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the lock of this home, which ends with this process. Raises UserError when another one holds it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK_FILE).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise UserError(
                409,
                f"Skybasket already runs from {home} (process {file.read().strip() or 'unknown'}).",
                "Stop it first, or set SKYBASKET_HOME to another folder.",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def parse_bind(bind: str) -> tuple[str, int]:
    """Host and port of ``host:port`` or ``[ipv6]:port``. Raises UserError for anything else."""
    host, colon, port = bind.rpartition(":")
    if not colon or not port.isdecimal() or int(port) not in PORTS or not host.strip("[]"):
        raise UserError(400, f"SKYBASKET_BIND cannot be {bind!r}.", "Write a host and a port: 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def check_bind(bind: str) -> None:
    """Raise UserError with a sentence unless a server could listen there now."""
    host, port = parse_bind(bind)
    problem = _bind_problem(host, port)
    if problem is None:
        return
    shown = bind.rpartition(":")[0]
    if problem.errno == errno.EADDRINUSE:
        near = range(port + 1, min(port + PORTS_TRIED, PORTS.stop))
        free = next((number for number in near if _bind_problem(host, number) is None), None)
        hint = f"Set SKYBASKET_BIND={shown}:{free}." if free else "Set SKYBASKET_BIND to another port."
        raise UserError(409, f"Port {port} on {shown} is taken by another program.", hint)
    if problem.errno == errno.EACCES:
        raise UserError(403, f"Port {port} is for the system administrator.", f"Set SKYBASKET_BIND={shown}:8000.")
    raise UserError(
        400,
        f"Skybasket cannot listen on {bind}: {problem.strerror}.",
        "Set SKYBASKET_BIND to an address of this machine.",
    )


def address(bind: str) -> tuple[str, int]:
    """Where a client on this machine reaches a server bound there."""
    host, port = parse_bind(bind)
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - read, not bound


def _bind_problem(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does: a port just left is free
            probe.bind(where)
    except OSError as error:
        return error
    return None
