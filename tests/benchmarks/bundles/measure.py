"""All of it at one scale."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.bundles import crowd, laid, race
from tests.benchmarks.bundles.fetching import first_byte
from tests.benchmarks.bundles.holdings import FORMATS, Holdings
from tests.benchmarks.gunicorn import Gunicorn
from tests.benchmarks.load import into_database
from tests.benchmarks.stopwatch import Sample
from tests.benchmarks.world import make

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.bundles.crowd import Crowd
    from tests.benchmarks.bundles.race import Race
    from webapp.settings import Settings

MEGABYTE = 1_000_000


class Scale(NamedTuple):
    """How much. The catalogue's files are in the basket whose page is looked at while slow readers are there."""

    large: tuple[int, int]  # files, bytes of each
    small: tuple[int, int]
    fewer: int  # of the small files
    sparse: tuple[int, int]
    catalogue: int
    readers: int
    reading: float  # seconds
    rounds: int
    cold: int  # fresh processes
    warm: int  # times


FULL = Scale((100, 20_000_000), (100_000, 10_000), 20_000, (50, 1_000_000_000), 1_000, 200, 20, 5, 5, 3)
LITTLE = Scale((3, 2_000_000), (200, 10_000), 40, (3, 1_000_000_000), 1_000, 5, 2, 1, 1, 2)


class FirstByte(NamedTuple):
    """Seconds until the first byte, in a process that did not have this bundle before, and in one that had."""

    cold: Sample
    warm: Sample


@dataclass(frozen=True)
class BundleTimes:
    """All results."""

    races: tuple[Race, Race]  # large files, small files
    first: dict[tuple[int, str], FirstByte]  # by files and format
    resumed: dict[str, FirstByte]  # by format
    fresh: Sample  # the first byte that a process sends at all, of one of the large files' bundles
    resumed_bytes: int  # of the bundle's files
    crowd: Crowd
    layout: dict[str, float]  # megabytes, by format
    layout_files: int
    basket_files: int


def measure(settings: Settings, folder: Path, scale: Scale) -> BundleTimes:
    """Everything, with the empty, migrated database of these settings, in a folder that may grow to 9 GB."""
    into_database(make(scale.catalogue), settings.home / "skybasket.db")
    holdings = Holdings(settings, folder / "archive")
    large = holdings.write("large", *scale.large)
    of_large = {form: holdings.prepare(large, form) for form in FORMATS}
    races = [race.run(settings, large, of_large, folder / "nginx-large", scale.rounds)]
    shutil.rmtree(folder / "nginx-large")
    small = holdings.write("small", *scale.small)
    of_small = {form: holdings.prepare(small, form) for form in FORMATS}
    races.append(race.run(settings, small, of_small, folder / "nginx-small", scale.rounds))
    shutil.rmtree(folder / "nginx-small")
    sparse = holdings.sparse("sparse", *scale.sparse)
    of_fewer = {form: holdings.prepare(small, form, scale.fewer) for form in FORMATS}
    of_sparse = {form: holdings.prepare(sparse, form) for form in FORMATS}
    asked = [(path, 0) for paths in (of_fewer, of_small) for path in paths.values()]
    asked += [(path, MEGABYTE) for path in of_sparse.values()]
    fresh, first = _first(settings, asked, of_large["zip"], scale)
    places = {form: settings.spool / path.removeprefix("/") for form, path in of_small.items()}
    return BundleTimes(
        races=(races[0], races[1]),
        first={
            (files, form): first[paths[form]]
            for files, paths in ((scale.fewer, of_fewer), (scale.small[0], of_small))
            for form in FORMATS
        },
        resumed={form: first[of_sparse[form]] for form in FORMATS},
        fresh=fresh,
        resumed_bytes=sparse.bytes,
        crowd=crowd.measure(settings, of_large["zip"], scale.readers, scale.reading),
        layout={form: laid.megabytes(place.parent, place.name) for form, place in places.items()},
        layout_files=scale.small[0],
        basket_files=scale.catalogue,
    )


def _first(
    settings: Settings, asked: list[tuple[str, int]], other: str, scale: Scale
) -> tuple[Sample, dict[str, FirstByte]]:
    """``asked``: paths of bundles, and how many of their last bytes (0: all). ``other`` is the first of all."""
    fresh: list[float] = []
    cold: dict[str, list[float]] = {path: [] for path, _ in asked}
    warm: dict[str, list[float]] = {path: [] for path, _ in asked}
    for _ in range(scale.cold):
        with Gunicorn(settings) as server:
            fresh.append(first_byte(f"{server.url}{other}"))
            for path, last in asked:
                cold[path].append(first_byte(f"{server.url}{path}", last))
            for path, last in asked * scale.warm:
                warm[path].append(first_byte(f"{server.url}{path}", last))
    return Sample(tuple(fresh)), {
        path: FirstByte(Sample(tuple(cold[path])), Sample(tuple(warm[path]))) for path, _ in asked
    }
