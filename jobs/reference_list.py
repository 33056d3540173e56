"""references.csv: which calibration references each file of a delivery names, and whether they came with it.

It is left in the delivery's folder when that is ordered. A bundle gets it as one more paper, without what its job could
not deliver. Each part of a bundle has the whole table: what a file of one part was calibrated with may be in another.
Read and written row by row. Lines end as RFC 4180 section 2 says, which makes the writer quote a lone carriage return.
"""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING, NamedTuple

from jobs.errors import ManifestError
from jobs.files import replacing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

REFERENCES_CSV = "references.csv"

# What became of a reference, beside jobs.omitted.MISSING: the archive has no such file.
IN_DELIVERY = "In this delivery"
NOT_SELECTED = "Not selected"
LEFT_OUT = "Left out"  # it was to be delivered, but could not be; MANIFEST.HTML says why


class ReferenceRow(NamedTuple):
    """One link of a delivered file to a reference."""

    path: str  # of the file, in the delivery
    keyword: str  # of the header
    reference: str  # bare name
    context: str  # of CRDS, as in jwst_1180.pmap; may be empty
    reference_path: str  # of the reference, in the delivery; empty where it is not in there
    status: str  # one of the words above


def write_references(file: Path, rows: Iterable[ReferenceRow]) -> None:
    """Write the table, or replace it. Raises OSError."""
    with replacing(file) as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(ReferenceRow._fields)
        writer.writerows(rows)


def write_delivered(folder: Path, place: Path, left_out: Collection[str]) -> Path | None:
    """Write into ``place`` what holds of the table of the delivery in ``folder`` without the paths ``left_out``.

    Returns the new table; None where the delivery has none. Raises ManifestError if it is damaged.
    """
    try:
        with (folder / REFERENCES_CSV).open(encoding="utf-8", newline="") as lines:
            made = place / REFERENCES_CSV
            write_references(made, _delivered(_rows(lines), left_out))
            return made
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"The list of references of {folder.name} cannot be read.") from error


def _rows(lines: IO[str]) -> Iterator[ReferenceRow]:
    table = csv.reader(lines, strict=True)
    if next(table, None) != list(ReferenceRow._fields):
        raise csv.Error("no heading")
    for row in table:
        if len(row) != len(ReferenceRow._fields):
            raise csv.Error(f"line {table.line_num} has {len(row)} columns")
        yield ReferenceRow(*row)


def _delivered(rows: Iterable[ReferenceRow], left_out: Collection[str]) -> Iterator[ReferenceRow]:
    for row in rows:
        if row.reference_path in left_out:
            row = row._replace(reference_path="", status=LEFT_OUT)  # noqa: PLW2901 - the row, corrected
        if row.path not in left_out:
            yield row
