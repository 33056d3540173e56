"""The manifest as JSON Lines: one object for each file, in UTF-8; null is unknown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

from jobs.columns import rows
from jobs.dialects import LIST, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "jsonl"
method = LIST
suffix = ".jsonl"
media_type = "application/jsonl"
title = "JSON Lines"
about = "One JSON object for every file with its path, URI, address, size, SHA-256 and who may read it."
needs = "Any program that reads JSON."
use = ""
token = ""
language = "json"
wants: frozenset[str] = frozenset()


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the lines."""
    with text(out) as file:
        for row in rows(header, items):
            file.write(json.dumps(row._asdict(), ensure_ascii=False) + "\n")
