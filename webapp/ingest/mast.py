"""Brings observations of MAST and their products into the catalogue, a batch of observations at a time.

Each batch goes in by the same merge as a table, as a whole or not at all, and is noted in a journal; what is there
already is not asked for again for a day. A batch that MAST cannot answer, or whose rows are refused, is asked for in
halves, so that in the end one observation is left out, by name, and never all.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from webapp.db import reading
from webapp.ingest.counts import Counts
from webapp.ingest.errors import CatalogueBusy, IngestError, no_progress
from webapp.ingest.mast_criteria import OBS_ID
from webapp.ingest.mast_server import MastError, TooMuch
from webapp.ingest.mast_tables import is_too_much, nonsense, observation_rows, product_table
from webapp.ingest.merge import merge
from webapp.ingest.names import with_operators
from webapp.ingest.rows import Rows
from webapp.models import Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Any

    from sqlalchemy import Engine

    from webapp.ingest.errors import Progress
    from webapp.ingest.mast_criteria import Selection
    from webapp.ingest.mast_journal import Journal
    from webapp.ingest.mast_server import Mast
    from webapp.ingest.mast_tables import Row

FIRST_BATCH = 8  # observations; JWST's may have 3,500 products each, HST's 30
MOST_AT_ONCE = 512
FEW_ROWS, MANY_ROWS = 10_000, 60_000  # of products: the next batch has twice as many observations, or half as many
MOST_LEFT_OUT = 10  # before the first that comes: then it is not these observations
_SOME = 5_000  # values in one IN (...)


@dataclass
class Outcome:
    """What an ingest from MAST did. ``counts`` are of products."""

    observations: int = 0  # brought over now
    known: int = 0  # brought over lately, and not asked for again
    empty: int = 0  # without files
    too_much: int = 0  # of which MAST asks not to list the products
    counts: Counts = field(default_factory=Counts)
    left_out: list[str] = field(default_factory=list)  # a sentence each
    unknown: list[str] = field(default_factory=list)  # obs ids that MAST does not have
    short: int = 0  # fewer than MAST had counted

    @property
    def whole(self) -> bool:
        """Whether everything that was asked for came."""
        return not (self.left_out or self.unknown or self.too_much or self.short)


class Ingest:
    """One run. ``look()`` first, then ``run()``. Raises IngestError; what came before stays."""

    def __init__(
        self,
        engine: Engine,
        mast: Mast,
        journal: Journal,
        *,
        missions: Mapping[str, Any] | None = None,
        progress: Progress = no_progress,
        said: Callable[[str], None],
    ) -> None:
        self._engine, self._mast, self._journal = engine, mast, journal
        self._missions = with_operators(missions or {})
        self._progress, self._said = progress, said
        self._rows: dict[str, Row] = {}
        self.outcome = Outcome()

    def look(self, selection: Selection, expected: int) -> None:
        """Ask which observations there are."""
        odd: dict[str, str] = {}
        for table in self._mast.observations(selection):
            for row in observation_rows(table):
                number = row["obsid"] or ""
                if number and (why := nonsense(row)):
                    odd[number] = f"An observation, as {why}."
                elif number:
                    self._rows.setdefault(number, row)
            self._progress("Listing observations", len(self._rows), max(expected, len(self._rows)))
        self.outcome.left_out += odd.values()
        self.outcome.short = max(0, expected - len(self._rows) - len(odd))
        asked = [str(each) for each in selection.criteria.get(OBS_ID, ()) if not {"*", "%"} & set(str(each))]
        found = {(row["obs_id"] or "").lower() for row in self._rows.values()}
        self.outcome.unknown = [each for each in asked if each.lower() not in found]

    def run(self) -> Outcome:
        """Bring over the products of the observations listed."""
        todo = deque(self._todo())
        done, total, most = 0, len(todo), FIRST_BATCH
        halves: deque[list[str]] = deque()
        while halves or todo:
            batch = halves.popleft() if halves else [todo.popleft() for _ in range(min(most, len(todo)))]
            try:
                rows = self._bring(batch)
            except IngestError as error:
                if isinstance(error, CatalogueBusy | MastError) and not isinstance(error, TooMuch):
                    raise
                if len(batch) > 1:
                    most = max(1, len(batch) // 2)
                    halves.extendleft((batch[most:], batch[:most]))
                    continue
                self._leave_out(batch[0], error)
            else:
                most = _next(most, rows)
            done += len(batch)
            self._progress("Bringing over", done, total)
            self._said(f"{done:,} of {total:,} observations, {self.outcome.counts.new:,} new files.")
        return self.outcome

    def _todo(self) -> Iterable[str]:
        numbers = {number: row for number, row in self._rows.items() if not is_too_much(row)}
        self.outcome.too_much = len(self._rows) - len(numbers)
        lately = [number for number in numbers if number in self._journal.files]
        there = self._in_catalogue(number for number in lately if self._journal.files[number])
        # Who has emptied the database since wants them again.
        self._journal.forget([number for number in lately if self._journal.files[number] and number not in there])
        todo = [number for number in numbers if number not in self._journal.files]
        self.outcome.known = len(numbers) - len(todo)
        return todo

    def _in_catalogue(self, numbers: Iterable[str]) -> Collection[str]:
        wanted = [int(number) for number in numbers if number.isdecimal()]
        found: set[str] = set()
        with reading(self._engine) as session:
            for start in range(0, len(wanted), _SOME):
                known = col(Observation.obsid).in_(wanted[start : start + _SOME])
                query = select(col(Observation.obsid)).where(known, col(Observation.stub).is_(False))
                found.update(str(number) for number in session.execute(query).scalars())
        return found

    def _bring(self, batch: list[str]) -> int:
        """One batch; how many rows of products it had."""
        answer = self._mast.products(batch)
        files: dict[str, int] = dict.fromkeys(batch, 0)
        if len(answer):
            table, files_of = product_table(answer, self._rows)
            rows = Rows(table, self._missions, mission=None, obs_id=None)
            self._add(merge(self._engine, rows, complete=False, progress=no_progress))
            files |= {number: files_of[number] for number in batch if number in files_of}
        self._journal.done(files)
        self.outcome.empty += sum(not each for each in files.values())
        self.outcome.observations += len(batch)
        return len(answer)

    def _add(self, more: Counts) -> None:
        had = self.outcome.counts
        self.outcome.counts = Counts(
            had.new + more.new,
            had.updated + more.updated,
            had.unchanged + more.unchanged,
            had.duplicate_links + more.duplicate_links,
            had.withdrawn + more.withdrawn,
            had.changed or more.changed,
        )

    def _leave_out(self, number: str, error: IngestError) -> None:
        self.outcome.left_out.append(f"{self._rows[number]['obs_id']}: {error}")
        if not self.outcome.observations and len(self.outcome.left_out) >= MOST_LEFT_OUT:
            raise MastError(f"The first {MOST_LEFT_OUT} observations all failed. The last one: {error}")


def _next(most: int, rows: int) -> int:
    """How many observations to ask for at once after so many rows."""
    if rows > MANY_ROWS:
        return max(1, most // 2)
    return min(MOST_AT_ONCE, most * 2) if rows < FEW_ROWS else most
