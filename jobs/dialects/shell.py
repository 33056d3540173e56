"""A POSIX shell script that fetches, verifies and reports every file; ``shell.sh`` is its body.

Per delivery only comments, a few quoted variables and a table in a here-document are written, so nothing from the
catalogue is ever evaluated. The table's columns are separated by tabs: size in bytes or ``-``, SHA-256 or ``-``,
``x`` for exclusive access or ``-``, path, ``f`` if the name alone is enough without folders or ``-``, and the query
of the file's address.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, BinaryIO

from jobs.dialects import SCRIPT, text
from jobs.dialects import about as about_it
from jobs.items import must_be_server

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

_END = "END OF TABLE"  # has no tab, so no row can be it


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the script. Raises JobError for an address of the server that is not safe in it."""
    must_be_server(header.base_url)
    with text(out) as script:
        script.write(_head(header))
        script.write(files("jobs.dialects").joinpath("shell.sh").read_text("utf-8"))
        script.write(f"\ntable() {{\n  cat <<'{_END}'\n")
        for item in items:
            script.write(_row(item))
        script.write(f'{_END}\n}}\n\nmain "$@"\n')


def _head(header: Header) -> str:
    lines = ["#!/bin/sh", *(f"# {line}" for line in about_it(header, f"sh {header.name}.sh")), ""]
    lines += [f"{key}={_quoted(value)}" for key, value in (("name", header.name), ("server", header.base_url))]
    return "\n".join(lines) + "\n\n"


def _row(item: Item) -> str:
    size = "-" if item.size is None else item.size
    access, alone = "x" if item.exclusive else "-", "-" if item.flat == item.path else "f"
    return f"{size}\t{item.sha256 or '-'}\t{access}\t{item.path}\t{alone}\t{item.query}\n"


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "'\\''") + "'"
