"""The web server as production runs it, on a port of its own: one worker, and what memory it takes."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import httpx
import psutil

from tests.benchmarks.stopwatch import Sample
from webapp.supervisor.processes import command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webapp.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
ADD_SECONDS = 300
APP = "webapp.wsgi:app"
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})
HEADERS = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}


class Gunicorn:
    """A running server; ends with its context. ``app`` may be another application, behind the same settings."""

    def __init__(self, settings: Settings, app: str = APP, env: Mapping[str, str] = NOTHING_MORE) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            bind = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{bind}"
        own = {"SKYBASKET_HOME": str(settings.home), "SKYBASKET_BIND": bind, "WEB_CONCURRENCY": "1"}
        *gunicorn, ours = command("web")
        assert ours == APP
        self._process = subprocess.Popen([*gunicorn, app], cwd=ROOT, env={**os.environ, **env, **own})

    def __enter__(self) -> Self:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.url}/healthz", timeout=1)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return self
        self.__exit__()
        raise TimeoutError("gunicorn did not start.")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(START_SECONDS)

    def visitor(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=HEADERS, timeout=ADD_SECONDS, follow_redirects=True)

    def megabytes(self) -> tuple[float, float]:
        """Memory of the worker: its own, and the pages of mapped files (database, spool) that the system may drop."""
        (worker,) = psutil.Process(self._process.pid).children()
        memory = worker.memory_info()
        return (memory.rss - memory.shared) / 1e6, memory.shared / 1e6


@dataclass(frozen=True)
class Added:
    """Baskets that hold everything: how long it took, and the page of the last one with the session that owns it."""

    sample: Sample
    path: str
    cookies: httpx.Cookies


def add_everything(server: Gunicorn, times: int) -> Added:
    """Each time a new session adds the whole catalogue to its basket, until the basket's page is there."""
    seconds = []
    for _ in range(times):
        with server.visitor() as visitor:
            start = time.perf_counter()
            visitor.post("/basket/add", data={"match": ""}).raise_for_status()
            page = visitor.get("/basket").raise_for_status()
            seconds.append(time.perf_counter() - start)
            assert 'id="workspace"' in page.text
    return Added(Sample(tuple(seconds)), page.url.path, visitor.cookies)


def first_page(settings: Settings, added: Added, times: int) -> Sample:
    """The first page that a fresh process gives; the inventory is in the spool."""
    seconds = []
    for _ in range(times):
        with Gunicorn(settings) as server, server.visitor() as visitor:
            visitor.cookies.update(added.cookies)
            start = time.perf_counter()
            visitor.get(added.path).raise_for_status()
            seconds.append(time.perf_counter() - start)
    return Sample(tuple(seconds))
