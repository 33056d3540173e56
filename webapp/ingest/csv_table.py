"""CSV (RFC 4180; also by tab or semicolon) and ECSV, read row by row.

ECSV is CSV below a header of comments that names the delimiter (astropy APE 6); its types are not needed here.
Refuses, with row and line: text that is not UTF-8, cells over 131,072 characters, rows of another length than the
header, quotes that never end.
"""

from __future__ import annotations

import csv
import re
from itertools import islice
from typing import IO, TYPE_CHECKING

from webapp.ingest.errors import IngestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BATCH = 4_000  # rows; more would not fit the processor's cache
MAX_CELL = 131_072  # the csv module's own limit
MAX_LINE = 8 * MAX_CELL

_DELIMITER = re.compile(r"# delimiter: '(.)'")


class _BadLineError(Exception):
    """A line that cannot be taken; ``before`` is its text up to the bad place."""

    def __init__(self, before: str, complaint: str) -> None:
        super().__init__(complaint)
        self.before = before


class CsvTable:
    """A CSV or ECSV file. ``opened`` gives its bytes anew; ``tick`` is told how many bytes were read."""

    more_pages = False

    def __init__(self, file: str, opened: Callable[[], IO[bytes]], tick: Callable[[int], None]) -> None:
        self._file = file
        self._open = opened
        self._tick = tick
        self._line = 0  # of the file, as read last
        self.header: Sequence[str] = []
        with opened() as stream:
            self._delimiter = ","
            try:
                self.header = self._start(stream)
            except (csv.Error, _BadLineError) as error:
                raise IngestError(f"{file}: line {self._line}: {error}.") from error

    def columns(self) -> Iterator[Sequence[Sequence[str]]]:
        """Batches of columns."""
        first = 1
        with self._open() as stream:
            self._start(stream)
            rows = filter(
                None, csv.reader(self._lines(stream), delimiter=self._delimiter, strict=True)
            )  # no empty ones
            while batch := self._some(rows, first):
                try:
                    columns = list(zip(*batch, strict=True))
                except ValueError:
                    raise self._ragged(batch, first) from None
                if len(columns) != len(self.header):
                    raise self._ragged(batch, first)
                yield columns
                first += len(batch)
                self._tick(getattr(stream, "fileobj", stream).tell())  # of a gzip file, the packed bytes

    def where(self, row: int) -> str:
        """Row and line; reads the file again."""
        with self._open() as stream:
            self._start(stream)
            before = self._line
            reader = csv.reader(self._lines(stream), delimiter=self._delimiter, strict=True)
            for _ in islice(filter(None, reader), row):
                pass
            return f"row {row} (line {before + reader.line_num})"

    def _start(self, stream: IO[bytes]) -> list[str]:
        """Skip comments, learn the delimiter, return the header."""
        self._line = 0
        delimiter = ""
        for line in self._lines(stream):
            if not line.startswith("#"):
                self._delimiter = delimiter or max(",;\t", key=line.count)
                return next(csv.reader([line], delimiter=self._delimiter), [])
            stated = _DELIMITER.match(line)
            delimiter = stated[1] if stated else " " if line.startswith("# %ECSV") else delimiter
        return []

    def _lines(self, stream: IO[bytes]) -> Iterator[str]:
        encoding = "utf-8-sig" if self._line == 0 else "utf-8"
        while line := stream.readline(MAX_LINE):
            self._line += 1
            if len(line) > MAX_CELL:
                self._check_long(line)
            try:
                yield line.decode(encoding)
            except UnicodeDecodeError as error:
                before = line[: error.start].decode("utf-8")
                complaint = f"is not UTF-8 (byte 0x{line[error.start]:02x}); save the file as UTF-8"
                raise _BadLineError(before, complaint) from None
            encoding = "utf-8"

    def _check_long(self, line: bytes) -> None:
        before = ""
        for cell in line.decode("utf-8", "replace").split(self._delimiter):
            if len(cell) > MAX_CELL:
                raise _BadLineError(before, f"has more than {MAX_CELL:,} characters")
            before += self._delimiter

    def _some(self, rows: Iterator[list[str]], first: int) -> list[list[str]]:
        batch: list[list[str]] = []
        try:
            batch.extend(islice(rows, BATCH))
        except csv.Error as error:
            raise IngestError(f"{self._file}: row {first + len(batch)} (line {self._line}): {error}.") from error
        except _BadLineError as error:
            position = min(error.before.count(self._delimiter), len(self.header) - 1)
            where = f"row {first + len(batch)} (line {self._line}), column {self.header[position]}"
            raise IngestError(f"{self._file}: {where}: {error}.") from error
        return batch

    def _ragged(self, batch: list[list[str]], first: int) -> IngestError:
        at = next(i for i, row in enumerate(batch) if len(row) != len(self.header))
        count = len(batch[at])
        last = self.header[min(count, len(self.header)) - 1]
        return IngestError(
            f"{self._file}: {self.where(first + at)}: there are {count} cells, up to column {last}; "
            f"the header names {len(self.header)} columns. Is the file cut off?"
        )
