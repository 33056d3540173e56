"""However a set of facts is cut into rows and tables, and in whatever order they come, the catalogue is the same."""

from __future__ import annotations

import itertools
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.tables import everything, row, write
from webapp.db import engine_for
from webapp.ingest import ingest_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from webapp.ingest import Counts

    Fresh = Callable[[], AbstractContextManager[Engine]]

FILES = 6
NUMBERS = [101, 102, 103]  # of observations; each has two files


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    """A row about one of a few files: true, but it may leave out the observation's number, or name a parent."""
    number = draw(st.integers(0, FILES - 1))
    observation = number // 2
    return row(
        f"jw02733002001_02103_{observation:05d}_mirimage_{'cal' if number % 2 else 'rate'}.fits",
        obsID=draw(st.sampled_from(["", NUMBERS[observation]])),
        parent_obsid=draw(st.sampled_from(["", 0, *NUMBERS, 999])),
        size=1000 + number,
        target_name=f"target {observation}",
    )


@pytest.fixture(scope="module")
def fresh(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Makes empty catalogues."""
    folder = tmp_path_factory.mktemp("order")
    numbers = itertools.count()

    @contextmanager
    def make() -> Iterator[Engine]:
        file = folder / f"{next(numbers)}.db"
        shutil.copyfile(sqlite_template, file)
        engine = engine_for(f"sqlite:///{file}")
        yield engine
        engine.dispose()

    return make


def ingest(engine: Engine, rows: Sequence[dict[str, Any]]) -> Counts:
    """Ingest rows as one table."""
    return ingest_table(engine, write(Path(f"{engine.url.database}.csv"), rows))


def catalogue(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """The content; how many steps it took does not count."""
    return everything(engine) | {"version": []}


@settings(max_examples=25)
@given(rows=st.lists(facts(), min_size=1, max_size=12))
def test_the_same_table_again_changes_nothing(fresh: Fresh, rows: list[dict[str, Any]]) -> None:
    with fresh() as engine:
        first = ingest(engine, rows)
        before = everything(engine)
        second = ingest(engine, rows)
        assert everything(engine) == before
    different = len({each["dataURI"] for each in rows})
    assert (first.new, first.duplicate_links) == (different, len(rows) - different)
    assert (second.unchanged, second.changed) == (different, False)


@settings(max_examples=25)
@given(rows=st.lists(facts(), min_size=2, max_size=12), data=st.data())
def test_the_order_of_rows_does_not_matter(fresh: Fresh, rows: list[dict[str, Any]], data: st.DataObject) -> None:
    with fresh() as one, fresh() as other:
        ingest(one, rows)
        ingest(other, data.draw(st.permutations(rows)))
        assert catalogue(one) == catalogue(other)


@settings(max_examples=25)
@given(rows=st.lists(facts(), min_size=2, max_size=12), data=st.data())
def test_rows_may_come_in_several_tables_in_any_order(
    fresh: Fresh, rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(1, len(rows) - 1))
    with fresh() as one, fresh() as other:
        ingest(one, rows)
        ingest(other, mixed[:cut])
        ingest(other, mixed[cut:])
        assert catalogue(one) == catalogue(other)
