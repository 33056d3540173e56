"""A POSIX shell script that fetches with a few wget processes and verifies every file; ``wget.sh`` is its body.

The columns of its table are separated by tabs: size in bytes or ``-``, SHA-256 or ``-``, ``x`` for exclusive access or
``-``, path, and the file's address without the server's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from jobs.dialects import SCRIPT
from jobs.sh_script import write_script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "wget"
method = SCRIPT
suffix = ".wget.sh"
media_type = "application/x-sh"
title = "Script for wget"
about = "Fetches every file with wget, verifies it, goes on where it was stopped, and says what failed."
needs = "A shell and GNU wget 1: most Linux machines, or a Mac with Homebrew."
use = "sh {file}"
token = "It takes your token from the environment variable SKYBASKET_TOKEN."  # noqa: S105 - a sentence
language = "bash"
wants: frozenset[str] = frozenset()


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the script. Raises JobError for an address of the server that is not safe in it."""
    variables = {"name": header.name, "script": header.name + suffix, "tool": "wget", "server": header.base_url}
    rows = (_row(header, item) for item in items)
    write_script(out, header, suffix=suffix, variables=variables, bodies=["verified.sh", "wget.sh"], rows=rows)


def _row(header: Header, item: Item) -> str:
    size = "-" if item.size is None else item.size
    address = header.address_as(item).removeprefix(header.base_url)
    return f"{size}\t{item.sha256 or '-'}\t{'x' if item.exclusive else '-'}\t{item.path}\t{address}"
