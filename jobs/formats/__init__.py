"""Formats: bundles as one file. One module each, found by scanning this folder.

A module declares ``name`` (as in ``format=``), ``suffix``, ``media_type``, ``needs_crc``, and ``virtual``. A virtual
one offers ``layout(members)``; one that must be built says what it compresses (``inner``) and offers ``build()``.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, cast

from jobs.errors import JobError
from jobs.plugins import scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.layout import Layout, Members


class Virtual(Protocol):
    """A format whose every byte follows from its members and their contents."""

    name: str
    suffix: str
    media_type: str
    needs_crc: bool  # the CRC-32 of every member must be known before the first byte
    virtual: Literal[True]

    def layout(self, members: Members) -> Layout:
        """Where everything is. Same members, same bytes."""
        ...


class Built(Protocol):
    """A format that a job must write before its length is known."""

    name: str
    suffix: str
    media_type: str
    needs_crc: bool
    virtual: Literal[False]
    inner: str  # the virtual format that is compressed

    def build(self, pieces: Iterable[bytes], out: BinaryIO) -> None:
        """Compress the bytes of the inner bundle into ``out``. Same bytes however cut, same result."""
        ...


@cache
def formats() -> dict[str, Virtual | Built]:
    """All formats by name. Raises PluginError if two modules claim one name."""
    return cast("dict[str, Virtual | Built]", scan(sys.modules[__name__], "name"))


def format_of(name: str) -> Virtual | Built:
    """The format of that name. Raises JobError naming those there are."""
    if name not in formats():
        raise JobError(f"There is no bundle format {name!r}; there are: {', '.join(formats())}.")
    return formats()[name]


def inner_of(name: str) -> Virtual:
    """The virtual format of that name, or the one inside of a built one. Raises JobError naming those there are."""
    found = format_of(name)
    return found if found.virtual else cast("Virtual", format_of(found.inner))
