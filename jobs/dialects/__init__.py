"""Dialects: a manifest as a script or list for the user's own machine. One module each, found by scanning.

A module declares what ``Dialect`` lists. ``write`` reads the items once and writes in constant memory.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from functools import cache
from io import TextIOWrapper
from textwrap import wrap
from typing import TYPE_CHECKING, BinaryIO, Protocol, TextIO, cast

from jobs.errors import JobError
from jobs.plugins import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobs.items import Header, Item

SCRIPT = "script"  # fetches and verifies by itself
LIST = "list"  # is given to another program, or only read


class Dialect(Protocol):
    """What each module of this folder offers. Texts are for people; ``{file}`` and ``{name}`` in them are filled in."""

    name: str  # as in ``format=``
    method: str  # SCRIPT or LIST
    suffix: str  # of the file, unlike that of any other dialect
    media_type: str
    title: str  # a few words: "Shell script"
    about: str  # one sentence: what one gets
    needs: str  # one sentence: what has to be on the user's machine
    use: str  # the command line that uses the file where it is; empty if there is none
    token: str  # one sentence: how it gets the token for exclusive files; empty if it never fetches
    language: str  # of its text, as Pygments names it; empty if it is not text
    wants: frozenset[str]  # fields of an Item without which it cannot list a file: "sha256", "public"

    def write(self, header: Header, items: Iterable[Item], out: BinaryIO) -> None:
        """Write the whole script or list. Raises JobError for what it cannot hold."""
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


@contextmanager
def text(out: BinaryIO, newline: str = "\n") -> Iterator[TextIO]:
    """``out`` to write text to, in UTF-8."""
    wrapped = TextIOWrapper(out, "utf-8", newline=newline)
    yield wrapped
    wrapped.flush()
    wrapped.detach()


def about(header: Header, command: str, elsewhere: str = "") -> list[str]:
    """What a script says of itself and how it is run, in lines that hold nothing but text.

    ``elsewhere``: another command for another system, with where that is.
    """
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(header.created_at))
    unknown = f", {header.unknown:,} of them of unknown size" if header.unknown else ""
    cited = [comment(line).strip() for line in header.citation.splitlines()]
    wrapped = [line for each in cited for line in wrap(each, 96, break_long_words=False, break_on_hyphens=False)]
    lines = [
        f"{header.name}: {header.files:,} files, {header.bytes:,} bytes{unknown}",
        f"Made by {header.archive} on {made}.",
        *([f"Basket: {header.link}"] if header.link else []),
        *(["Please cite:"] if wrapped else []),
        *(f"  {line}" for line in wrapped),
        f"Run it with: {command}{elsewhere and f' ({elsewhere})'}",
        f"What else it can do: {command} --help",
    ]
    return [comment(line) for line in lines]


def comment(words: str) -> str:
    """The same in one line, whatever it holds."""
    return "".join(c if c.isprintable() else " " for c in words)
