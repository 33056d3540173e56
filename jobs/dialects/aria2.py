"""An input file for aria2c (its manual, "Input File"): an address, then indented options of that file alone.

Each file of public access sets a header of its own, which takes the place of those that the user sets for all. So a
token set for all goes only with the files of exclusive access. aria2 sends it along a redirect to another server;
ours redirects none of them, unless one has become public since the list was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from jobs.columns import facts
from jobs.dialects import LIST, text
from jobs.items import must_be_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "aria2"
method = LIST
suffix = ".aria2"
media_type = "text/plain"
title = "aria2 list"
about = "Files come four at once, are continued where they stopped, and verified where the SHA-256 is known."
needs = "The program aria2c: a package of any Linux, or from Homebrew on a Mac."
use = (
    "aria2c -i {file} -d {name} -c -V -j4 -x1 --retry-wait=3 --max-tries=6 "
    "--auto-file-renaming=false --allow-overwrite=true"
)
token = (
    "For exclusive files put the line header=Authorization: Bearer YOUR-TOKEN into a file that only you can read "  # noqa: S105 - a sentence
    "and add --conf-path=FILE."
)
language = "text"
wants: frozenset[str] = frozenset()


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the list. Raises JobError for an address of the server that is none."""
    must_be_server(header.base_url)
    command = use.format(file=header.name + suffix, name=header.name)
    with text(out) as file:
        file.writelines(f"# {key}: {words}\n" for key, words in facts(header).items())
        file.write(f"# Run it with: {command}\n# {token}\n")
        for item in items:
            # "./" because aria2 takes away spaces in front.
            file.write(f"{header.address(item)}\n  out=./{item.path}\n")
            if item.sha256 is not None:
                file.write(f"  checksum=sha-256={item.sha256}\n")
            if not item.exclusive:
                file.write("  header=Accept: */*\n")
