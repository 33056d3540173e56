"""Stores: where the bytes of products live. One module per kind, found by scanning this folder.

A module declares ``scheme`` (of its URLs) and ``open_store(url) -> Store``. ``StoreMap`` turns a data URI into a place.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from jobs.errors import StoreError
from jobs.plugins import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

REMOTE_SCHEMES = ("http://", "https://")


class Stat(NamedTuple):
    """Size in bytes, time of last change (seconds since 1970 UTC) and version of a stored file."""

    size: int
    mtime: float
    version: int  # fits 64 bits with sign; another one means that the bytes may be others


@runtime_checkable
class Store(Protocol):
    """One place with files. A path is relative, with ``/`` between its parts; all methods raise StoreError.

    A range is ``start <= i < end``. With a ``version`` (from ``stat``) the bytes are of just that version of the file,
    else ChangedFile is raised. One store may be used by many threads, and goes on working in a forked child.
    """

    url: str
    remote: bool  # an answer takes milliseconds and many can be under way: ask ahead

    def stat(self, path: str) -> Stat:
        """Raise MissingFile if there is no such file."""
        ...

    def fetch(self, path: str, start: int, end: int, version: int | None = None) -> bytes:
        """Exactly these bytes at once, or an exception: never short data."""
        ...

    def read(self, path: str, start: int, end: int, version: int | None = None) -> Iterator[bytes]:
        """Exactly these bytes in pieces, or an exception: never short data.

        The file is opened when the first piece is asked for; closing the iterator closes it.
        """
        ...

    def local_path(self, path: str) -> Path | None:
        """The file itself where it is on a local disk (for sendfile and X-Accel), else None."""
        ...

    def path_of(self, location: str) -> str | None:
        """The path within this store of a recorded location, or None if it lies elsewhere."""
        ...


@dataclass(frozen=True)
class Located:
    """A file in a configured store. It need not exist."""

    store: Store
    path: str


@dataclass(frozen=True)
class Remote:
    """A file at another server: whoever wants it is sent there."""

    url: str


@cache
def kinds() -> dict[str, ModuleType]:
    """The kinds of store by URL scheme. Raises PluginError if two modules claim one scheme."""
    return scan(sys.modules[__name__], "scheme")


def open_store(url: str) -> Store:
    """The store at ``url``; an absolute path is a local folder. Raises StoreError for a kind that is not known."""
    scheme = "file" if url.startswith("/") else url.partition(":")[0]
    if scheme not in kinds():
        raise StoreError(f"There is no kind of store for {url!r}; known are: {', '.join(kinds())}.")
    store: Store = kinds()[scheme].open_store(url)
    return store


class StoreMap:
    """The configured stores by URI prefix; the longest matching prefix wins."""

    def __init__(self, pairs: Iterable[tuple[str, str] | list[str]]) -> None:
        self._stores = [(prefix, open_store(url)) for prefix, url in sorted(pairs, key=lambda pair: -len(pair[0]))]

    def locate(self, uri: str, location: str | None = None) -> Located | Remote | None:
        """Where the bytes of a product are; None if no store is configured for it.

        A product's own recorded ``location`` goes first: an ``http(s)`` address, or a place inside a configured store.
        A location outside every configured store is not honoured, so that a table cannot point at ``/etc``.
        """
        if location:
            if location.startswith(REMOTE_SCHEMES):
                return Remote(location)
            for _, store in self._stores:
                path = store.path_of(location)
                if path is not None:
                    return Located(store, path)
        for prefix, store in self._stores:
            if uri.startswith(prefix):
                return Located(store, uri[len(prefix) :])
        return None
