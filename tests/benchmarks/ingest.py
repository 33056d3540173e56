"""A product table brought in by ``skybasket ingest table``: time, memory, and how long others had to wait to write."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webapp.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAUSE = 0.01
PATIENCE = 120


@dataclass(frozen=True)
class IngestTimes:
    rows: int
    seconds: float
    peak_bytes: int
    longest_wait: float  # seconds that a write of somebody else had to wait at most
    megabytes: float  # of the file


def measure(settings: Settings, table: Path, rows: int) -> IngestTimes:
    """Ingest into the empty, migrated database of these settings."""
    prober = _Prober(settings.home / "skybasket.db")
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "ingest", "table", str(table)],
        cwd=ROOT,
        env=os.environ | {"SKYBASKET_HOME": str(settings.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    wait = prober.stop()
    assert process.stderr is not None
    with process.stderr as said:
        if process.returncode:
            raise RuntimeError(said.read())
    scale = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, kilobytes on Linux
    return IngestTimes(rows, seconds, usage.ru_maxrss * scale, wait, table.stat().st_size / 1e6)


class _Prober:
    """Takes and gives back the write lock over and over, and remembers the longest wait for it."""

    def __init__(self, file: Path) -> None:
        self._file, self._end, self._longest = file, threading.Event(), 0.0
        self._thread = threading.Thread(target=self._probe)
        self._thread.start()

    def _probe(self) -> None:
        with closing(sqlite3.connect(self._file, timeout=PATIENCE, isolation_level=None)) as database:
            while not self._end.wait(PAUSE):
                start = time.perf_counter()
                database.execute("BEGIN IMMEDIATE")
                self._longest = max(self._longest, time.perf_counter() - start)
                database.execute("ROLLBACK")

    def stop(self) -> float:
        self._end.set()
        self._thread.join()
        return self._longest
