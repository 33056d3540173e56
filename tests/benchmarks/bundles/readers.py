"""Slow readers: ``python -m tests.benchmarks.bundles.readers HOST PORT PATH READERS RATE SECONDS`` prints their rates.

One process with as many connections, each of which takes its share every 50 ms, one after the other, as lines of
different people do. The system keeps little for each, as it would for a line with little on its way.
"""

from __future__ import annotations

import socket
import sys
import time

STEP = 0.05  # seconds
BUFFER = 65_536  # bytes that the system keeps for a reader


def main() -> None:
    host, port, path, readers, rate, seconds = sys.argv[1:]
    share, count = int(float(rate) * STEP), int(readers)
    connections = [_asked(host, int(port), path) for _ in range(count)]
    taken = [0] * count
    start = time.monotonic()
    step = 0
    while time.monotonic() - start < float(seconds):
        for number, connection in enumerate(connections):
            due = start + STEP * (step + number / count)
            if (early := due - time.monotonic()) > 0:
                time.sleep(early)
            taken[number] += _take(connection, int(share * (step + 1)) - taken[number])
        step += 1
    elapsed = time.monotonic() - start
    for each in taken:
        sys.stdout.write(f"{each / elapsed}\n")


def _asked(host: str, port: int, path: str) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    connection.connect((host, port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    connection.settimeout(0)
    return connection


def _take(connection: socket.socket, wanted: int) -> int:
    got = 0
    while got < wanted:
        try:
            piece = connection.recv(wanted - got)
        except BlockingIOError:
            break
        if not piece:
            break
        got += len(piece)
    return got


if __name__ == "__main__":
    main()
