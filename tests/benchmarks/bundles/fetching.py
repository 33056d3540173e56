"""Fetching as users do: all of it by curl, or a range until its first byte is there."""

from __future__ import annotations

import http.client
import subprocess
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 600


def whole(url: str) -> float:
    """Seconds that curl takes to fetch all of it into nowhere."""
    seconds, _ = _curl(url, "/dev/null")
    return seconds


def save(url: str, file: Path) -> int:
    """Keep what an address gives; its bytes."""
    _, size = _curl(url, str(file))
    return size


def _curl(url: str, target: str) -> tuple[float, int]:
    command = ["curl", "-q", "-sS", "--fail", "--max-time", str(SECONDS), "-o", target]
    done = subprocess.run(
        [*command, "-w", "%{time_total} %{size_download}", url], check=True, capture_output=True, text=True
    )
    seconds, size = done.stdout.split()
    return float(seconds), int(size)


def piped(*command: str, folder: Path) -> float:
    """Seconds that a program takes to write into a pipe that somebody empties."""
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as program:
        subprocess.run(["cat"], stdin=program.stdout, stdout=subprocess.DEVNULL, check=True, timeout=SECONDS)
        if program.wait(SECONDS):
            raise RuntimeError(f"{command[0]} failed.")
    return time.perf_counter() - start


def first_byte(url: str, last: int = 0) -> float:
    """Seconds from connecting to the first byte of the content, or of its ``last`` bytes."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
    start = time.perf_counter()
    connection.request("GET", parts.path, headers={"Range": f"bytes=-{last}"} if last else {})
    answer = connection.getresponse()
    first = answer.read(1)
    seconds = time.perf_counter() - start
    connection.close()
    if answer.status != (206 if last else 200) or not first:
        raise RuntimeError(f"{url} answered {answer.status}.")
    return seconds
