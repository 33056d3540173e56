"""The same questions asked as people ask them today: SQL over the product table, astroquery over a table in memory."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import MaskedColumn, Table
from astroquery.mast import Observations

from tests.benchmarks.load import COLUMNS, table_rows
from tests.benchmarks.questions import FACETS, PATTERNS, QUESTIONS, WARM_UP
from tests.benchmarks.stopwatch import Sample, timed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.questions import Question
    from tests.benchmarks.world import World

FROM = "FROM product p JOIN kind k ON k.id = p.kind_id JOIN rights r ON r.id = p.rights_id"
INTEGERS = {"obsID", "size", "parent_obsid", "calib_level"}


class Sql:
    """Counts of each facet and totals by GROUP BY, with the settings that Skybasket gives its own connections."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file)
        for pragma in ("cache_size=-65536", "mmap_size=1073741824"):
            self._database.execute(f"PRAGMA {pragma}")

    def answer(self, question: Question, extra: str = "") -> int:
        """Ask for all that a page shows of a filter change but the rows; how many files match."""
        for facet, value in FACETS.items():
            where = question.where(leave_out=facet) + extra
            self._all(f"SELECT {value}, count(*), sum(p.size) {FROM} WHERE {where} GROUP BY 1")
        totals = f"SELECT count(*), sum(p.size), count(p.size) {FROM} WHERE {question.where()}{extra}"
        return int(self._all(totals)[0][0])

    def _all(self, statement: str) -> list[Any]:
        return self._database.execute(statement).fetchall()

    def close(self) -> None:
        self._database.close()


def sql_times(file: Path, matching: list[int]) -> tuple[Sample, Sample]:
    """Filter changes and name patterns; ``matching`` is how many files each question must find."""
    with closing(Sql(file)) as sql:
        found = [sql.answer(question) for question in WARM_UP]
        found = []
        filters = timed(lambda question: found.append(sql.answer(question)), QUESTIONS[: len(matching)])
        if found != matching:
            raise AssertionError(f"SQL found {found}, the page shows {matching}.")
        names = timed(
            lambda pattern: sql.answer(WARM_UP[0], f" AND p.filename GLOB '{pattern}'"), PATTERNS[: len(matching)]
        )
    return filters, names


def astroquery_times(world: World, matching: list[int]) -> tuple[Sample, Sample]:
    """Filter changes by ``Observations.filter_products``: without extensions, and with (it loops over the names)."""
    table = _table(world)
    for question in WARM_UP:
        Observations.filter_products(table, **question.keywords)
    found: dict[Question, int] = {}

    def ask(question: Question) -> None:
        found[question] = len(Observations.filter_products(table, **question.keywords))

    asked = QUESTIONS[: len(matching)]
    samples = [timed(ask, [q for q in asked if ("extension" in q.keywords) is slow]) for slow in (False, True)]
    if [found[question] for question in asked] != matching:
        raise AssertionError(f"astroquery found {found}, the page shows {matching}.")
    return samples[0], samples[1]


def _table(world: World) -> Table:
    """The rows as ``Observations.get_product_list`` gives them: masked columns of fixed-width text and integers."""
    columns = zip(*table_rows(world), strict=True)
    made = []
    for name, values in zip(COLUMNS, columns, strict=True):
        missing = [value == "" for value in values]
        if name in INTEGERS:
            data: Any = np.array([0 if value == "" else value for value in values], np.int64)
        else:
            data = np.array(values, np.str_)
        made.append(MaskedColumn(data, name=name, mask=missing))
    return Table(made, masked=True)
