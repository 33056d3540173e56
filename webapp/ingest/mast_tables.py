"""MAST's answers as a product table that the ingest reads: products, and the observations that were asked for.

An observation's row gives what its products' rows lack: the release date of what is exclusive, the programme, the
observation's name where only its members have products. Sizes that contradict each other are unknown: the store's is
the true one. An address of its own (``https://...`` in place of a data URI) is also where the bytes are. Numbers that
another Skybasket makes up for observations without one are of no use here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from jobs.storage import REMOTE_SCHEMES
from webapp.ingest.addresses import url
from webapp.ingest.astropy_table import AstropyTable
from webapp.ingest.columns import MISSING, fields_of
from webapp.ingest.errors import CellError, IngestError, shown
from webapp.ingest.product_table import Batch, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OBSERVATION = (
    *("obsid", "mission", "obs_id", "target", "instrument", "filters", "proposal_id", "dataproduct_type"),
    *("t_min", "t_max", "ra", "dec", "rights", "release"),
)
Row: TypeAlias = Mapping[str, "str | None"]  # the fields of OBSERVATION
MOST_DIGITS = 18  # of an archive's number
MOST_NAME = 250  # characters of an observation's; the longest at MAST have about 100
_MUCH = frozenset({"TESS FFI", "TICA FFI"})  # whole sectors, of which MAST asks not to list the products


def observation_rows(table: Any) -> Iterator[Row]:
    """The rows of a table of observations. Raises IngestError for a table without numbers, missions or names."""
    source = AstropyTable(table)
    fields = fields_of([*source.header, "uri"], "MAST's list of observations")  # it has no products to name
    if missing := {"obsid", "mission", "obs_id"} - fields.keys():
        raise IngestError(f"MAST's list of observations has no {min(missing)}; it is no such list.")
    for columns in source.columns():
        cells = [_plain(columns[fields[name]]) if name in fields else [None] * len(columns[0]) for name in OBSERVATION]
        for row in zip(*cells, strict=True):
            found = dict(zip(OBSERVATION, row, strict=True))
            # The date is that of the last file: where all are public already it says too much.
            yield found | {"release": None} if (found["rights"] or "").upper() == "PUBLIC" else found


def nonsense(row: Row) -> str:
    """What is wrong with an observation's number or name, in words; nothing if all is well."""
    number, name = row["obsid"] or "", row["obs_id"] or ""
    if not (number.isdecimal() and number.isascii() and len(number) <= MOST_DIGITS + 1):
        return f"its number is {shown(number)}"
    # An object or a list in place of a text has become one on its way through astropy.
    if not name.isprintable() or len(name) > MOST_NAME or name.startswith(("{", "[")):
        return f"its name is {shown(name)}"
    return ""


def is_too_much(row: Row) -> bool:
    """Whether MAST asks not to list the products of an observation."""
    return row["target"] in _MUCH


def product_table(table: Any, observations: Mapping[str, Row]) -> tuple[Table, Counter[str]]:
    """The products of some observations (by number), and how many rows name each number."""
    source = AstropyTable(table)
    fields = fields_of(source.header, "MAST's list of products")
    batches = [
        _joined({name: _plain(columns[at]) for name, at in fields.items()}, observations)
        for columns in source.columns()
    ]
    _forget_contradictions(batches)
    used: Counter[str] = Counter()
    for cells in batches:
        linked = [cells[name] for name in ("obsid", "parent") if name in cells]
        used.update(number for each in zip(*linked, strict=True) for number in set(each) if number)
    present = [observations[number] for number in used if number in observations]
    names = {name: source.header[at] for name, at in fields.items()}
    about = Batch(1, len(present), {name: [row[name] for row in present] for name in OBSERVATION})
    about = _with_names(about, observations)
    file = "MAST's list of products"
    made = (_with_names(batch, observations) for batch in _numbered(batches))
    return Table(file, names, made, source.where, more_pages=False, observations=about), used


def _joined(cells: dict[str, Sequence[str | None]], observations: Mapping[str, Row]) -> dict[str, Sequence[str | None]]:
    rows = len(next(iter(cells.values())))
    none: Sequence[str | None] = [None] * rows
    own = [observations.get(number or "") for number in cells.get("obsid", none)]
    parents = [observations.get(number or "") for number in cells.get("parent", none)]
    for name in ("proposal_id", "rights"):
        said_by_rows = zip(cells.get(name, none), own, parents, strict=True)
        cells[name] = [said or _first(name, one, parent) for said, one, parent in said_by_rows]
    cells["release"] = [
        None if (said or "").upper() == "PUBLIC" else _first("release", one, parent)
        for said, one, parent in zip(cells["rights"], own, parents, strict=True)
    ]
    cells.setdefault("url", [_address(uri) for uri in cells.get("uri", none)])
    return cells


def _with_names(batch: Batch, observations: Mapping[str, Row]) -> Batch:
    """Without the numbers that another Skybasket makes up for observations that have none; their names link them."""
    cells = dict(batch.cells)
    parents: list[tuple[str, ...]] = [
        (obs_id,) if is_made_up(number) and (obs_id := observations.get(number or "", {}).get("obs_id")) else ()
        for number in cells.get("parent", ())
    ]
    for name in {"obsid", "parent"} & cells.keys():
        cells[name] = [None if is_made_up(number) else number for number in cells[name]]
    return replace(batch, cells=cells, parents=parents if any(parents) else None)


def is_made_up(number: str | None) -> bool:
    """Whether no archive gave it (docs/decisions/0012: 10^18 and more)."""
    return number is not None and len(number) > MOST_DIGITS


def _address(uri: str | None) -> str | None:
    if uri is None or not uri.startswith(REMOTE_SCHEMES):
        return None
    try:
        return url(uri)
    except CellError:  # then it has none, and is a finding when it is asked for
        return None


def _first(name: str, *rows: Row | None) -> str | None:
    """What a product's own observation says, else what its parent says."""
    return next((row[name] for row in rows if row and row[name]), None)


def _forget_contradictions(batches: Iterable[dict[str, Sequence[str | None]]]) -> None:
    sizes: dict[str | None, set[str]] = {}
    for cells in batches:
        for uri, size in zip(cells.get("uri", ()), cells.get("size", ()), strict=False):
            if size is not None:
                sizes.setdefault(uri, set()).add(size)
    wrong = {uri for uri, said in sizes.items() if len(said) > 1}
    for cells in batches if wrong else ():
        cells["size"] = [None if uri in wrong else size for uri, size in zip(cells["uri"], cells["size"], strict=True)]


def _numbered(batches: Iterable[dict[str, Sequence[str | None]]]) -> Iterator[Batch]:
    first = 1
    for cells in batches:
        rows = len(next(iter(cells.values())))
        yield Batch(first, rows, cells)
        first += rows


def _plain(cells: Sequence[str | None]) -> Sequence[str | None]:
    return [None if cell is None or cell in MISSING else cell for cell in cells]
