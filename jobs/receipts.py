"""Receipts: what really happened to each file, written after it happened.

``Journal`` is the record that a run keeps as it goes and a later run goes on from; ``write_csv`` and ``write_html``
make the two that a user reads. Only the journal is believed: a file that no row of it speaks of has to be fetched.
"""

from __future__ import annotations

import csv
import json
from array import array
from typing import IO, TYPE_CHECKING, NamedTuple, Self

from jobs import manifest_page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

JOURNAL_FILE = "receipt.jsonl"  # in the delivery's folder
CSV_FILE = "receipt.csv"  # beside what was delivered

OK = "OK"
SIZE_ONLY = "OK, size only"
DUPLICATE = "Duplicate of"  # and the path of the other
NOT_AUTHORISED = "Not authorised"
MISSING = "Missing"
FAILED = "Failed"
DELIVERED = frozenset({OK, SIZE_ONLY})

_NONE = -1


class Row(NamedTuple):
    """What happened to one file. Sizes and checksums are of the bytes that were read; None if none were."""

    number: int  # of the file in its manifest, from 0
    result: str  # one of the words above
    detail: str = ""  # a sentence; empty where there is nothing to say
    size: int | None = None
    sha256: str | None = None  # lower-case hex
    crc32: int | None = None
    mtime_ns: int | None = None  # of the delivered file, to see later whether it is still the same
    version: int | None = None  # of the file in its store, for bundles, which read it again

    @property
    def delivered(self) -> bool:
        """Whether the user has the file now."""
        return self.result in DELIVERED or self.result.startswith(DUPLICATE)


class Journal:
    """The rows of a delivery of ``files`` files, one JSON line each; of several for one file the last one counts.

    A line that cannot be read, as a killed run may leave at the end, is cut off with all that follows. In memory are
    8 bytes a file.
    """

    def __init__(self, folder: Path, files: int) -> None:
        file = folder / JOURNAL_FILE
        self._out = file.open("ab", buffering=0)  # a row is there, or lost as a whole, whenever this process is killed
        self._in = file.open("rb")
        self._at = array("q", [_NONE]) * files  # where each file's row begins
        self._end = 0
        for line in self._in:
            number = _number(line)
            if number is None or not 0 <= number < files:
                self._out.truncate(self._end)
                break
            self._at[number] = self._end
            self._end += len(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        self._out.close()

    def add(self, row: Row) -> None:
        """Write down what happened."""
        line = json.dumps(row, separators=(",", ":")).encode() + b"\n"
        self._out.write(line)
        self._at[row.number] = self._end
        self._end += len(line)

    def row(self, number: int) -> Row | None:
        """What happened to a file; None if nothing has."""
        if self._at[number] == _NONE:
            return None
        self._in.seek(self._at[number])
        return Row(*json.loads(self._in.readline()))


def _number(line: bytes) -> int | None:
    """The number of the row in this line; None if it is not a whole one."""
    try:
        row = Row(*json.loads(line)) if line.endswith(b"\n") else None
    except (ValueError, TypeError):
        return None
    return row.number if row is not None and isinstance(row.number, int) else None


class Line(NamedTuple):
    """One file of a receipt as its reader sees it."""

    uri: str
    path: str  # where it is, below the receipt; or in the bundle
    exclusive: bool
    row: Row


def write_csv(out: IO[str], lines: Iterable[Line]) -> None:
    """The receipt as CSV (RFC 4180), in the columns of the scripts' own."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["path", "uri", "bytes", "sha256", "result", "detail"])
    for line in lines:
        row = line.row
        size, sha256 = (row.size, row.sha256) if row.delivered else (None, None)
        writer.writerow([line.path, line.uri, size, sha256, row.result, row.detail])


def write_html(out: IO[str], name: str, lines: Iterable[Line]) -> None:
    """The receipt as a page."""
    out.write(manifest_page.head(name, ["What happened to each file when it was copied for you."]))
    for line in lines:
        out.write(manifest_page.row(line.uri, line.path, line.row.result, exclusive=line.exclusive))
    out.write(manifest_page.END)
