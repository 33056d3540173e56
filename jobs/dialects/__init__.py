"""Dialects: a manifest as a script or list for the user's own machine. One module each, found by scanning.

A module declares ``name`` (as in ``format=``), ``suffix``, ``media_type`` and ``write(header, entries, out)``, which
reads ``entries`` once and writes in constant memory.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol, cast

from jobs.errors import JobError
from jobs.plugins import scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.manifest import Entry


class Header(NamedTuple):
    """What a dialect says about a delivery as a whole."""

    name: str  # of the delivery: the default folder at the user's
    created_at: int  # seconds since 1970 UTC
    base_url: str  # of this server, no slash at the end
    files: int
    bytes: int
    unknown: int  # files of unknown size
    archive: str = "Skybasket"
    link: str = ""  # to the basket or delivery
    citation: str = ""


class Dialect(Protocol):
    """What each module of this folder offers."""

    name: str
    suffix: str
    media_type: str

    def write(self, header: Header, entries: Iterable[Entry], out: IO[str]) -> None:
        """Write the whole script or list. Raises JobError for an entry that it cannot hold."""
        ...


@cache
def dialects() -> dict[str, Dialect]:
    """All dialects by name. Raises PluginError if two modules claim one name."""
    return cast("dict[str, Dialect]", scan(sys.modules[__name__], "name"))


def dialect(name: str) -> Dialect:
    """The dialect of that name. Raises JobError naming those there are."""
    if name not in dialects():
        raise JobError(f"There is no script or list of kind {name!r}; there are: {', '.join(dialects())}.")
    return dialects()[name]
