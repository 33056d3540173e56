"""MANIFEST.HTML: the page that lists files with where they are, who may read them, and what became of each.

Its columns are those of MAST's page of the same name. The table has one row a line.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HTML_NAME = "MANIFEST.HTML"
END = "</tbody></table></body></html>\n"
_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2em}table{border-collapse:collapse}"
    "td,th{text-align:left;padding:.2em 1em .2em 0}"
)


def head(name: str, paragraphs: Iterable[str]) -> str:
    """All that comes before the rows; name and paragraphs are plain text."""
    title = escape(f"Manifest for {name}")
    said = "".join(f"<p>{escape(each)}</p>\n" for each in paragraphs)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"</head>\n<body><h1>{title}</h1>\n{said}"
        "<table><thead><tr><th>URI</th><th>File</th><th>Access</th><th>Status</th></tr></thead><tbody>\n"
    )


def row(uri: str, path: str, status: str, *, exclusive: bool) -> str:
    """One file."""
    cells = (uri, path, access(exclusive=exclusive), status)
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n"


def access(*, exclusive: bool) -> str:
    """MAST's word for who may read a file."""
    return "EXCLUSIVE_ACCESS" if exclusive else "PUBLIC"
