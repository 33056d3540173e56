"""A Python script that fetches, verifies and reports every file; ``bodies/fetch.py`` is its body.

Per delivery only comments are written: some at the start for people, and at the end a table that the script reads from
its own file. So nothing from the catalogue is ever evaluated, and Python compiles no large literal. The table's first
line names the delivery and the server, its last one says how many files there are, which tells a whole script from half
of one. In between are, separated by tabs, for each file: size in bytes or ``-``, SHA-256 or ``-``, ``x`` for exclusive
access or ``-``, ``f`` if its name may stand without folders or ``-``, path, and the query of the file's address.
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

name = "py"
method = SCRIPT
suffix = ".py"
media_type = "text/x-python"
title = "Python script"
about = "Fetches and verifies every file, also on Windows, goes on where it stopped, and says what happened to each."
needs = "Python 3.9 or later and nothing else: any Linux, Mac or Windows."
use = "python3 {file}"
token = "It takes your token from $SKYBASKET_TOKEN, from a file that only you may read, or asks for it."  # noqa: S105 - a sentence
language = "python"
wants: frozenset[str] = frozenset()

# A name in the second line could be taken for that of a coding.
_START = "#!/usr/bin/env python3\n# A Python script of Skybasket.\n"


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the script. Raises JobError for an address of the server that is not safe in it."""
    must_be_server(header.base_url)
    with text(out) as script:
        script.write(_START)
        for line in about_it(header, f"python3 {header.name}.py", f"on Windows: py {header.name}.py"):
            script.write(f"# {line}\n")
        script.write(files("jobs.dialects").joinpath("bodies", "fetch.py").read_text("utf-8"))
        script.write(f"\n#@ {header.name}\t{header.base_url}\n")
        count = 0
        for item in items:
            script.write(_row(item))
            count += 1
        script.write(f"#@ end\t{count}\n")


def _row(item: Item) -> str:
    size = "-" if item.size is None else item.size
    access, alone = "x" if item.exclusive else "-", "-" if item.flat == item.path else "f"
    return f"#\t{size}\t{item.sha256 or '-'}\t{access}\t{alone}\t{item.path}\t{item.query}\n"
