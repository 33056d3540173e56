"""The report: what every part has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.bundles.report import sections as of_bundles
from tests.benchmarks.references.report import sections as of_references
from tests.benchmarks.scripts.report import sections as of_scripts
from tests.benchmarks.stopwatch import milliseconds
from tests.benchmarks.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.benchmarks.browser import BrowserTimes
    from tests.benchmarks.bundles.measure import BundleTimes
    from tests.benchmarks.ingest import IngestTimes
    from tests.benchmarks.references.measure import ReferenceTimes
    from tests.benchmarks.scripts.measure import ScriptTimes
    from tests.benchmarks.server import ServerTimes
    from tests.benchmarks.stopwatch import Sample

BASE_SIZE = 10_000
ASTROQUERY_RATIO, GROWTH, ANSWER_BYTES = 20, 5, 150_000
ADD_SECONDS, INGEST_SECONDS, INGEST_BYTES, PAGE_SECONDS = 6, 60, 1.5e9, 0.15
ABOUT = (
    "Written by `make bench`. Times are in milliseconds unless they say otherwise: the median, and in brackets the"
    " lowest and the highest."
)
RIVALS = (
    "SQL: the counts of all facets and the totals, by `GROUP BY` over the product table of the same SQLite file."
    " astroquery: `Observations.filter_products` on a table of the same rows, which gives the rows alone."
    " Skybasket: the whole answer, with the tree, as HTML."
)
FILTER, PATTERN, PAGE = "filter change", "name pattern, first time", "the whole page"


@dataclass(frozen=True)
class Size:
    """All results of one size."""

    files: int
    folders: int
    kinds: int
    server: ServerTimes
    added: Sample
    first_page: Sample
    memory: tuple[float, float]  # megabytes: of the process, of mapped files
    sql_filter: Sample
    sql_name: Sample
    astroquery: Sample
    astroquery_extensions: Sample
    browser: BrowserTimes
    ingest: IngestTimes


def report(
    sizes: Sequence[Size],
    *,
    references: ReferenceTimes | None,
    bundles: BundleTimes | None,
    scripts: ScriptTimes | None,
    machine: Iterable[str],
    loads: tuple[float, float],
) -> str:
    """All tables of what was measured."""
    parts = [
        "# Benchmarks",
        ABOUT,
        "\n".join(f"- {line}" for line in machine),
        f"Processes that wanted a processor: {loads[0]:.1f} in the minute before, {loads[1]:.1f} in the last one.",
        *(_of_sizes(sizes) if sizes else []),
        *(of_references(references) if references is not None else []),
        *(of_bundles(bundles) if bundles is not None else []),
        *(of_scripts(scripts) if scripts is not None else []),
    ]
    return "\n\n".join(parts) + "\n"


def _of_sizes(sizes: Sequence[Size]) -> list[str]:
    heads = ["", *(f"{size.files:,}" for size in sizes)]
    return [
        f"## The aims, with {sizes[-1].files:,} files (they are meant for 1,000,000)",
        table(["aim", "reached", ""], _aims(sizes)),
        "## The server",
        "One answer through WSGI, from the request to the compressed bytes. The columns are numbers of files.",
        table(heads, _server(sizes)),
        "## The same question, asked otherwise",
        RIVALS,
        table(heads, _rivals(sizes)),
        "## In the browser",
        "From the click to the new view painted, in Chromium.",
        table(heads, _browser(sizes)),
        "## Baskets",
        table(heads, _baskets(sizes)),
        "## Ingest of a product table (CSV)",
        table(heads, _ingest(sizes)),
    ]


def _aims(sizes: Sequence[Size]) -> list[list[str]]:
    last, base = sizes[-1], next((each for each in sizes if each.files == BASE_SIZE), sizes[0])
    ours, page = last.server.times[FILTER].median, last.server.times[PAGE].median
    faster, growth = last.astroquery.median / ours, ours / base.server.times[FILTER].median
    answer, added, ingest = last.server.largest, last.added.median, last.ingest
    aims = [
        (
            f"filter change ≥ {ASTROQUERY_RATIO} times faster than astroquery",
            faster >= ASTROQUERY_RATIO,
            f"{faster:.1f}",
        ),
        (f"filter change ≤ {GROWTH} times its time at {base.files:,}", growth <= GROWTH, f"{growth:.1f}"),
        (f"largest answer ≤ {ANSWER_BYTES // 1000} kB of HTML", answer <= ANSWER_BYTES, f"{answer / 1000:.0f} kB"),
        (f"adding all files to a basket ≤ {ADD_SECONDS} s", added <= ADD_SECONDS, f"{added:.1f} s"),
        (f"ingest of as many rows ≤ {INGEST_SECONDS} s", ingest.seconds <= INGEST_SECONDS, f"{ingest.seconds:.0f} s"),
        ("ingest ≤ 1.5 GB of memory", ingest.peak_bytes <= INGEST_BYTES, f"{ingest.peak_bytes / 1e9:.2f} GB"),
        ("page with everything cached ≤ 150 ms", page <= PAGE_SECONDS, f"{milliseconds(page)} ms"),
    ]
    return [[text, value, "yes" if reached else "**not reached**"] for text, reached, value in aims]


def _server(sizes: Sequence[Size]) -> list[list[str]]:
    return [
        *([name, *(str(size.server.times[name]) for size in sizes)] for name in sizes[0].server.times),
        ["largest answer to a filter change, kB", *(f"{size.server.largest / 1000:.0f}" for size in sizes)],
        ["the same, compressed, kB", *(f"{size.server.largest_sent / 1000:.0f}" for size in sizes)],
        ["folders, kinds", *(f"{size.folders:,}, {size.kinds}" for size in sizes)],
    ]


def _rivals(sizes: Sequence[Size]) -> list[list[str]]:
    filters, names = ([size.server.times[name] for size in sizes] for name in (FILTER, PATTERN))
    sql, astroquery, sql_names = (
        [getattr(size, name) for size in sizes] for name in ("sql_filter", "astroquery", "sql_name")
    )
    return [
        ["filter change, Skybasket", *map(str, filters)],
        ["filter change, SQL", *map(str, sql)],
        ["filter change, astroquery", *map(str, astroquery)],
        ["... when extensions are asked for", *(str(size.astroquery_extensions) for size in sizes)],
        ["SQL : Skybasket", *_ratios(sql, filters)],
        ["astroquery : Skybasket", *_ratios(astroquery, filters)],
        ["name pattern (first time), Skybasket", *map(str, names)],
        ["name pattern, SQL", *map(str, sql_names)],
        ["SQL : Skybasket", *_ratios(sql_names, names)],
    ]


def _ratios(theirs: Iterable[Sample], ours: Iterable[Sample]) -> Iterator[str]:
    return (f"{their.median / our.median:.1f}" for their, our in zip(theirs, ours, strict=True))


def _browser(sizes: Sequence[Size]) -> list[list[str]]:
    return [
        ["filter change", *(str(size.browser.filter_change) for size in sizes)],
        ["ticking a folder", *(str(size.browser.tick) for size in sizes)],
    ]


def _baskets(sizes: Sequence[Size]) -> list[list[str]]:
    return [
        ["adding all files, until the page is there", *(str(size.added) for size in sizes)],
        ["first page of a fresh process, inventory in the spool", *(str(size.first_page) for size in sizes)],
        ["memory of the web process, MB", *(f"{size.memory[0]:.0f}" for size in sizes)],
        ["... and of mapped files, MB", *(f"{size.memory[1]:.0f}" for size in sizes)],
    ]


def _ingest(sizes: Sequence[Size]) -> list[list[str]]:
    found = [size.ingest for size in sizes]
    return [
        ["file, MB", *(f"{each.megabytes:.1f}" for each in found)],
        ["time, s", *(f"{each.seconds:.1f}" for each in found)],
        ["rows a second", *(f"{each.rows / each.seconds:,.0f}" for each in found)],
        ["memory at most, MB", *(f"{each.peak_bytes / 1e6:.0f}" for each in found)],
        ["longest wait of another write", *(milliseconds(each.longest_wait) for each in found)],
    ]
