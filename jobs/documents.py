"""The papers inside a bundle: MANIFEST.HTML, manifest.csv, CITATION.txt.

They say what is in it, checked in the archive's store at a time, and what was left out. Never a receipt: nothing has
been received yet. MANIFEST.HTML has the columns of MAST's: URI, File, Access, Status.
"""

from __future__ import annotations

import csv
import time
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from jobs.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

HTML_NAME = "MANIFEST.HTML"
CSV_NAME = "manifest.csv"
CITATION_NAME = "CITATION.txt"
COLUMNS = ("uri", "path", "size", "sha256", "access", "status")
IN_BUNDLE = "In this bundle"
_STYLE = "body{font:14px/1.5 system-ui,sans-serif;margin:2em}table{border-collapse:collapse}td,th{text-align:left;padding:.2em 1em .2em 0}"


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


def write_documents(folder: Path, about: About, rows: Callable[[], Iterable[Row]]) -> list[tuple[str, Path]]:
    """Write the papers into ``folder``; returns ``(name in the bundle, file)`` of each.

    ``rows`` is asked twice for the files, those left out last. Papers of a part carry its number, so that parts can be
    unpacked into one place.
    """
    number = about.part.replace(" ", "")
    html, table = (name if not number else _numbered(name, number) for name in (HTML_NAME, CSV_NAME))
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / html) as out:
        out.writelines(_html(about, rows()))
    with replacing(folder / table) as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(COLUMNS)
        lines.writerows(
            (row.uri, row.path, "" if row.size is None else row.size, row.sha256 or "", access(row), row.status)
            for row in rows()
        )
    with replacing(folder / CITATION_NAME) as out:
        out.write(about.citation)
    return [(name, folder / name) for name in (html, table, CITATION_NAME)]


def access(row: Row) -> str:
    """MAST's word for who may read the file."""
    return "EXCLUSIVE_ACCESS" if row.exclusive else "PUBLIC"


def _numbered(name: str, number: str) -> str:
    stem, dot, ext = name.rpartition(".")
    return f"{stem}_{number}{dot}{ext}"


def _html(about: About, rows: Iterable[Row]) -> Iterable[str]:
    checked = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(about.checked_at))
    title = f"{about.name}{f', part {about.part}' if about.part else ''}"
    left_out = f" {about.omitted:,} left out, listed last." if about.omitted else ""
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    yield f"<style>{_STYLE}</style></head>\n<body><h1>Manifest for {escape(title)}</h1>\n"
    yield f"<p>{about.files:,} files of {escape(about.archive)}, checked in its store at {checked}.{left_out}</p>\n"
    yield f"<p>{escape(about.link)}</p>\n"
    yield "<table><thead><tr><th>URI</th><th>File</th><th>Access</th><th>Status</th></tr></thead><tbody>\n"
    for row in rows:
        cells = (row.uri, row.path, access(row), row.status)
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n"
    yield "</tbody></table></body></html>\n"
