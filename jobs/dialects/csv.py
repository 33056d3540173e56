"""The manifest as CSV (RFC 4180): a header line, then one line for each file.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@``, and CSV has no escape for that. A mark in front
would spoil the name for programs, so a cell is written in another spelling of the same thing: ``./`` in front of a
path, which every program opens as the same file, and the first character percent-encoded in a URI, which in truth
begins with a letter.
"""

from __future__ import annotations

from csv import writer
from typing import TYPE_CHECKING, BinaryIO

from jobs.columns import Row, rows
from jobs.dialects import LIST, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "csv"
method = LIST
suffix = ".csv"
media_type = "text/csv"
title = "CSV table"
about = "A table of every file with its path, URI, address, size, SHA-256 and who may read it."
needs = "Any spreadsheet or program that reads CSV."
use = ""
token = ""
language = "text"
wants: frozenset[str] = frozenset()

_RUN = tuple("=+-@＝＋－＠")  # noqa: RUF001 - the wide ones are run too where people type them


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the table."""
    with text(out, newline="") as file:
        lines = writer(file, lineterminator="\r\n")
        lines.writerow(Row._fields)
        for row in rows(header, items):
            lines.writerow(row._replace(path=_still_path(row.path), uri=_still_uri(row.uri)))


def _still_path(path: str) -> str:
    return f"./{path}" if path.startswith(_RUN) else path


def _still_uri(uri: str) -> str:
    if not uri.startswith(_RUN):
        return uri
    return "".join(f"%{byte:02X}" for byte in uri[0].encode()) + uri[1:]
