"""The columns of the lists that are tables: CSV, JSON Lines, ECSV, VOTable."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from jobs.dialects import comment
from jobs.items import must_be_server
from jobs.manifest_page import access

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobs.items import Header, Item

MEANINGS = {
    "path": "Where the file goes, below the folder of the delivery",
    "uri": "Data URI: what the archive calls the file",
    "url": "Where the bytes are",
    "bytes": "Size",
    "sha256": "SHA-256 of the bytes, in hex",
    "access": "PUBLIC or EXCLUSIVE_ACCESS",
}
EMPTY_IF_UNKNOWN = ("bytes", "sha256")


class Row(NamedTuple):
    """One file. Every text is one line that XML can hold, without spaces in front, which some readers take away."""

    path: str  # one that begins with a space has "./" in front
    uri: str
    url: str
    bytes: int | None
    sha256: str | None
    access: str


def rows(header: Header, items: Iterable[Item]) -> Iterator[Row]:
    """One for each item. Raises JobError for an address of the server that is none."""
    must_be_server(header.base_url)
    for item in items:
        yield Row(
            f"./{item.path}" if item.path[0].isspace() else item.path,
            one_line(item.uri),
            header.address(item),
            item.size,
            item.sha256,
            access(exclusive=item.exclusive),
        )


def one_line(uri: str) -> str:
    """The URI, with what cannot be printed percent-encoded. The catalogue has no such URI."""
    if uri.isprintable():
        return uri
    return "".join(c if c.isprintable() else quote(c, errors="surrogatepass") for c in uri)


def facts(header: Header) -> dict[str, str]:
    """What is known of the delivery as a whole: each a line, without those that nobody knows."""
    found = {
        "name": header.name,
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(header.created_at)),
        "archive": header.archive,
        "basket": header.link,
        "citation": header.citation,
    }
    return {key: comment("; ".join(words.splitlines())) for key, words in found.items() if words}
