"""The papers inside a bundle: MANIFEST.HTML, manifest.csv, CITATION.txt.

They say what is in it, checked in the archive's store at a time, and what was left out. Never a receipt: nothing has
been received yet. MANIFEST.HTML has the columns of MAST's: URI, File, Access, Status.
"""

from __future__ import annotations

import csv
import time
from contextlib import ExitStack
from html import escape
from typing import TYPE_CHECKING, NamedTuple, Self

from jobs.files import replacing

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

HTML_NAME = "MANIFEST.HTML"
CSV_NAME = "manifest.csv"
CITATION_NAME = "CITATION.txt"
COLUMNS = ("uri", "path", "size", "sha256", "access", "status")
IN_BUNDLE = "In this bundle"
_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2em}table{border-collapse:collapse}"
    "td,th{text-align:left;padding:.2em 1em .2em 0}"
)


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


class Papers:
    """Writes the papers of one bundle into ``folder``, row by row; those of a part carry its number.

    So parts can be unpacked into one place. Files left out come last.
    """

    def __init__(self, folder: Path, about: About) -> None:
        number = about.part.replace(" ", "")
        names = (HTML_NAME, CSV_NAME, CITATION_NAME)
        self.files = {name: folder / (_numbered(name, number) if number else name) for name in names}
        self._about = about
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._html = self._open.enter_context(replacing(self.files[HTML_NAME]))
        table = self._open.enter_context(replacing(self.files[CSV_NAME]))
        citation = self._open.enter_context(replacing(self.files[CITATION_NAME]))
        self._html.write(_head(self._about))
        self._table = csv.writer(table, lineterminator="\n")
        self._table.writerow(COLUMNS)
        citation.write(self._about.citation)
        return self

    def add(self, row: Row) -> None:
        """One more file."""
        cells = (row.uri, row.path, access(row), row.status)
        self._html.write(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n")
        size = "" if row.size is None else row.size
        self._table.writerow((row.uri, row.path, size, row.sha256 or "", access(row), row.status))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._html.write("</tbody></table></body></html>\n")
        self._open.__exit__(kind, error, trace)


def access(row: Row) -> str:
    """MAST's word for who may read the file."""
    return "EXCLUSIVE_ACCESS" if row.exclusive else "PUBLIC"


def _numbered(name: str, number: str) -> str:
    stem, dot, ext = name.rpartition(".")
    return f"{stem}_{number}{dot}{ext}"


def _head(about: About) -> str:
    checked = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(about.checked_at))
    title = escape(f"{about.name}{f', part {about.part}' if about.part else ''}")
    left_out = f" {about.omitted:,} left out, listed last." if about.omitted else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>Manifest for {title}</h1>\n"
        f"<p>{about.files:,} files of {escape(about.archive)}, checked in its store at {checked}.{left_out}</p>\n"
        f"<p>{escape(about.link)}</p>\n"
        "<table><thead><tr><th>URI</th><th>File</th><th>Access</th><th>Status</th></tr></thead><tbody>\n"
    )
