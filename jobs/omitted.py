"""What a delivery leaves out, and why: agreed by the user beforehand, or found when it was prepared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from jobs.errors import ManifestError
from jobs.files import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

OMITTED_FILE = "omitted.jsonl"

# Why, in the words of receipts.
MISSING = "Missing"
NOT_AUTHORISED = "Not authorised"
NOT_IN_BATCH = "Not available in batch"


class Omitted(NamedTuple):
    """One file that is not in the delivery. ``reason`` is a word of receipts: Missing, Not authorised, ..."""

    uri: str
    path: str
    exclusive: bool
    reason: str


def write_omitted(folder: Path, omitted: Iterable[Omitted]) -> None:
    """Replace the list."""
    with replacing(folder / OMITTED_FILE) as out:
        for each in omitted:
            out.write(json.dumps(each, separators=(",", ":")) + "\n")


def read_omitted(folder: Path) -> Iterator[Omitted]:
    """The list, one at a time; none where there is no list. Raises ManifestError if it is damaged."""
    try:
        with (folder / OMITTED_FILE).open(encoding="utf-8") as lines:
            for line in lines:
                yield Omitted(*json.loads(line))
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError) as error:
        raise ManifestError(f"The list of what was left out of {folder.name} cannot be read.") from error
