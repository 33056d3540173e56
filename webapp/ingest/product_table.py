"""Reads product tables as archives and their users save them: CSV, ECSV, VOTable, FITS table, MAST's JSON answer.

The content decides the format, never the file's ending; gzip is taken off first. Cells come out as text, None where
missing, in batches of columns. Refuses with IngestError: unknown or damaged formats, rows of the wrong length, cells
over 131,072 characters, text that is not UTF-8, tables without rows.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol, cast

from webapp.ingest import csv_table, json_table
from webapp.ingest.columns import MISSING, fields_of
from webapp.ingest.errors import IngestError, no_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    from webapp.ingest.errors import CellError, Progress

_GZIP = b"\x1f\x8b"


class Source(Protocol):
    """A table in some format."""

    header: Sequence[str]
    more_pages: bool  # the answer says that there are more pages

    def columns(self) -> Iterator[Sequence[Sequence[str | None]]]:
        """Batches: one sequence of cells for each name in the header, all of the same length."""

    def where(self, row: int) -> str:
        """How to find the data row of that number (the first is 1), in words."""


@dataclass(frozen=True)
class Batch:
    """Some rows of a table: ``cells[field]`` has texts, None where missing, all of the same length."""

    first_row: int  # the first data row of a table is 1
    rows: int
    cells: Mapping[str, Sequence[str | None]]
    parents: list[tuple[str, ...]] | None = None  # obs ids of further observations that list the product
    references: list[tuple[Reference, ...]] | None = None  # what the headers name
    uses: Sequence[Use] = ()  # what products of the catalogue name, whatever the rows are about


class Reference(NamedTuple):
    """A calibration reference file that a product was made with. ``uri`` where a table says it."""

    keyword: str
    name: str
    context: str = ""
    uri: str = ""


class Use(NamedTuple):
    """What a product of the catalogue, of that mission, was made with; None: with nothing."""

    product_id: int
    mission: str
    reference: Reference | None


@dataclass(frozen=True)
class Table:
    """An open product table. ``batches`` can be read once; ``where`` says a row in words, for sentences."""

    file: str
    names: dict[str, str]  # field -> the column's own name
    batches: Iterator[Batch]
    where: Callable[[int], str]
    more_pages: bool
    observations: Batch | None = None  # rows about observations, some of which may have no product of their own

    def refusal(self, row: int, error: CellError) -> IngestError:
        """The sentence about an unusable cell in that data row."""
        return IngestError(
            f"{self.file}: {self.where(row)}, column {self.names.get(error.column, error.column)} {error}."
        )


def read(
    path: str | Path,
    progress: Progress = no_progress,
    fields_of: Callable[[Sequence[str], str], dict[str, int]] = fields_of,
) -> Table:
    """Open a table, of products unless ``fields_of(header, file)`` finds other columns in it.

    What is wrong in its rows comes as IngestError while reading ``batches``.
    """
    path = Path(path)
    try:
        source = _source(path, progress)
        fields = fields_of(source.header, path.name)
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (EOFError, zlib.error) as error:
        raise _cut(path) from error
    names = {field: source.header[position] for field, position in fields.items()}
    return Table(path.name, names, _batches(path, source, fields), source.where, source.more_pages)


def _source(path: Path, progress: Progress) -> Source:
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP

    def stream() -> IO[bytes]:
        return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")

    with stream() as opened:
        start = opened.read(65_536)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"SIMPLE  ="):
        return cast("Source", _astropy().fits_table(path))
    if not text:
        raise IngestError(f"{path.name} is empty.")
    if text[:1] in b"[{":
        return json_table.JsonTable(path.name, stream)
    if text.startswith(b"<"):
        return cast("Source", _astropy().votable(path.name, stream, text))
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise IngestError(f"{path.name} is UTF-16 text; save it as UTF-8.")
    if b"\x00" in start:
        raise IngestError(f"{path.name} is not a table that Skybasket knows (CSV, ECSV, VOTable, FITS table, JSON).")
    size = path.stat().st_size
    return csv_table.CsvTable(path.name, stream, lambda done: progress("Reading", done, size))


def _astropy() -> ModuleType:
    """Imported only for its formats: it takes longer than everything else here."""
    from webapp.ingest import astropy_table  # noqa: PLC0415 - see above

    return astropy_table


def _batches(path: Path, source: Source, fields: dict[str, int]) -> Iterator[Batch]:
    row = 1
    try:
        for columns in source.columns():
            cells = {field: _with_none(columns[i]) for field, i in fields.items()}
            count = len(columns[0])
            yield Batch(row, count, cells)
            row += count
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _cut(path) from error
    if row == 1:
        raise IngestError(f"{path.name} has no rows.")


def _with_none(cells: Sequence[str | None]) -> Sequence[str | None]:
    return cells if MISSING.isdisjoint(cells) else [None if cell in MISSING else cell for cell in cells]


def _cut(path: Path) -> IngestError:
    return IngestError(f"{path.name} is damaged: its compressed data end too early.")
