"""VOTable and FITS tables, read by astropy.

VOTable 1.4 (https://www.ivoa.net/documents/VOTable/) and FITS 4.0 section 7. NaN in a column of floating-point numbers
is how both write a missing value. Refuses damaged files, files without a table, and VOTables whose data are elsewhere.
"""

from __future__ import annotations

import math
import warnings
from typing import IO, TYPE_CHECKING, Any

from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import Table

from webapp.ingest import votable_scan
from webapp.ingest.errors import IngestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

BATCH = 20_000


class AstropyTable:
    """An astropy table."""

    more_pages = False

    def __init__(self, table: Any) -> None:
        self._table = table
        self.header: Sequence[str] = list(table.colnames)

    def columns(self) -> Iterator[Sequence[Sequence[str | None]]]:
        """Batches of columns."""
        for start in range(0, len(self._table), BATCH):
            rows = self._table[start : start + BATCH]
            yield [[_text(value) for value in rows[name].tolist()] for name in self.header]

    def where(self, row: int) -> str:
        """The row's number in the table."""
        return f"row {row}"


def fits_table(path: Path) -> AstropyTable:
    """The first table of a FITS file, compressed or not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # astropy only warns of a file that is cut off
            warnings.filterwarnings("ignore", category=fits.verify.VerifyWarning)
            with fits.open(path, memmap=False) as hdus:
                table = next(
                    (Table.read(hdu) for hdu in hdus if isinstance(hdu, fits.BinTableHDU | fits.TableHDU)), None
                )
    except Exception as error:
        raise IngestError(f"{path.name} is a damaged FITS table: {_first_line(error)}") from error
    if table is None:
        raise IngestError(f"{path.name} is a FITS file without a table; try: skybasket ingest fits FOLDER.")
    table.convert_bytestring_to_unicode()
    return AstropyTable(table)


def votable(file: str, opened: Callable[[], IO[bytes]], start: bytes) -> AstropyTable:
    """The first table of a VOTable document."""
    if b"VOTABLE" not in start.upper():
        raise IngestError(f"{file} is XML or HTML, but not a VOTable.")
    try:
        with opened() as stream:
            votable_scan.check(file, stream)
        with warnings.catch_warnings(), opened() as stream:
            warnings.simplefilter("ignore")  # archives' VOTables break small rules
            tables = list(parse(stream, verify="ignore").iter_tables())
            table = tables[0].to_table(use_names_over_ids=True) if tables else None
    except IngestError:
        raise
    except Exception as error:
        raise IngestError(f"{file} is a damaged VOTable: {_first_line(error)}") from error
    if table is None:
        raise IngestError(f"{file} is a VOTable without a table.")
    return AstropyTable(table)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return None if math.isnan(value) else repr(value)
    return str(value)


def _first_line(error: Exception) -> str:
    line = (str(error) or type(error).__name__).strip().splitlines()[0]
    return line if line.endswith(".") else f"{line}."
