"""A POSIX shell script that fetches, verifies and reports every file; ``shell.sh`` is its body.

Per delivery only comments, a few quoted variables and a table in a here-document are written, so nothing from the
catalogue is ever evaluated. The table's columns are separated by tabs: size in bytes or ``-``, SHA-256 or ``-``,
``x`` for exclusive access or ``-``, path, ``f`` if the name alone is enough without folders or ``-``, and the query
of the file's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from jobs.dialects import SCRIPT
from jobs.sh_script import write_script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "sh"
method = SCRIPT
suffix = ".sh"
media_type = "application/x-sh"
title = "Shell script"
about = "Fetches and verifies every file, goes on where it was stopped, and says what happened to each."
needs = "A shell and curl 7.61 or later: any Linux or Mac."
use = "sh {file}"
token = "It takes your token from $SKYBASKET_TOKEN, from a file that only you may read, or asks for it."  # noqa: S105 - a sentence
language = "bash"
wants: frozenset[str] = frozenset()


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the script. Raises JobError for an address of the server that is not safe in it."""
    variables = {"name": header.name, "server": header.base_url}
    rows = (_row(item) for item in items)
    write_script(out, header, suffix=suffix, variables=variables, bodies=["shell.sh"], rows=rows)


def _row(item: Item) -> str:
    size = "-" if item.size is None else item.size
    access, alone = "x" if item.exclusive else "-", "-" if item.flat == item.path else "f"
    return f"{size}\t{item.sha256 or '-'}\t{access}\t{item.path}\t{alone}\t{item.query}"
