"""The manifest as ECSV 1.0 (Astropy's APE 6): opens as a table with types, a unit and facts about the delivery.

Astropy writes the header for a table of these columns without rows; the rows are written as they come.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from jobs.columns import MEANINGS, facts, rows
from jobs.dialects import LIST, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "ecsv"
method = LIST
suffix = ".ecsv"
media_type = "text/csv"
title = "ECSV table"
about = "A table for Astropy with every file's path, URI, address, size in bytes, SHA-256 and who may read it."
needs = "Astropy: Table.read opens it with types, a unit and a citation."
use = ""
token = ""
language = "text"
wants: frozenset[str] = frozenset()


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the table."""
    with text(out) as file:
        file.write(_head(header))
        for path, uri, url, size, sha256, access in rows(header, items):
            cells = (_quoted(path), _quoted(uri), _quoted(url), "" if size is None else str(size), sha256 or "", access)
            file.write(",".join(cells) + "\n")


def _head(header: Header) -> str:
    from astropy.table import MaskedColumn, Table  # noqa: PLC0415 - a second of imports

    table = Table(meta=facts(header))
    for column, meaning in MEANINGS.items():
        whole = column == "bytes"
        table[column] = MaskedColumn([], dtype="i8" if whole else "U1", unit="byte" if whole else None)
        table[column].description = meaning
    head = io.StringIO()
    table.write(head, format="ascii.ecsv", delimiter=",")
    return head.getvalue()


def _quoted(words: str) -> str:
    """Always in quotes: else a name could be a comment, or lose its spaces."""
    return '"' + words.replace('"', '""') + '"'
