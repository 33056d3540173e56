"""The papers inside a bundle: MANIFEST.HTML, manifest.csv, CITATION.txt, and references.csv where there is one.

They say what is in it, checked in the archive's store at a time, and what was left out. Never a receipt: nothing has
been received yet.
"""

from __future__ import annotations

import csv
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from jobs import manifest_page
from jobs.checksums import checksums
from jobs.files import replacing
from jobs.manifest_page import HTML_NAME
from jobs.reference_list import REFERENCES_CSV

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

CSV_NAME = "manifest.csv"
CITATION_NAME = "CITATION.txt"
COLUMNS = ("uri", "path", "size", "sha256", "access", "status")
IN_BUNDLE = "In this bundle"
_PIECE = 1 << 20


class Row(NamedTuple):
    """One file, in the bundle or left out."""

    uri: str
    path: str
    size: int | None  # bytes
    sha256: str | None
    exclusive: bool
    status: str


class About(NamedTuple):
    """What the papers say of the bundle as a whole."""

    name: str  # of the bundle: its top folder
    part: str  # "2 of 3", or empty
    archive: str
    link: str
    citation: str
    checked_at: int  # seconds since 1970 UTC: when the store was asked for each file
    files: int
    omitted: int


class Paper(NamedTuple):
    """One of the papers."""

    name: str  # in the bundle
    file: Path
    size: int  # bytes
    crc32: int


class Papers:
    """Writes the papers of one bundle into ``folder``, row by row; those of a part carry its number.

    So parts can be unpacked into one place. Files left out come last. ``references`` is a table that is there already.
    """

    def __init__(self, folder: Path, about: About, references: Path | None) -> None:
        self._number = about.part.replace(" ", "")
        self._folder, self._about, self._references = folder, about, references
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._html, table, citation = (
            self._open.enter_context(replacing(self._folder / self._numbered(name)))
            for name in (HTML_NAME, CSV_NAME, CITATION_NAME)
        )
        self._html.write(_head(self._about, self._numbered(REFERENCES_CSV) if self._references else ""))
        self._table = csv.writer(table, lineterminator="\n")
        self._table.writerow(COLUMNS)
        citation.write(self._about.citation)
        return self

    def add(self, row: Row) -> None:
        """One more file."""
        self._html.write(manifest_page.row(row.uri, row.path, row.status, exclusive=row.exclusive))
        size = "" if row.size is None else row.size
        access = manifest_page.access(exclusive=row.exclusive)
        self._table.writerow((row.uri, row.path, size, row.sha256 or "", access, row.status))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._html.write(manifest_page.END)
        self._open.__exit__(kind, error, trace)

    def written(self) -> Iterator[Paper]:
        """What has been written, when nothing more will be. Raises OSError."""
        files = {name: self._folder / self._numbered(name) for name in (HTML_NAME, CSV_NAME, CITATION_NAME)}
        if self._references:
            files[REFERENCES_CSV] = self._references
        for name, file in files.items():
            with file.open("rb") as content:
                found = checksums(iter(partial(content.read, _PIECE), b""))
            yield Paper(self._numbered(name), file, found.size, found.crc32)

    def _numbered(self, name: str) -> str:
        stem, dot, ext = name.rpartition(".")
        return f"{stem}_{self._number}{dot}{ext}" if self._number else name


def _head(about: About, references: str) -> str:
    checked = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(about.checked_at))
    left_out = f" {about.omitted:,} left out, listed last." if about.omitted else ""
    said = f"{about.files:,} files of {about.archive}, checked in its store at {checked}.{left_out}"
    more = (f"{references} lists the calibration references that these files name.",) if references else ()
    return manifest_page.head(f"{about.name}{f', part {about.part}' if about.part else ''}", (said, *more, about.link))
