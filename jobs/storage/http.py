"""Files at another web server: ``https://host/folder/`` or ``http://``, with ``user:password@`` where it needs one.

A file is asked for by ranges of at most 1 MB, so that a slow reader holds no connection, and each answer is compared
with the version that was looked at: ETag or else Last-Modified, and size. Raises a sentence, never gives wrong bytes,
for: another range than the one asked for, a body that is too short, a size that is not told, a compressed body, a web
page in place of a file. A server without ranges is read from the start, as far as 64 MB.

An address may also end in a query, as MAST's does: ``https://host/file?uri=mast:``; the path is written behind it as it
is, and MAST_API_TOKEN, if it is set, goes to that host with it, by https or within this machine.

A store that the operator has configured may be anywhere; what a table names (``Web``) must be a public server.
"""

from __future__ import annotations

import os
import re
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from jobs.errors import ChangedFile, MissingFile, StoreError, Temporary
from jobs.storage import must_be_range, plain_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from jobs.storage import Stat, Store
    from jobs.upstream import Patience

scheme = "http"

BLOCK = 1 << 20
MOST_SKIPPED = 64 * BLOCK
_BY_URI = re.compile(rb"(?:^|&)uri=[^&]*[:/]$")
TOKEN = "MAST_API_TOKEN"  # noqa: S105 - the name of the variable that MAST's own tools read


def open_store(url: str) -> HttpStore:
    """The store below an address. Raises StoreError for an address that names no folder of a server."""
    if not url:
        raise StoreError("A web store needs an address.")
    return HttpStore(url)


class HttpStore:
    """A folder of a web server that the operator has configured."""

    remote = True

    def __init__(
        self, url: str, patience: Patience | None = None, hosts: frozenset[tuple[str, int]] = frozenset()
    ) -> None:
        from jobs import answers, upstream  # noqa: PLC0415 - httpx is loaded by whoever has such a store

        self.url = _bare(url).rstrip("/")
        base = upstream.address(url)
        self._asks = base is not None and _BY_URI.search(base.query) is not None
        if url and (base is None or base.fragment or (base.query and not self._asks)):
            looks = "https://archive.example/folder/ or https://archive.example/file?uri=mast:"
            raise StoreError(f"A web store looks like {looks}; {self.url!r} does not.")
        self._before = url if self._asks else f"{url.rstrip('/')}/"
        self._answers, self._address = answers, upstream.address
        self.hosts = frozenset({upstream.place_of(base)}) if base else hosts  # that may be within our own network
        token = os.environ.get(TOKEN, "") if base and self._asks and upstream.keeps_secrets(base) else ""
        self._upstream = upstream.Upstream(self.hosts, patience or upstream.Patience(), token)

    def stat(self, path: str) -> Stat:
        """Size, mtime (0 if the server tells none) and version. Raises MissingFile or StoreError."""
        url, shown = self._url(path), self._shown(path)
        return self._upstream.patiently(lambda: self._head(url, shown) or self._first_byte(url, shown))

    def fetch(self, path: str, start: int, end: int, version: int | None = None) -> bytes:
        """The bytes ``start <= i < end`` by one request."""
        must_be_range(path, start, end)
        if start == end:
            self._still(path, version)
            return b""
        _, content = self._block(path, start, end, version)
        if content is None:
            return self._upstream.patiently(lambda: b"".join(self._from_the_start(path, start, end, version)))
        return content

    def read(self, path: str, start: int, end: int, version: int | None = None) -> Iterator[bytes]:
        """The bytes ``start <= i < end`` by requests of 1 MB, all of one version."""
        must_be_range(path, start, end)
        if start == end:
            self._still(path, version)
        while start < end:
            stop = min(start + BLOCK, end)
            version, content = self._block(path, start, stop, version)
            if content is None:
                yield from self._from_the_start(path, start, end, version)
                return
            yield content
            start = stop

    def whole(self, path: str) -> Iterator[bytes]:
        """The file from start to end, where its server does not say how large it is. Raises StoreError."""
        pieces = self._whole(path)
        first = next(pieces, b"")
        return chain((first,), pieces)

    def local_path(self, path: str) -> None:
        """Nothing here is a local file."""

    def path_of(self, location: str) -> str | None:
        """The path of an address below this folder."""
        below, base = _bare(location), f"{self.url}/"
        if not self.url or self._asks or not below.startswith(base) or urlsplit(location).query:
            return None
        path = unquote(below.removeprefix(base))
        return None if ".." in path.split("/") else path

    def public(self, path: str) -> None:
        """Its own readers know the address; it is nobody else's business."""

    def close(self) -> None:
        """Close the connections of this process."""
        self._upstream.close()

    def _url(self, path: str) -> httpx.URL:
        found = self._address(f"{self._before}{quote(plain_path(path, remote=True))}")
        if found is None:
            raise StoreError(f"{path!r} is not a path within a store.")
        return found

    def _shown(self, path: str) -> str:
        return repr(path)

    def _still(self, path: str, version: int | None) -> None:
        if version is not None and self.stat(path).version != version:
            raise ChangedFile(f"{self._shown(path)} has changed since it was looked at.")

    def _head(self, url: httpx.URL, shown: str) -> Stat | None:
        """The answer to HEAD; None where the server has none that says how large the file is."""
        try:
            with self._upstream.answer("HEAD", url, {}, shown) as response:
                if self._answers.tells_size(response):
                    return self._answers.stat_of(response, shown)
        except (MissingFile, Temporary):
            raise
        except StoreError:
            return None
        return None

    def _first_byte(self, url: httpx.URL, shown: str) -> Stat:
        with self._upstream.answer("GET", url, {"Range": "bytes=0-0"}, shown) as response:
            return self._answers.stat_of(response, shown)

    def _block(self, path: str, start: int, end: int, version: int | None) -> tuple[int, bytes | None]:
        """These bytes; None if the server knows no ranges and sends more than them."""
        return self._upstream.patiently(lambda: self._try_block(path, start, end, version))

    def _try_block(self, path: str, start: int, end: int, version: int | None) -> tuple[int, bytes | None]:
        url, shown = self._url(path), self._shown(path)
        with self._upstream.answer("GET", url, {"Range": f"bytes={start}-{end - 1}"}, shown) as response:
            part = self._answers.part_of(response, shown)
            self._answers.must_hold(part, response, end, version, shown)
            if part.range is None and (start, end) != (0, part.size):
                return part.version, None
            if part.range not in (None, (start, end)):
                raise StoreError(f"{url.host} sent another part of {shown} than was asked for.")
            content = b"".join(_at_most(self._upstream.body(response, shown), end - start + 1))
        if len(content) > end - start:
            raise StoreError(f"{url.host} sent more of {shown} than was asked for.")
        if len(content) < end - start:
            raise Temporary(f"{url.host} sent less of {shown} than it promised.")
        return part.version, content

    def _whole(self, path: str) -> Iterator[bytes]:
        url, shown = self._url(path), self._shown(path)
        with self._upstream.answer("GET", url, {}, shown) as response:
            self._answers.must_be_file(response, shown)
            self._answers.must_end(response, shown)
            yield from self._upstream.body(response, shown)

    def _from_the_start(self, path: str, start: int, end: int, version: int | None) -> Iterator[bytes]:
        url, shown = self._url(path), self._shown(path)
        if start > MOST_SKIPPED:
            raise StoreError(f"{url.host} sends {shown} only as a whole, so that no part of it can be read.")
        at = 0
        with self._upstream.answer("GET", url, {}, shown) as response:
            self._answers.must_hold(self._answers.part_of(response, shown), response, end, version, shown)
            for piece in self._upstream.body(response, shown):
                wanted = piece[max(0, start - at) : max(0, end - at)]
                at += len(piece)
                if wanted:
                    yield wanted
                if at >= end:
                    return
        raise Temporary(f"{url.host} sent less of {shown} than it promised.")


class Web(HttpStore):
    """Any public file by its whole address, as a table names it; also at the hosts of configured ``stores``."""

    def __init__(self, stores: Iterable[Store] = (), patience: Patience | None = None) -> None:
        super().__init__(
            "", patience, frozenset().union(*(each.hosts for each in stores if isinstance(each, HttpStore)))
        )

    def _url(self, path: str) -> httpx.URL:
        found = self._address(path)
        if found is None:
            raise StoreError(f"The archive has no valid address for {self._shown(path)}.")
        return found

    def _shown(self, path: str) -> str:
        return repr(_bare(path).rpartition("/")[2])


def _bare(url: str) -> str:
    """An address without user, password, query and fragment: what may be shown, and what is compared."""
    scheme_, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme_}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0].partition('#')[0]}" if rest else ""


def _at_most(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The pieces until ``most`` bytes are there, so that a body without end fills no memory."""
    for piece in pieces:
        yield piece
        most -= len(piece)
        if most <= 0:
            return
