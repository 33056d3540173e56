"""A race: everybody sends the same files, one after the other, several rounds."""

from __future__ import annotations

import os
import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.bundles import fetching
from tests.benchmarks.bundles.holdings import FORMATS
from tests.benchmarks.bundles.nginx import Nginx
from tests.benchmarks.gunicorn import Gunicorn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.benchmarks.bundles.holdings import Files
    from webapp.settings import Settings

OURS = {form: f"Skybasket, {form}" for form in FORMATS}
NGINX = {form: f"nginx, one {form} file" for form in FORMATS}
SERVED = {maker: f"{maker}, behind the same server" for maker in ("zip", "tar", "zipstream-ng", "stream-zip")}
PIPED = {"zip": "zip -0 -r - into a pipe", "tar": "tar cf - into a pipe"}


@dataclass(frozen=True)
class Race:
    """Megabytes of files a second, by runner; the rounds in their order."""

    files: int
    bytes: int  # of the files, without headers
    rates: dict[str, tuple[float, ...]]

    def median(self, runner: str) -> float:
        return statistics.median(self.rates[runner])

    def ratio(self, runner: str, other: str) -> float:
        """How many times as fast: the median of the rounds, in each of which the machine was the same for both."""
        return statistics.median(a / b for a, b in zip(self.rates[runner], self.rates[other], strict=True))


def run(settings: Settings, files: Files, paths: dict[str, str], folder: Path, rounds: int) -> Race:
    """``paths``: of the bundles by format. ``folder`` is for what nginx needs."""
    seconds: dict[str, list[float]] = {}
    with ExitStack() as stack:
        ours = stack.enter_context(Gunicorn(settings))
        env = {"RIVALS_FOLDER": str(files.folder.parent)}
        theirs = stack.enter_context(Gunicorn(settings, "tests.benchmarks.bundles.rival_app:app", env))
        nginx = stack.enter_context(Nginx(folder))
        runners: dict[str, Callable[[], float]] = {}
        for form, path in paths.items():
            fetching.save(f"{ours.url}{path}", nginx.files / form)
            runners[OURS[form]] = _fetching(f"{ours.url}{path}")
            runners[NGINX[form]] = _fetching(f"{nginx.url}/{form}")
        for maker, runner in SERVED.items():
            runners[runner] = _fetching(f"{theirs.url}/{maker}/{files.name}")
        runners[PIPED["tar"]] = lambda: fetching.piped("tar", "cf", "-", ".", folder=files.folder)
        runners[PIPED["zip"]] = lambda: fetching.piped("zip", "-0", "-q", "-r", "-", ".", folder=files.folder)
        os.sync()
        for number in range(rounds):
            order = list(runners)
            for name in order if number % 2 == 0 else reversed(order):
                seconds.setdefault(name, []).append(runners[name]())
    rates = {name: tuple(files.bytes / each / 1e6 for each in taken) for name, taken in seconds.items()}
    return Race(len(files.paths), files.bytes, {name: rates[name] for name in runners})


def _fetching(url: str) -> Callable[[], float]:
    return lambda: fetching.whole(url)
