"""A POSIX shell script that fetches, verifies and reports every file; ``shell.sh`` is its body.

Per delivery only comments, a few quoted variables and a table in a here-document are written, so nothing from the
catalogue is ever evaluated. The table's columns are separated by tabs: size in bytes or ``-``, SHA-256 or ``-``,
``x`` for exclusive access or ``-``, path, and the query of the file's address.
"""

from __future__ import annotations

import time
from importlib.resources import files
from typing import TYPE_CHECKING, BinaryIO

from jobs.dialects import SCRIPT, comment, text
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
token = "It takes your token from $SKYBASKET_TOKEN."  # noqa: S105 - a sentence
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
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(header.created_at))
    unknown = f", {header.unknown:,} of them of unknown size" if header.unknown else ""
    comments = [
        f"{header.name}: {header.files:,} files, {header.bytes:,} bytes{unknown}",
        f"Made by {header.archive} on {made}.",
        f"Basket: {header.link}" if header.link else "",
        f"Please cite: {header.citation}" if header.citation else "",
        f"Run it with: sh {header.name}.sh",
        f"What else it can do: sh {header.name}.sh --help",
    ]
    lines = ["#!/bin/sh", *(f"# {comment(each)}" for each in comments if each), ""]
    lines += [f"{key}={_quoted(value)}" for key, value in (("name", header.name), ("server", header.base_url))]
    return "\n".join(lines) + "\n\n"


def _row(item: Item) -> str:
    size = "-" if item.size is None else item.size
    return f"{size}\t{item.sha256 or '-'}\t{'x' if item.exclusive else '-'}\t{item.path}\t{item.query}\n"


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "'\\''") + "'"
