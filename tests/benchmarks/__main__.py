"""Measures, prints the tables and, after a full run, writes docs/benchmarks.md.

The full run takes about twenty minutes, and 9 GB of the temporary folder. ``--quick`` (1,000 and 10,000 files,
small bundles), ``--size N`` and ``--only PART`` print only.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import click

from tests.benchmarks import browser, ingest, machine, rivals, server
from tests.benchmarks.bundles import measure as bundles
from tests.benchmarks.gunicorn import Gunicorn, add_everything, first_page
from tests.benchmarks.load import into_csv, into_database
from tests.benchmarks.references import measure as references
from tests.benchmarks.report import Size, report
from tests.benchmarks.scripts import measure as scripts
from tests.benchmarks.world import make
from webapp.db import engine_for
from webapp.migrate import upgrade
from webapp.settings import Settings, load

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUICK = (1_000, 10_000)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


class Effort(NamedTuple):
    """How often things are measured: each line's answers, and what takes long."""

    samples: int
    repeats: int


FULL, LITTLE = Effort(12, 3), Effort(2, 1)
LINKED, LINKED_QUICK = (100_000, 9), (10_000, 2)  # files and samples of the part about references


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Only 1,000 and 10,000 files.")
@click.option("--size", "sizes", type=int, multiple=True, help="Only this many files; can be repeated.")
@click.option("--only", type=click.Choice(["selector", "references", "bundles", "scripts"]), help="Only this part.")
def main(*, quick: bool, sizes: tuple[int, ...], only: str | None) -> None:
    chosen = () if only not in {None, "selector"} else sizes or (QUICK if quick else SIZES)
    before = machine.load()
    results, of_references, of_bundles, of_scripts = [], None, None, None
    for files in chosen:
        click.echo(f"Measuring {files:,} files ...", err=True)
        with tempfile.TemporaryDirectory(prefix="skybasket-bench-") as folder:
            results.append(measure(files, Path(folder), LITTLE if quick else FULL))
    if only in {None, "references"}:
        click.echo("Measuring references ...", err=True)
        with tempfile.TemporaryDirectory(prefix="skybasket-bench-") as folder:
            of_references = references.measure(_home, Path(folder), *(LINKED_QUICK if quick else LINKED))
    if only in {None, "bundles"}:
        click.echo("Measuring bundles ...", err=True)
        with tempfile.TemporaryDirectory(prefix="skybasket-bench-") as folder:
            settings = _home(Path(folder) / "home")
            of_bundles = bundles.measure(settings, Path(folder), bundles.LITTLE if quick else bundles.FULL)
    if only in {None, "scripts"}:
        click.echo("Measuring scripts ...", err=True)
        with tempfile.TemporaryDirectory(prefix="skybasket-bench-") as folder:
            settings = _home(Path(folder) / "home")
            of_scripts = scripts.measure(settings, Path(folder), scripts.LITTLE if quick else scripts.FULL)
    text = report(
        results,
        references=of_references,
        bundles=of_bundles,
        scripts=of_scripts,
        machine=machine.description(),
        loads=(before, machine.load()),
    )
    click.echo(text)
    if chosen == SIZES and only is None and not quick:
        PAGE.write_text(text, "utf-8")


def measure(files: int, folder: Path, effort: Effort) -> Size:
    """All results of one size, in a folder of its own."""
    settings, empty = _home(folder / "home"), _home(folder / "ingest")
    database, table = settings.home / "skybasket.db", folder / "products.csv"
    world = make(files)
    into_database(world, database)
    into_csv(world, table)
    folders, kinds = len(world.folders), len(world.kinds)
    del world  # a million names would slow down the garbage collector of what is measured in this process
    gc.collect()
    ingested = ingest.measure(empty, table, files)
    shutil.rmtree(empty.home)
    with Gunicorn(settings) as web:
        added = add_everything(web, effort.repeats)
        clicks = browser.measure(web, added, effort.samples)
        memory = web.megabytes()
    fresh = first_page(settings, added, effort.repeats)
    times = server.measure(settings, added, effort.samples)
    sql_filter, sql_name = rivals.sql_times(database, times.matching)
    astroquery, astroquery_extensions = rivals.astroquery_times(make(files), times.matching)
    return Size(
        files=files,
        folders=folders,
        kinds=kinds,
        server=times,
        added=added.sample,
        first_page=fresh,
        memory=memory,
        sql_filter=sql_filter,
        sql_name=sql_name,
        astroquery=astroquery,
        astroquery_extensions=astroquery_extensions,
        browser=clicks,
        ingest=ingested,
    )


def _home(folder: Path) -> Settings:
    settings = load({"SKYBASKET_HOME": str(folder)}, folder=folder)
    engine = engine_for(settings.database_url)
    upgrade(engine)
    engine.dispose()
    return settings


if __name__ == "__main__":
    main()
