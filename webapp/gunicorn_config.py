"""gunicorn's settings, for ``skybasket up`` and for production; ``GUNICORN_CMD_ARGS`` overrides each.

Threads, because a download waits on its reader, not on the processor, and each reader holds one: with fewer threads
than readers nobody else would get a page. They are made when they are needed. One process unless ``WEB_CONCURRENCY``
says more, because each keeps its own inventories in memory. A reader that takes no byte for two minutes has gone.
"""

from __future__ import annotations

import logging
import socket
import struct
from typing import Any

from webapp.settings import load
from webapp.supervisor.leash import die_with_parent

bind = load().bind
worker_class = "gthread"
threads = 256  # with 200 slow readers: docs/benchmarks.md
control_socket_disable = True  # gunicorn would open one in the home folder, shared by all its servers
loglevel = "warning"
SENDING_SECONDS = 30  # between two pieces of a request; a proxy in front collects slow ones
STALLED_SECONDS = 120  # as by FTP; without a limit, 256 that stopped reading would keep the server for themselves
limit_request_line = 8190  # the most that gunicorn bounds: about 200 observations handed over by one link

logging.basicConfig(format="%(message)s")
logging.getLogger("webapp.admin").setLevel(logging.INFO)  # who changed what, which somebody may ask for one day


def when_ready(server: Any) -> None:
    """Limit how long an answer waits for its reader, and a request for the rest of itself."""
    for listener in server.LISTENERS:
        limit_waiting(listener.sock, to_send=STALLED_SECONDS, to_receive=SENDING_SECONDS)


def limit_waiting(listener: socket.socket, *, to_send: int, to_receive: int) -> None:
    """Connections accepted from now on fail if nothing moves for so many seconds; on Linux they inherit this."""
    for option, seconds in ((socket.SO_SNDTIMEO, to_send), (socket.SO_RCVTIMEO, to_receive)):
        listener.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))


def post_fork(_server: Any, _worker: Any) -> None:
    """Let no download keep the port after the server itself was killed."""
    die_with_parent()
