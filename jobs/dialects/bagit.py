"""A BagIt 1.0 bag (RFC 8493) whose payload is still to be fetched, as a zip: manifest, fetch.txt and tag files.

The files go into ``data/``. Their paths hold no line ends, so of what section 2.1.3 has encoded only ``%`` is left.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jobs.columns import facts
from jobs.dialects import LIST
from jobs.items import must_be_server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobs.items import Header, Item

name = "bagit"
method = LIST
suffix = ".bagit.zip"
media_type = "application/zip"
title = "BagIt bag"
about = "A bag for a repository or an archive of your own: checksums of every file, and where to fetch each from."
needs = "A program that completes bags from their fetch.txt, such as bdbag."
use = ""
token = "For exclusive files that program has to send the header Authorization: Bearer YOUR-TOKEN to this server."  # noqa: S105 - a sentence
language = ""
wants = frozenset({"sha256"})


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the zip. Raises JobError for an address of the server that is none."""
    must_be_server(header.base_url)
    count = size = 0
    whole = True  # the size of every file is known
    with ZipFile(out, "w", ZIP_DEFLATED) as archive, TemporaryFile() as fetch:
        bag = _Bag(archive, header)
        with bag.tag_file("manifest-sha256.txt") as manifest:
            for item in items:
                path = f"data/{item.path.replace('%', '%25')}"
                manifest.write(f"{item.sha256}  {path}\n".encode())
                length = "-" if item.size is None else item.size
                fetch.write(f"{header.address(item)} {length} {path}\n".encode())
                count += 1
                size += item.size or 0
                whole = whole and item.size is not None
        fetch.seek(0)
        with bag.tag_file("fetch.txt") as file:
            shutil.copyfileobj(fetch, file)
        with bag.tag_file("bag-info.txt") as file:
            file.write(_info(header, f"{size}.{count}" if whole else "").encode())
        with bag.tag_file("bagit.txt") as file:
            file.write(b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        bag.end()


class _Bag:
    """The tag files of a bag, each hashed as it is written."""

    def __init__(self, archive: ZipFile, header: Header) -> None:
        self._archive = archive
        self._name = header.name
        self._made = time.gmtime(header.created_at)[:6]
        self._sha256: dict[str, str] = {}

    @contextmanager
    def tag_file(self, name: str) -> Iterator[_Hashed]:
        info = ZipInfo(f"{self._name}/{name}", self._made)
        info.compress_type = ZIP_DEFLATED
        info.external_attr = 0o100644 << 16
        with self._archive.open(info, "w") as file:
            hashed = _Hashed(file)
            yield hashed
        self._sha256[name] = hashed.sha256.hexdigest()

    def end(self) -> None:
        lines = (f"{digest}  {name}\n" for name, digest in sorted(self._sha256.items()))
        with self.tag_file("tagmanifest-sha256.txt") as file:
            file.write("".join(lines).encode())


class _Hashed:
    """A file to write to, and the SHA-256 of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.sha256.update(content)
        return self._file.write(content)


def _info(header: Header, oxum: str) -> str:
    known = facts(header)
    lines = {
        "Source-Organization": known.get("archive"),
        "External-Description": f"{header.name}, files chosen in a download basket",
        "External-Identifier": known.get("basket"),
        "Bagging-Date": known["made"][:10],
        "Payload-Oxum": oxum,
        "Citation": known.get("citation"),
    }
    return "".join(f"{label}: {words}\n" for label, words in lines.items() if words)
