"""The references of all files of a basket: asked first and again, as a page and below it, and as SQL tells them."""

from __future__ import annotations

import gc
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.gunicorn import Gunicorn, add_everything
from tests.benchmarks.load import into_database
from tests.benchmarks.questions import QUESTIONS, WARM_UP
from tests.benchmarks.references.linked import RANDOM, SETS, link
from tests.benchmarks.server import SENT, Visitor
from tests.benchmarks.stopwatch import Sample, timed
from tests.benchmarks.world import make
from webapp import baskets
from webapp.app import create_app
from webapp.context import EXTENSION
from webapp.reference_index import ReferenceIndexes
from webapp.references import of_selected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from tests.benchmarks.gunicorn import Added
    from tests.benchmarks.references.linked import Linked
    from webapp.settings import Settings

FIRST, FIRST_PAGE, AGAIN, AGAIN_PAGE = "asked first", "the page, asked first", "asked again", "the page, asked again"
NAMES, FILES, USERS = "SQL: distinct names", "SQL: distinct files", "SQL: distinct files, and how many name each"
FILTER = "filter change of the same basket"
# The basket's files are all selected, so the rivals need not ask for ticks.
_FROM = """FROM (SELECT DISTINCT o.product_id FROM basket_observation b
    JOIN observation_product o ON o.observation_id = b.observation_id WHERE b.basket_id = ?) m
    JOIN reference_use u ON u.product_id = m.product_id JOIN reference_role r ON r.id = u.role_id"""
_FILE = """JOIN folder f ON f.mission = r.mission AND f.path = 'references'
    JOIN product p ON p.folder_id = f.id AND p.filename = r.name"""
RIVALS = {
    NAMES: f"SELECT DISTINCT r.name {_FROM}",
    FILES: f"SELECT DISTINCT p.uri, p.filename, p.size {_FROM} {_FILE}",
    USERS: f"SELECT p.uri, p.filename, p.size, count(DISTINCT u.product_id) {_FROM} {_FILE} GROUP BY p.id",
}


@dataclass(frozen=True)
class ReferenceTimes:
    """Samples by what was asked, for each way in which files are linked."""

    files: int
    linked: dict[str, Linked]
    times: dict[str, dict[str, Sample]]


def measure(home: Callable[[Path], Settings], folder: Path, files: int, samples: int) -> ReferenceTimes:
    """Everything at one size. ``home`` makes an empty, migrated home of a folder."""
    linked, times = {}, {}
    for number, how in enumerate((SETS, RANDOM)):
        archive = folder / f"archive-{number}"
        settings = replace(home(folder / f"home-{number}"), stores=(("mast:", f"file://{archive}"),))
        database = settings.home / "skybasket.db"
        world = make(files)
        into_database(world, database)
        linked[how] = link(world, database, archive, how)
        del world
        times[how] = _of(settings, database, samples, linked[how].references)
    return ReferenceTimes(files, linked, times)


def _of(settings: Settings, database: Path, samples: int, expected: int) -> dict[str, Sample]:
    with Gunicorn(settings) as web:
        added = add_everything(web, 1)
    app = create_app(settings)
    visitor = _Reader(settings, added, app)
    visitor.select({"set": "matching", "back": "mrp=0"})
    basket_id = added.path.rpartition("/")[2]
    gc.collect()
    gc.freeze()
    with app.app_context():
        services = app.extensions[EXTENSION]
        basket = baskets.opened(services, basket_id)

        def forget() -> None:
            app.extensions[EXTENSION] = replace(services, reference_indexes=ReferenceIndexes())

        def bare(_: int) -> None:
            used = of_selected(app.extensions[EXTENSION], basket).used
            if len(used) != expected or any(each.reference.problem for each in used):
                raise AssertionError(f"There are {len(used)} references; {expected} were expected, none missing.")

        def first(run: Callable[[int], object]) -> float:
            forget()
            return timed(run, [0]).seconds[0]

        turns: dict[str, Callable[[], float]] = {
            FIRST: lambda: first(bare),
            FIRST_PAGE: lambda: first(lambda _: visitor.references()),
            **{name: partial(_rival, database, basket_id, name, expected) for name in RIVALS},
        }
        rounds = [{what: run() for what, run in turns.items()} for _ in range(samples + 1)][1:]
        times = {what: Sample(tuple(each[what] for each in rounds)) for what in turns}
        times[AGAIN] = timed(bare, range(samples))
        times[AGAIN_PAGE] = timed(lambda _: visitor.references(), range(samples))
    for question in WARM_UP:
        visitor.get(question.query)
    times[FILTER] = timed(visitor.get, [question.query for question in QUESTIONS[:samples]])
    return times


def _rival(database: Path, basket_id: str, name: str, expected: int) -> float:
    """With the settings that Skybasket gives its own connections, asked a second time."""
    with closing(sqlite3.connect(database)) as connection:
        for pragma in ("cache_size=-65536", "mmap_size=1073741824"):
            connection.execute(f"PRAGMA {pragma}")

        def ask(_: int) -> None:
            found = connection.execute(RIVALS[name], [basket_id]).fetchall()
            if len(found) != expected:
                raise AssertionError(f"SQL found {len(found)} references; {expected} were expected.")

        return timed(ask, range(2)).seconds[1]


class _Reader(Visitor):
    """Who also looks at the page of references."""

    def __init__(self, settings: Settings, added: Added, app: Flask) -> None:
        super().__init__(settings, added)
        self._client = app.test_client()
        for name, value in added.cookies.items():
            self._client.set_cookie(name, value)

    def references(self) -> None:
        self._good(self._client.get(f"{self.base}/references?mrp=0", headers=SENT))
