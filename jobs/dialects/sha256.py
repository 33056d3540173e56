"""Checksums as ``sha256sum`` writes and checks them: SHA-256, two spaces, path. No path needs its escapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from jobs.dialects import LIST, text
from jobs.items import must_be_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "sha256"
method = LIST
suffix = ".sha256"
media_type = "text/plain"
title = "Checksums"
about = "The SHA-256 of every file, to check a folder that is there already."
needs = "In the folder of the files run sha256sum -c with this list; on a Mac shasum -a 256 -c."
use = ""
token = ""
language = "text"
wants = frozenset({"sha256"})


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the checksums. Raises JobError for an address of the server that is none."""
    must_be_server(header.base_url)
    with text(out) as file:
        for item in items:
            file.write(f"{item.sha256}  {item.path}\n")
