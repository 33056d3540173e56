"""All of it at one scale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jobs.manifest import MANIFEST_FILE, Entry, Manifest, write_jsonl
from jobs.results import READY, read_state
from jobs.tasks import prepare_script
from tests.benchmarks.bundles.holdings import PREFIX, Holdings
from tests.benchmarks.bundles.nginx import Nginx
from tests.benchmarks.gunicorn import ROOT, Gunicorn
from tests.benchmarks.scripts.contestants import ALL, ARIA2, ONE, OURS, WGET, Contest
from tests.benchmarks.scripts.line import Line
from tests.benchmarks.stopwatch import Sample
from webapp.stores import store_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.benchmarks.bundles.holdings import Files
    from webapp.settings import Settings

GIGABIT = 125_000_000  # bytes a second
MEMORY = Path("/dev/shm")  # noqa: S108 - a temporary folder of its own is made in it
SMALL_IN_MEMORY, SMALL_ON_DISK, SMALL_LIVE, LARGE, LINE = "memory", "disk", "live", "large", "line"


class Scale(NamedTuple):
    """How much: files and bytes of each."""

    small: tuple[int, int]
    large: tuple[int, int]
    by_line: tuple[int, int]
    many: int  # files of a script that is only written
    rounds: int


FULL = Scale((2_000, 4_000), (40, 50_000_000), (10, 50_000_000), 100_000, 3)
LITTLE = Scale((30, 4_000), (3, 2_000_000), (2, 1_000_000), 300, 1)


@dataclass(frozen=True)
class ScriptTimes:
    """Seconds by race and contestant; those of a second run in a complete folder; how a long script is written."""

    scale: Scale
    races: dict[str, dict[str, Sample]]
    again: dict[str, Sample]
    writing: dict[str, tuple[float, int]]  # by dialect: seconds, bytes


def measure(settings: Settings, folder: Path, scale: Scale) -> ScriptTimes:
    """Everything, with the empty, migrated database of these settings. The files take 5 GB of disk and memory."""
    with tempfile.TemporaryDirectory(prefix="skybasket-bench-", dir=MEMORY) as memory, Nginx(folder / "nginx") as nginx:
        archive, near = nginx.files, Path(memory)
        holdings = Holdings(settings, archive)
        small = holdings.write("small", *scale.small)
        races: dict[str, dict[str, Sample]] = {}
        contest = Contest(archive, small, nginx.url, folder / "scripts-small")
        races[SMALL_IN_MEMORY] = _race(contest, ALL, near, scale.rounds)
        races[SMALL_ON_DISK] = _race(contest, ALL, folder, scale.rounds)
        again = {who: _again(contest, who, near, scale.rounds) for who in OURS}
        _ingest(settings, small, folder)
        with Gunicorn(settings) as live:
            contest = Contest(archive, small, live.url, folder / "scripts-live")
            races[SMALL_LIVE] = _race(contest, ALL, near, scale.rounds)
        large = holdings.write("large", *scale.large)
        contest = Contest(archive, large, nginx.url, folder / "scripts-large")
        races[LARGE] = _race(contest, (*OURS, ARIA2, ONE, WGET), near, scale.rounds)
        by_line = holdings.write("line", *scale.by_line)
        with Line(nginx.url, GIGABIT) as line:
            contest = Contest(archive, by_line, line.url, folder / "scripts-line")
            races[LINE] = _race(contest, (*OURS, ARIA2, ONE), near, scale.rounds)
        many = holdings.write("many", scale.many, 1)
        writing = {kind: _write(settings, folder, many, kind) for kind in ("sh", "py")}
    return ScriptTimes(scale, races, again, writing)


def _race(contest: Contest, who: Iterable[str], place: Path, rounds: int) -> dict[str, Sample]:
    """Everybody in turn, each into an empty folder, several rounds."""
    seconds: dict[str, list[float]] = {each: [] for each in who}
    for number in range(rounds):
        order = list(seconds)
        for each in order if number % 2 == 0 else reversed(order):
            with tempfile.TemporaryDirectory(prefix="fetched-", dir=place) as target:
                seconds[each].append(contest.run(each, Path(target)))
            os.sync()
    return {each: Sample(tuple(taken)) for each, taken in seconds.items()}


def _again(contest: Contest, who: str, place: Path, rounds: int) -> Sample:
    """A second run in a folder where everything is."""
    with tempfile.TemporaryDirectory(prefix="fetched-", dir=place) as target:
        contest.run(who, Path(target))
        return Sample(tuple(contest.run(who, Path(target)) for _ in range(rounds)))


def _ingest(settings: Settings, files: Files, folder: Path) -> None:
    """Put the files into the catalogue, so that the live server knows them."""
    table = folder / "table.csv"
    rows = [f"{path.split('/')[1]},{PREFIX}{path},{path.rpartition('/')[2]},{files.size}" for path in files.paths]
    table.write_text("\n".join(["obs_id,dataURI,productFilename,size", *rows]))
    command = [sys.executable, "-m", "webapp.cli", "ingest", "table", str(table)]
    env = {**os.environ, "SKYBASKET_HOME": str(settings.home)}
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)


def _write(settings: Settings, folder: Path, files: Files, kind: str) -> tuple[float, int]:
    """The job that looks at each file and writes the script: its seconds, and the bytes of the script."""
    place = folder / f"delivery-{kind}"
    place.mkdir()
    entries = [
        Entry(PREFIX + path, path, files.size, "ab" * 32, None, exclusive=False, location=None, wanted=path)
        for path in files.paths
    ]
    write_jsonl(Manifest("skybasket_benchmark", tuple(entries), 1_777_000_000), place / MANIFEST_FILE)
    stores = [list(pair) for pair in store_pairs(settings)]
    start = time.perf_counter()
    prepare_script(str(place), "http://127.0.0.1:8000", stores, kind, {})
    seconds = time.perf_counter() - start
    ended = read_state(place)
    if ended is None or ended.state != READY:
        raise RuntimeError(f"The script was not written: {ended}")
    shutil.rmtree(place)
    return seconds, ended.artefacts[0].bytes
