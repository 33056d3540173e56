"""Links to calibration references from a table: product, reference, keyword, context.

Tables are what product tables can be, by the same readers. A reference that has a data URI becomes a product, if it is
none yet, merged together with the links; one that is only named (``crds://name``, ``jref$name``) is looked for by that
name. Refuses with IngestError, naming file, row and column, having changed nothing: products that the catalogue does
not have, unless they are to be left out, and what is neither a data URI nor a file name.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import select
from sqlmodel import col

from webapp.db import reading
from webapp.ingest import reference_cells
from webapp.ingest.errors import CellError, no_progress
from webapp.ingest.interning import Memo
from webapp.ingest.merge import merge
from webapp.ingest.names import with_operators
from webapp.ingest.product_table import Batch, Reference, Table, Use, read
from webapp.ingest.rows import Rows
from webapp.models import Kind, Product
from webapp.queries.references import Role, held
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from webapp.ingest.counts import Counts
    from webapp.ingest.errors import Progress

V = TypeVar("V")
W = TypeVar("W")

_ABOUT = ("size", "sha256", "description")


@dataclass(frozen=True)
class Linked:
    """What a table of links did. ``references`` are all that it names, ``missing`` those that the archive lacks.

    ``unknown`` are the data URIs of products that were left out.
    """

    counts: Counts
    references: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        """One plain line."""
        uses = self.counts.uses
        return (
            f"products: {uses.products:,}; {uses}; references: {self.references:,}"
            f" ({self.counts.new:,} new, {self.counts.updated:,} updated, {len(self.missing):,} missing)"
        )


def ingest_references(
    engine: Engine,
    path: str | Path,
    *,
    skip_unknown: bool = False,
    missions: Mapping[str, Any] | None = None,
    progress: Progress = no_progress,
) -> Linked:
    """Bring links into the catalogue: a product that the table names has its references and no others.

    ``skip_unknown`` leaves out rows of products that the catalogue does not have. ``missions`` is
    ``settings.missions``. Doing it again changes nothing. Raises IngestError, one sentence, having changed nothing.
    """
    links = _Links(engine, read(path, progress, reference_cells.fields_of), skip_unknown=skip_unknown)
    rows = Rows(links.as_products(), with_operators(missions or {}), mission=None, obs_id=None)
    counts = merge(engine, rows, complete=False, progress=progress)
    roles = [Role(number, *claim) for number, claim in enumerate(rows.roles.made)]
    with reading(engine) as session:
        files = held(session, roles)
    there = {role.uri or role.name for role in roles if role.id in files and not files[role.id].withdrawn}
    names = dict.fromkeys(role.uri or role.name for role in roles)
    return Linked(counts, len(names), tuple(name for name in names if name not in there), tuple(links.unknown))


class _Known(NamedTuple):
    """A product of the catalogue."""

    id: int
    mission: str
    category: str
    withdrawn_at: int | None


class _Links:
    """The rows of a table of links, as a table of the products that are their references."""

    def __init__(self, engine: Engine, table: Table, *, skip_unknown: bool) -> None:
        self.unknown: dict[str, None] = {}
        self._engine = engine
        self._table = table
        self._skip_unknown = skip_unknown
        self._read: Memo[Reference | None] = Memo(reference_cells.reference)
        self._said: set[tuple[str | None, ...]] = set()  # about references, so far
        self._rows: list[int] = []  # where that was

    def as_products(self) -> Table:
        """What the rows say about references with a data URI, each time that it is something new."""
        names = {"uri": "reference", "mission": "reference"} | {name: name for name in _ABOUT}
        return Table(
            self._table.file,
            {field: self._table.names.get(name, name) for field, name in names.items()},
            map(self._batch, self._table.batches),
            lambda row: self._table.where(self._rows[row - 1]),
            more_pages=False,
        )

    def _batch(self, batch: Batch) -> Batch:
        cells: defaultdict[str, Sequence[str | None]] = defaultdict(lambda: [None] * batch.rows, batch.cells)
        uris = list(self._each(batch, cells["product"], reference_cells.product))
        users = self._find(uris)
        uses, said = [], []
        links = zip(uris, *(cells[name] for name in ("reference", "keyword", "context", *_ABOUT)), strict=True)
        for at, use in enumerate(self._each(batch, links, lambda link: self._use(users.get(link[0]), *link[:4]))):
            if use is None:
                self.unknown[uris[at]] = None
                continue
            uses.append(use)
            if use.reference and use.reference.uri:
                about = (use.reference.uri, *(cells[name][at] for name in _ABOUT))
                if about not in self._said:
                    self._said.add(about)
                    said.append((batch.first_row + at, use.mission, about))
        return self._products(said, uses)

    def _each(self, batch: Batch, values: Iterable[V], read_one: Callable[[V], W]) -> Iterator[W]:
        """What is read of the values, row by row. Raises IngestError that says the row."""
        for row, value in enumerate(values, batch.first_row):
            try:
                yield read_one(value)
            except CellError as error:
                raise self._table.refusal(row, error) from error

    def _use(
        self, user: _Known | None, uri: str, named: str | None, keyword: str | None, context: str | None
    ) -> Use | None:
        if user is not None:
            return Use(user.id, user.mission, self._read[user.mission, named, keyword, context])
        if self._skip_unknown:
            return None
        raise CellError(
            "product",
            uri,
            f"has {uri}, which the catalogue does not have; ingest the products first, or leave such rows out with"
            " --skip-unknown",
        )

    def _products(self, said: list[tuple[int, str, tuple[str | None, ...]]], uses: list[Use]) -> Batch:
        """Of references that are products already only what they are made of is taken; who withdrew one knows why."""
        first = len(self._rows) + 1
        known = self._find([about[0] or "" for _, _, about in said])
        cells: dict[str, list[str | None]] = {name: [] for name in ("uri", *_ABOUT, "mission", "category")}
        for row, mission, about in said:
            uri = about[0] or ""
            there = known.get(uri)
            if there is not None and (there.withdrawn_at is not None or not any(about[1:])):
                continue
            in_uri, slash, _ = uri.removeprefix("mast:").partition("/")
            new = (in_uri if slash and uri.startswith("mast:") else mission, "CALIBRATION")
            owner, category = new if there is None else (there.mission, there.category)
            for name, value in zip(cells, (*about, owner, category), strict=True):
                cells[name].append(value)
            self._rows.append(row)
        return Batch(first, len(cells["uri"]), cells, uses=uses)

    def _find(self, uris: Iterable[str]) -> dict[str, _Known]:
        """Those that the catalogue has: no product is ever deleted, so they are there when the links are written."""
        wanted = list(dict.fromkeys(uris))
        known = (Product.uri, Product.id, Product.mission, Kind.category, Product.withdrawn_at)
        query = select(*map(col, known)).join(Kind, col(Kind.id) == col(Product.kind_id))
        with reading(self._engine) as session:
            rows = session.execute(query.where(one_of(session, col(Product.uri), wanted))) if wanted else ()
            return {row[0]: _Known(*row[1:]) for row in rows}
