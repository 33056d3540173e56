"""Stores: where the bytes of products live. One module per kind, found by scanning this folder.

A module declares ``scheme`` (of its URLs) and ``open_store(url) -> Store``. ``StoreMap`` turns a data URI into a place.
"""

from __future__ import annotations

import hashlib
import re
import sys
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from jobs.errors import StoreError
from jobs.plugins import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

REMOTE_SCHEMES = ("http://", "https://")
_SAME_KIND = {"https": "http"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_REFUSED = re.compile(r"[\0\\]|^[A-Za-z]:|^/|(?:^|/)\.\.(?:/|$)|^$")


class Stat(NamedTuple):
    """Size in bytes, time of last change (seconds since 1970 UTC) and version of a stored file."""

    size: int
    mtime: float
    version: int  # fits 64 bits with sign; another one means that the bytes may be others


class Public(NamedTuple):
    """Where anybody may read a file by the S3 protocol. ``endpoint`` and ``region``: empty for AWS's own."""

    url: str  # s3://bucket/key
    endpoint: str = ""
    region: str = ""


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

    def public(self, path: str) -> Public | None:
        """Where anybody may read the file without asking this server, if there is such a place."""
        ...


@runtime_checkable
class Streams(Protocol):
    """A store that can also send a file of which nobody knows how large it is."""

    def whole(self, path: str) -> Iterator[bytes]:
        """The file from start to end, or an exception. It is asked for at once, and sent as it is read."""
        ...


class Located(NamedTuple):
    """A file in a store. It need not exist.

    ``url``: where anybody may be sent for it, since the catalogue itself names that address of another server.
    """

    store: Store
    path: str
    url: str | None = None


def plain_path(path: str, *, remote: bool = False) -> str:
    """The path, if it is one within a store. Raises StoreError for one that is absolute, climbs, or holds a NUL.

    ``remote``: it must be text, since only a local disk has names in no encoding.
    """
    if _REFUSED.search(path) or (remote and _SURROGATE.search(path)):
        raise StoreError(f"{path!r} is not a path within a store.")
    return path


def must_be_range(path: str, start: int, end: int) -> None:
    """Raise StoreError unless ``0 <= start <= end``."""
    if not 0 <= start <= end:
        raise StoreError(f"Bytes {start} to {end} of {path!r} are not a range.")


def version_of(*facts: object) -> int:
    """What a server tells of a file, its tag or time and its size, as a version: 0 to 2**63 - 1."""
    return int.from_bytes(hashlib.blake2b(repr(facts).encode(), digest_size=8).digest()) >> 1


@cache
def kinds() -> dict[str, ModuleType]:
    """The kinds of store by URL scheme. Raises PluginError if two modules claim one scheme."""
    return scan(sys.modules[__name__], "scheme")


def open_store(url: str) -> Store:
    """The store at ``url``; an absolute path is a local folder. Raises StoreError for a kind that is not known."""
    scheme = "file" if url.startswith("/") else url.partition(":")[0]
    scheme = _SAME_KIND.get(scheme, scheme)
    if scheme not in kinds():
        raise StoreError(f"There is no kind of store for {url!r}; known are: {', '.join(kinds())}.")
    store: Store = kinds()[scheme].open_store(url)
    return store


class StoreMap:
    """The configured stores by URI prefix; the longest matching prefix wins."""

    def __init__(self, pairs: Iterable[tuple[str, str] | list[str]]) -> None:
        self._stores = [(prefix, open_store(url)) for prefix, url in sorted(pairs, key=lambda pair: -len(pair[0]))]

    def locate(self, uri: str, location: str | None = None) -> Located | None:
        """Where the bytes of a product are; None if no store is configured for it.

        A product's own recorded ``location`` goes first: a place inside a configured store, or an ``http(s)`` address
        of a public server. A place elsewhere is not honoured, so that a table cannot point at ``/etc``.
        """
        if location:
            for _, store in self._stores:
                path = store.path_of(location)
                if path is not None:
                    return Located(store, path)
            if location.startswith(REMOTE_SCHEMES):
                secret = "@" in location.split("/", 3)[2]  # a user and a password
                return Located(self._web, location, None if secret else location)
        for prefix, store in self._stores:
            if uri.startswith(prefix):
                return Located(store, uri[len(prefix) :])
        return None

    @cached_property
    def any_public(self) -> bool:
        """Whether there is a store from which anybody may read without asking this server."""
        return any(store.public("_") for _, store in self._stores)

    @cached_property
    def _web(self) -> Store:
        store: Store = kinds()["http"].Web(store for _, store in self._stores)
        return store
