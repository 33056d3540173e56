"""The manifest: the frozen list of files that a delivery promises. The border between the web and the jobs.

Its file is JSON lines, read and written one line at a time: a first line about the whole, then one line per file.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, NamedTuple

from jobs.errors import ManifestError
from jobs.files import replacing
from jobs.names import safe_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Entry", "Head", "Manifest", "Totals", "digest_of", "read_head", "read_jsonl", "safe_paths", "write_jsonl"]

MANIFEST_FILE = "manifest.jsonl"  # in a delivery's folder
VERSION = 1
READ_AHEAD = 1 << 20  # each read lets other threads run, and getting back takes milliseconds
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


class Entry(NamedTuple):
    """One promised file."""

    uri: str
    path: str  # safe and unique, from safe_paths(); where the file will be below the delivery's folder
    size: int | None  # bytes; None is unknown
    sha256: str | None  # lower-case hex
    crc32: int | None
    exclusive: bool  # its reader must say who they are
    location: str | None  # where the bytes are, when not found by the URI's prefix
    wanted: str  # the path before it was made safe and unique


class Totals(NamedTuple):
    """How much: files, bytes of those whose size is known, and how many are not."""

    files: int
    bytes: int
    unknown: int


class Head(NamedTuple):
    """A manifest without its files."""

    name: str
    created_at: int  # seconds since 1970 UTC
    files: int


@dataclass(frozen=True)
class Manifest:
    """A named, frozen list of files. ``name`` becomes the name of folders and files at the user's.

    Raises ManifestError for a name that is not plain.
    """

    name: str
    entries: tuple[Entry, ...]
    created_at: int  # seconds since 1970 UTC

    def __post_init__(self) -> None:
        _plain(self.name)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of what is promised: equal for the same files in the same order, whatever name and time."""
        return digest_of(self.entries)

    @cached_property
    def totals(self) -> Totals:
        """Files, bytes, and files of unknown size."""
        sizes = [entry.size for entry in self.entries if entry.size is not None]
        return Totals(len(self.entries), sum(sizes), len(self.entries) - len(sizes))


def digest_of(entries: Iterable[Entry]) -> str:
    """SHA-256 (hex) of URI, path, size, hash and access of each entry, in order."""
    content = hashlib.sha256()
    for entry in entries:
        line = json.dumps([entry.uri, entry.path, entry.size, entry.sha256, entry.exclusive], separators=(",", ":"))
        content.update(f"{line}\n".encode())
    return content.hexdigest()


def write_jsonl(manifest: Manifest, file: Path) -> None:
    """Write a manifest's file; it appears whole or not at all."""
    head = {"skybasket_manifest": VERSION, "name": manifest.name, "created_at": manifest.created_at}
    head["files"] = len(manifest.entries)
    with replacing(file) as out:
        out.write(json.dumps(head) + "\n")
        for entry in manifest.entries:
            out.write(json.dumps(entry, separators=(",", ":")) + "\n")


def read_head(file: Path) -> Head:
    """The first line of a manifest's file. Raises ManifestError."""
    with _opened(file) as lines:
        return _head(file, lines.readline())


def read_jsonl(file: Path) -> Iterator[Entry]:
    """The entries of a manifest's file, one at a time, in constant memory. Raises ManifestError."""
    with _opened(file) as lines:
        _head(file, lines.readline())
        for number, line in enumerate(lines, start=2):
            try:
                yield Entry(*json.loads(line))
            except (ValueError, TypeError) as error:
                raise ManifestError(f"Line {number} of {file.name} is not an entry of a manifest.") from error


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ManifestError(f"{name!r} cannot name a delivery: use letters, digits, '.', '_' and '-'.")
    return name


@contextmanager
def _opened(file: Path) -> Iterator[IO[str]]:
    try:
        with file.open(encoding="utf-8", buffering=READ_AHEAD) as lines:
            yield lines
    except UnicodeDecodeError as error:
        raise ManifestError(f"The manifest {file.name} is not text in UTF-8.") from error
    except OSError as error:
        raise ManifestError(f"The manifest {file.name} cannot be read: {error.strerror}.") from error


def _head(file: Path, line: str) -> Head:
    try:
        head = json.loads(line)
        if head["skybasket_manifest"] != VERSION:
            raise ManifestError(f"{file.name} is a manifest of another version.")
        return Head(_plain(head["name"]), head["created_at"], head["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"{file.name} is not a manifest.") from error
