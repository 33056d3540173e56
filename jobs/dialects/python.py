"""A Python script that fetches, verifies and reports every file; ``bodies/fetch.py`` is its body.

Per delivery only comments are written: some at the start for people, and at the end a table that the script reads from
its own file. So nothing from the catalogue is ever evaluated, and Python compiles no large literal. The table's first
line names the delivery and the server, its last one says how many files there are, which tells a whole script from half
of one. In between are, separated by tabs, for each file: size in bytes or ``-``, SHA-256 or ``-``, ``x`` for exclusive
access or ``-``, ``f`` if its name may stand without folders or ``-``, path, and the query of the file's address.
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

name = "py"
method = SCRIPT
suffix = ".py"
media_type = "text/x-python"
title = "Python script"
about = "Fetches and verifies every file, goes on where it was stopped, and says what happened to each."
needs = "Python 3.9 or later and nothing else: any Linux, Mac or Windows."
use = "python3 {file}"
token = "It takes your token from $SKYBASKET_TOKEN, from a file that only you may read, or asks for it."  # noqa: S105 - a sentence
language = "python"
wants: frozenset[str] = frozenset()

_START = (
    "#!/usr/bin/env python3\n# A Python script of Skybasket.\n"  # a name in the second line could be taken for a coding
)


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the script. Raises JobError for an address of the server that is not safe in it."""
    must_be_server(header.base_url)
    with text(out) as script:
        script.write(_START + _head(header))
        script.write(files("jobs.dialects").joinpath("bodies", "fetch.py").read_text("utf-8"))
        script.write(f"\n#@ {header.name}\t{header.base_url}\n")
        count = 0
        for item in items:
            script.write(_row(item))
            count += 1
        script.write(f"#@ end\t{count}\n")


def _head(header: Header) -> str:
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(header.created_at))
    unknown = f", {header.unknown:,} of them of unknown size" if header.unknown else ""
    comments = [
        f"{header.name}: {header.files:,} files, {header.bytes:,} bytes{unknown}",
        f"Made by {header.archive} on {made}.",
        f"Basket: {header.link}" if header.link else "",
        f"Please cite: {header.citation}" if header.citation else "",
        f"Run it with: python3 {header.name}.py (on Windows: py {header.name}.py)",
        f"What else it can do: python3 {header.name}.py --help",
    ]
    return "".join(f"# {comment(each)}\n" for each in comments if each)


def _row(item: Item) -> str:
    size = "-" if item.size is None else item.size
    access, alone = "x" if item.exclusive else "-", "-" if item.flat == item.path else "f"
    return f"#\t{size}\t{item.sha256 or '-'}\t{access}\t{alone}\t{item.path}\t{item.query}\n"
