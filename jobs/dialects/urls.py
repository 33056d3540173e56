"""One address a line. Each ends in the path of its file, so that programs that name files by it name them right.

wget decodes names twice, so it saves one like ``a%41`` as ``aA``; the script for wget goes round that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from jobs.dialects import LIST, text
from jobs.items import must_be_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "urls"
method = LIST
suffix = ".urls.txt"
media_type = "text/plain"
title = "Addresses"
about = "The address of every file, one a line; nothing in it verifies what arrives."
needs = "A program that fetches addresses: wget, a download manager, your own."
use = "wget -c -x -nH --cut-dirs=5 --restrict-file-names=nocontrol -P {name} -i {file}"
token = (
    "For exclusive files put the line header = Authorization: Bearer YOUR-TOKEN into a file that only you can read "  # noqa: S105 - a sentence
    "and add --config=FILE and --max-redirect=0, so that no other server sees it."
)
language = "text"
wants: frozenset[str] = frozenset()


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the addresses. Raises JobError for an address of the server that is none."""
    must_be_server(header.base_url)
    with text(out) as file:
        for item in items:
            file.write(f"{header.address_as(item)}\n")
