"""The tables about scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.scripts.contestants import ALL, EACH, ONE, OURS
from tests.benchmarks.scripts.measure import LARGE, LINE, SMALL_IN_MEMORY, SMALL_LIVE, SMALL_ON_DISK
from tests.benchmarks.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.scripts.measure import ScriptTimes
    from tests.benchmarks.stopwatch import Sample

TIMES = ((SMALL_IN_MEMORY, EACH, 20), (SMALL_ON_DISK, EACH, 12), (LARGE, ONE, 0.6), (LINE, ONE, 0.95))
AGAIN, WRITTEN, WRITTEN_BYTES = 1.0, 3.0, 25_000_000  # s for 1,000 files, s, bytes
ABOUT = (
    "Seconds until all files are there, from the start of the program: the median of {rounds} rounds in turn, and in"
    " brackets the lowest and the highest. Skybasket's scripts verify size and SHA-256 and write a receipt, aria2"
    " verifies SHA-256, the others verify nothing. From nginx over loopback unless it says otherwise."
)


def sections(times: ScriptTimes) -> list[str]:
    """The aims first, then the numbers behind them."""
    heads = _heads(times)
    rows = [[who, *(_seconds(times.races[race].get(who)) for race in heads)] for who in ALL]
    rounds = len(next(iter(times.races[LARGE].values())).seconds)
    return [
        "## The aims of scripts",
        table(["aim", "reached", ""], list(_aims(times))),
        "## Fetching by scripts",
        ABOUT.format(rounds=rounds),
        table(["", *heads.values()], rows),
    ]


def _heads(times: ScriptTimes) -> dict[str, str]:
    scale = times.scale
    small, large, by_line = (
        f"{files:,} of {size / 1e6:g} MB" for files, size in (scale.small, scale.large, scale.by_line)
    )
    return {
        SMALL_IN_MEMORY: f"{small}, into memory",
        SMALL_ON_DISK: f"{small}, onto the disk",
        SMALL_LIVE: f"{small}, from Skybasket's own server",
        LARGE: f"{large}, into memory",
        LINE: f"{by_line}, by a line of 1 Gbit/s",
    }


def _aims(times: ScriptTimes) -> Iterator[list[str]]:
    heads = _heads(times)
    for race, rival, least in TIMES:
        for who in OURS:
            ratio = times.races[race][rival].median / times.races[race][who].median
            yield _row(f"{who}: {heads[race]} ≥ {least} times {rival}", f"{ratio:.2f}", reached=ratio >= least)
    for who in OURS:
        taken = times.again[who].median / times.scale.small[0] * 1000
        yield _row(f"{who}: 1,000 files that are there ≤ {AGAIN:g} s", f"{taken:.2f} s", reached=taken <= AGAIN)
    for kind, (seconds, size) in times.writing.items():
        what = f"{kind} of {times.scale.many:,} files"
        yield _row(f"{what} made in ≤ {WRITTEN:g} s", f"{seconds:.1f} s", reached=seconds <= WRITTEN)
        yield _row(f"{what} ≤ 25 MB", f"{size / 1e6:.1f} MB", reached=size <= WRITTEN_BYTES)


def _row(what: str, value: str, *, reached: bool) -> list[str]:
    return [what, value, "yes" if reached else "**not reached**"]


def _seconds(sample: Sample | None) -> str:
    if sample is None:
        return ""
    low, high = min(sample.seconds), max(sample.seconds)
    return f"{sample.median:.2f} ({low:.2f} to {high:.2f})"
