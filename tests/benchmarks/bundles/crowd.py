"""Many slow readers at once on one worker process: what a page takes meanwhile, and the worker's memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.benchmarks.gunicorn import ROOT, Gunicorn, add_everything
from tests.benchmarks.stopwatch import Sample

if TYPE_CHECKING:
    import httpx

    from webapp.settings import Settings

RATE = 500_000  # bytes a second
PAUSE = 0.05  # between two pages
SETTLE = 0.15  # of the time goes by until all readers are there


@dataclass(frozen=True)
class Crowd:
    """``megabytes`` are the most that the worker took: alone, and with all readers."""

    readers: int
    served: int  # of them; the others got nothing in their time
    rate: float  # bytes a second, of the median reader
    alone: Sample  # a page while nobody else is there
    among: Sample
    small_alone: Sample  # the answer that only says that the server is there
    small_among: Sample
    megabytes: tuple[float, float]


def measure(settings: Settings, path: str, readers: int, seconds: float) -> Crowd:
    """``readers`` fetch the bundle at ``path``; the page is that of a basket of everything in the catalogue."""
    with Gunicorn(settings) as server:
        added = add_everything(server, 1)
        with server.visitor() as visitor:
            visitor.cookies.update(added.cookies)
            pages = (added.path, "/healthz")
            _looks(server, visitor, pages, seconds / 10)
            alone, small_alone, before = _looks(server, visitor, pages, seconds / 4)
            crowd = _readers(f"{server.url}{path}", readers, seconds)
            time.sleep(seconds * SETTLE)
            among, small_among, most = _looks(server, visitor, pages, seconds * (1 - 2 * SETTLE))
        said, _ = crowd.communicate(timeout=3 * seconds + 30)
    rates = [float(line) for line in said.splitlines()]
    return Crowd(
        readers, sum(map(bool, rates)), statistics.median(rates), alone, among, small_alone, small_among, (before, most)
    )


def _readers(url: str, readers: int, seconds: float) -> subprocess.Popen[str]:
    parts = urlsplit(url)
    where = [parts.hostname or "", str(parts.port), parts.path]
    command = [sys.executable, "-m", "tests.benchmarks.bundles.readers", *where, str(readers), str(RATE), str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _looks(
    server: Gunicorn, visitor: httpx.Client, pages: tuple[str, str], seconds: float
) -> tuple[Sample, Sample, float]:
    """Look at the pages in turn, and at the worker's memory."""
    times: tuple[list[float], list[float]] = ([], [])
    most = 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for page, taken in zip(pages, times, strict=True):
            start = time.perf_counter()
            visitor.get(page)
            taken.append(time.perf_counter() - start)
            time.sleep(PAUSE)
        most = max(most, sum(server.megabytes()))
    return Sample(tuple(times[0])), Sample(tuple(times[1])), most
