"""The tables about references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.references.linked import RANDOM, SETS
from tests.benchmarks.references.measure import AGAIN_PAGE, FILES, FILTER, FIRST, FIRST_PAGE, NAMES
from tests.benchmarks.tables import table

if TYPE_CHECKING:
    from tests.benchmarks.references.measure import ReferenceTimes

AGAIN_RATIO = 2
ABOUT = (
    "All {files:,} files of a basket are selected. {links:,} links of {naming:,} of them name {references:,} distinct"
    " references. As archives are: exposures that are combined were calibrated with the same ones. SQL: in the same"
    " SQLite file, without asking the store what is there. Skybasket: by the use case that page and API call, and as"
    " the whole page, as HTML. Asked first: nothing of it is in memory."
)


def sections(times: ReferenceTimes) -> list[str]:
    """The aims first, then the numbers behind them."""
    linked = times.linked[SETS]
    ways = list(times.times)
    return [
        f"## The aims of references, with {linked.links:,} links",
        table(["aim", "reached", ""], _aims(times)),
        "## The references of a selection",
        ABOUT.format(files=times.files, **linked._asdict()),
        table(["", *ways], [[what, *(str(times.times[way][what]) for way in ways)] for what in times.times[SETS]]),
    ]


def _aims(times: ReferenceTimes) -> list[list[str]]:
    def aim(what: str, ours: str, theirs: str, most: float, way: str = SETS) -> list[str]:
        ratio = times.times[way][ours].median / times.times[way][theirs].median
        return [what, f"{ratio:.2f}", "yes" if ratio <= most else "**not reached**"]

    return [
        aim("asked first ≤ SQL's distinct names", FIRST, NAMES, 1),
        aim("asked first ≤ SQL's distinct files", FIRST, FILES, 1),
        aim("the page, asked first ≤ SQL's distinct files", FIRST_PAGE, FILES, 1),
        aim("... where each file names any others", FIRST_PAGE, FILES, 1, RANDOM),
        aim(f"the page, asked again ≤ {AGAIN_RATIO} filter changes", AGAIN_PAGE, FILTER, AGAIN_RATIO),
    ]
