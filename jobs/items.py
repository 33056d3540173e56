"""What scripts and lists say of a delivery and of each of its files: checked here once, so that no dialect has to.

Paths, queries and public places are one line without control characters; a URI may hold anything. Whatever else they
hold has to be quoted by the dialect in the way of its language.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from jobs.errors import JobError
from jobs.names import safe_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from jobs.manifest import Entry
    from jobs.storage import Located, Public, StoreMap

FILE = "/api/v0.1/Download/file"
AS = "/api/v0.1/Download/as"
_SERVER = re.compile(r"https?://[A-Za-z0-9._~:/\[\]@%-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEPT_IN_QUERY = "/:@!$'()*,;?~"  # may stand unencoded in a query and means nothing to those who split it


class Header(NamedTuple):
    """What is said about a delivery as a whole. Texts from people may hold anything, line ends too."""

    name: str  # of the delivery: the default folder at the user's; letters, digits, ".", "_" and "-"
    created_at: int  # seconds since 1970 UTC
    base_url: str  # of this server, no slash at the end
    files: int
    bytes: int
    unknown: int  # files of unknown size
    archive: str = "Skybasket"
    link: str = ""  # to the basket or delivery
    citation: str = ""

    def address(self, item: Item) -> str:
        """Where the bytes of a file are, in ASCII."""
        return f"{self.base_url}{FILE}?{item.query}"

    def address_as(self, item: Item) -> str:
        """The same as an address that ends in the file's path, for tools that name files by it."""
        query = base64.urlsafe_b64encode(item.query.encode()).decode().rstrip("=")
        return f"{self.base_url}{AS}/{query}/{quote(item.path)}"


class Item(NamedTuple):
    """One file."""

    uri: str
    path: str  # safe and unique; where it goes, below the delivery's folder
    flat: str  # where it goes when all are wanted in one folder
    size: int | None  # bytes; None is unknown
    sha256: str | None  # lower-case hex
    exclusive: bool  # its reader must say who they are
    query: str  # of its address: percent-encoded, in ASCII, without "&" but between its fields
    public: Public | None = None  # where anybody may have it without this server


def must_be_server(url: str) -> str:
    """The address of a server, if it is one that may stand in a script. Raises JobError."""
    if not _SERVER.fullmatch(url):
        raise JobError(f"{url!r} cannot be the address of this server.")
    return url


def items(
    entries: Iterable[Entry], versions: Iterable[int], alone: NDArray[np.bool_], stores: StoreMap
) -> Iterator[Item]:
    """The files of a manifest, one at a time.

    ``versions``: of each file in its store, below 0 if nobody knows (jobs.preflight). ``alone``: from
    ``jobs.names.stand_alone``. Raises JobError for an entry that is not safe in a script; the manifest makes none.
    """
    for entry, version, one in zip(entries, versions, alone, strict=True):
        if safe_path(entry.path) != entry.path or (entry.sha256 and not _SHA256.fullmatch(entry.sha256)):
            raise JobError(f"The manifest's entry for {entry.uri!r} has no safe path, or no SHA-256 in lower-case hex.")
        place = stores.locate(entry.uri, entry.location)
        ours = place is not None and place.url is None  # else it is another server that answers
        yield Item(
            entry.uri,
            entry.path,
            entry.path.rpartition("/")[2] if one else entry.path,
            entry.size,
            entry.sha256,
            entry.exclusive,
            query(entry.uri, version if ours and entry.sha256 is None and version >= 0 else None),
            None if place is None or entry.exclusive else _public(place),
        )


def _public(place: Located) -> Public | None:
    """Where anybody may have the file, if that can be written in one line."""
    found = place.store.public(place.path)
    return found if found is not None and all(field.isprintable() for field in found) else None


def query(uri: str, version: int | None = None) -> str:
    """The query of a file's address (RFC 3986, 3.4).

    With a ``version`` the server continues only that version of the file, and else sends the whole from its start:
    where no checksum would tell, no file becomes a patchwork of two.
    """
    found = f"uri={quote(uri, safe=_KEPT_IN_QUERY, errors='surrogatepass')}"
    return found if version is None else f"{found}&version={version:x}"
