"""What an HTTP answer says about a file, before a byte of it is believed (RFC 9110).

Refuses with a sentence: a web page in place of a file, a compressed body, a size that is not told.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from jobs.errors import ChangedFile, StoreError, UnknownSize
from jobs.storage import Stat, version_of

if TYPE_CHECKING:
    import httpx

PART, BEYOND = 206, 416
_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18})")
_PAGES = re.compile(r"\.x?html?$", re.IGNORECASE)


class Part(NamedTuple):
    """The version and size of a file, and the range of it that an answer holds; None is all of it."""

    version: int
    size: int
    range: tuple[int, int] | None


def must_be_file(response: httpx.Response, shown: str) -> None:
    """Raise StoreError for a compressed body, and for a web page in place of a file."""
    headers, host = response.headers, response.url.host
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise StoreError(f"{host} sent {shown} compressed, though it was asked not to.")
    page = headers.get("content-type", "").lower().partition(";")[0].strip() in {"text/html", "application/xhtml+xml"}
    if page and response.status_code != BEYOND and not _PAGES.search(shown.strip("'\"")):
        raise StoreError(f"{host} sent a web page in place of {shown}; it may want a login.")


def part_of(response: httpx.Response, shown: str) -> Part:
    """What an answer holds; ``shown`` names the file in sentences. Raises StoreError."""
    must_be_file(response, shown)
    headers, host = response.headers, response.url.host
    size, part = _length(headers.get("content-length", "")), None
    if response.status_code in (PART, BEYOND):
        told = _RANGE.fullmatch(headers.get("content-range", ""))
        if told is None or (told[1] is None) != (response.status_code == BEYOND):
            raise StoreError(f"{host} does not say which part of {shown} it sent.")
        size, part = int(told[3]), (int(told[1] or 0), int(told[2] or -1) + 1)
    if size is None:
        raise UnknownSize(f"{host} does not say how large {shown} is.")
    version = version_of(headers.get("etag") or headers.get("last-modified", ""), size)
    return Part(version, size, part)


def tells_size(response: httpx.Response) -> bool:
    """Whether an answer says how large the whole of its body is."""
    return _length(response.headers.get("content-length", "")) is not None


def stat_of(response: httpx.Response, shown: str) -> Stat:
    """What an answer tells of its file; the mtime is 0 where it tells none. Raises StoreError."""
    part = part_of(response, shown)
    try:
        mtime = parsedate_to_datetime(response.headers.get("last-modified", "")).timestamp()
    except (ValueError, OverflowError):
        mtime = 0.0
    return Stat(part.size, mtime, part.version)


def must_end(response: httpx.Response, shown: str) -> None:
    """Raise StoreError for a body of unknown length whose end could not be told from a broken connection."""
    if response.headers.get("transfer-encoding", "").lower() != "chunked" or response.status_code == PART:
        raise UnknownSize(f"{response.url.host} does not say where {shown} ends.")


def must_hold(part: Part, response: httpx.Response, end: int, version: int | None, shown: str) -> None:
    """Raise ChangedFile for another version, StoreError for a file that ends before ``end``."""
    host = response.url.host
    if response.status_code == BEYOND:
        if version is not None:
            raise ChangedFile(f"{shown} has changed at {host} since it was looked at.")
    elif version is not None and part.version != version:
        raise ChangedFile(f"{shown} has changed at {host} since it was looked at.")
    if end > part.size or response.status_code == BEYOND:
        raise StoreError(f"{shown} at {host} ends at byte {part.size}, and bytes up to {end} were wanted.")


def _length(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004 - 63 bits
