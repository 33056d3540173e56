"""The tables about bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.bundles.race import NGINX, OURS, PIPED, SERVED
from tests.benchmarks.stopwatch import Sample, milliseconds
from tests.benchmarks.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.bundles.measure import BundleTimes
    from tests.benchmarks.bundles.race import Race

LARGE, SMALL, OTHERS = 0.95, 0.4, 4  # times as fast as nginx, nginx, and what else makes zips
FIRST = (0.05, 0.2)  # seconds, for 20,000 and 100,000 files
RESUMED, PAGE, MEMORY, LAYOUT = 0.3, 0.02, 250, 100
ABOUT_RACE = (
    "Megabytes of files a second, headers not counted, fetched by curl over loopback from files that the system has in"
    " its cache: the median of {rounds} rounds in turn, and in brackets the lowest and the highest. nginx sends the"
    " same bytes from one file that was made before, by sendfile. What makes archives on the way stands behind the same"
    " gunicorn with the same settings; into a pipe, nobody has to send it."
)
ABOUT_FIRST = (
    "Until the first byte of a ready bundle, from connecting on. Cold: its process never had this bundle before."
    " Warm: it did. The very first request to a new process takes {fresh} ms."
)
ABOUT_CROWD = (
    "One worker process; each reads the zip of large files at 500 kB a second. The page is that of a basket of"
    " {files:,} files."
)


class Aim(NamedTuple):
    what: str
    reached: bool
    value: str


def sections(times: BundleTimes) -> list[str]:
    """The aims first, then the numbers behind them."""
    rounds = len(times.races[0].rates[OURS["zip"]])
    heads = ["", *(f"{race.files:,} of {race.bytes // race.files / 1e6:g} MB" for race in times.races)]
    return [
        "## The aims of bundles",
        table(["aim", "reached", ""], [_row(aim) for aim in _aims(times)]),
        "## Bundles as they are sent",
        ABOUT_RACE.format(rounds=rounds),
        table(heads, _speeds(times)),
        "## The first byte of a bundle",
        ABOUT_FIRST.format(fresh=times.fresh),
        table(["", "cold", "warm"], _first(times)),
        f"## {times.crowd.readers} slow readers",
        ABOUT_CROWD.format(files=times.basket_files),
        table(["", "alone", "among readers"], _crowd(times)),
    ]


def _row(aim: Aim) -> list[str]:
    return [aim.what, aim.value, "yes" if aim.reached else "**not reached**"]


def _aims(times: BundleTimes) -> Iterator[Aim]:
    large, small = times.races
    for form, ours in OURS.items():
        yield _times(f"{form} of large files ≥ {LARGE} of nginx", large.ratio(ours, NGINX[form]), LARGE)
    for form, ours in OURS.items():
        yield _times(f"{form} of small files ≥ {SMALL} of nginx", small.ratio(ours, NGINX[form]), SMALL)
    for other in ("zipstream-ng", "stream-zip"):
        ratio = small.ratio(OURS["zip"], SERVED[other])
        yield _times(f"zip of small files ≥ {OTHERS} times {other}", ratio, OTHERS)
    for race, name in zip(times.races, ("large", "small"), strict=True):
        slowest, fastest = min(OURS.values(), key=race.median), max(SERVED.values(), key=race.median)
        yield _times(f"both of {name} files > all others ({fastest})", race.ratio(slowest, fastest), 1)
    for (files, form), limit in zip(sorted(times.first), [each for each in FIRST for _ in OURS], strict=True):
        taken = times.first[files, form].cold.median
        yield _within(f"first byte of a {form} of {files:,} files, cold", taken, limit)
    for form, found in times.resumed.items():
        text = f"last megabyte of a {form} of {times.resumed_bytes / 1e9:.0f} GB, cold"
        yield _within(text, found.cold.median, RESUMED)
    crowd = times.crowd
    yield _within(f"95 of 100 pages among {crowd.readers} slow readers", crowd.among.percentile(95), PAGE)
    yield Aim(f"memory of the worker among them ≤ {MEMORY} MB", crowd.megabytes[1] <= MEMORY, _mb(crowd.megabytes[1]))
    for form, most in times.layout.items():
        yield Aim(f"{form} of {times.layout_files:,} files laid out in < {LAYOUT} MB", most < LAYOUT, _mb(most))


def _times(what: str, ratio: float, least: float) -> Aim:
    return Aim(what, ratio >= least, f"{ratio:.2f}")


def _within(what: str, seconds: float, most: float) -> Aim:
    return Aim(f"{what} ≤ {milliseconds(most).removesuffix('.0')} ms", seconds <= most, f"{milliseconds(seconds)} ms")


def _mb(value: float) -> str:
    return f"{value:.0f} MB"


def _speeds(times: BundleTimes) -> Iterator[list[str]]:
    for runner in (*OURS.values(), *NGINX.values(), *SERVED.values(), *PIPED.values()):
        yield [runner, *(_spread(race, runner) for race in times.races)]
    for form, ours in OURS.items():
        for other in (NGINX[form], *SERVED.values(), PIPED[form]):
            yield [f"{ours} : {other}", *(f"{race.ratio(ours, other):.2f}" for race in times.races)]


def _spread(race: Race, runner: str) -> str:
    rates = race.rates[runner]
    return f"{race.median(runner):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"


def _first(times: BundleTimes) -> Iterator[list[str]]:
    for (files, form), found in sorted(times.first.items()):
        yield [f"{form} of {files:,} files", *map(str, found)]
    for form, found in times.resumed.items():
        yield [f"last megabyte of a {form} of {times.resumed_bytes / 1e9:.0f} GB", *map(str, found)]


def _crowd(times: BundleTimes) -> list[list[str]]:
    crowd = times.crowd
    return [
        ["page", str(crowd.alone), str(crowd.among)],
        ["page, 95 of 100 within", *(_percentile(each) for each in (crowd.alone, crowd.among))],
        ["sign of life", str(crowd.small_alone), str(crowd.small_among)],
        ["sign of life, 95 of 100 within", *(_percentile(each) for each in (crowd.small_alone, crowd.small_among))],
        ["memory of the worker at most, MB", *(f"{each:.0f}" for each in crowd.megabytes)],
        ["readers who got something", "", f"{crowd.served} of {crowd.readers}"],
        ["kB a second of the median reader", "", f"{crowd.rate / 1000:.0f}"],
    ]


def _percentile(sample: Sample) -> str:
    return milliseconds(sample.percentile(95))
