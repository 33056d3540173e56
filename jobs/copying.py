"""One file from its store into the staging store: hashed on the way, and whole under its name or not there at all.

What goes wrong with the source is a row of the receipt; what goes wrong with the destination is an OSError.
"""

from __future__ import annotations

import os
from threading import Event, Lock
from typing import TYPE_CHECKING

from jobs.checksums import checksums
from jobs.errors import NO_STORE, NOT_THERE, MissingFile, StoreError
from jobs.receipts import FAILED, MISSING, OK, SIZE_ONLY, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jobs.manifest import Entry
    from jobs.storage import StoreMap


class StoppedError(Exception):
    """The run is over, so that what this thread was doing is not wanted any more."""


class Copier:
    """Copies files, also from several threads at once. ``parts``: a folder for those that are not complete yet."""

    def __init__(self, stores: StoreMap, parts: Path) -> None:
        self._stores = stores
        self._parts = parts
        self._lock = Lock()
        self._stopped = Event()
        self.bytes = 0  # read so far, less those of files that failed

    def stop(self) -> None:
        """Have every thread that copies raise StoppedError soon."""
        self._stopped.set()

    def copy(self, number: int, entry: Entry, target: Path) -> Row:
        """Put the file of ``entry`` at ``target`` if it is as promised. Raises OSError, StoppedError."""
        part = self._parts / f"{number}.part"
        try:
            with part.open("wb", buffering=0) as out:
                row = self._read(number, entry, lambda piece: _write(out.fileno(), piece))
                if not row.delivered:
                    return row
                if row.mtime_ns:
                    os.utime(out.fileno(), ns=(row.mtime_ns, row.mtime_ns))
                os.fsync(out.fileno())  # a row that says OK must hold after a power failure too
                mtime_ns = os.fstat(out.fileno()).st_mtime_ns  # as this file system keeps it
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return row._replace(mtime_ns=mtime_ns)

    def check(self, number: int, entry: Entry) -> Row:
        """Read the file of ``entry`` and see whether it is as promised. Raises StoppedError."""
        return self._read(number, entry, lambda _: None)

    def _read(self, number: int, entry: Entry, take: Callable[[bytes], None]) -> Row:
        """Read and judge a file; its time and version go into the row."""
        place = self._stores.locate(entry.uri, entry.location)
        if place is None:
            return Row(number, FAILED, NO_STORE)
        read = 0

        def taken(pieces: Iterator[bytes]) -> Iterator[bytes]:
            nonlocal read
            for piece in pieces:
                self._go_on()
                take(piece)
                read += len(piece)
                self._count(len(piece))
                yield piece

        try:
            found = place.store.stat(place.path)
            sums = checksums(taken(place.store.read(place.path, 0, found.size, found.version)))
        except StoreError as error:
            self._count(-read)
            if isinstance(error, MissingFile):
                return Row(number, MISSING, NOT_THERE)
            return Row(number, FAILED, str(error))
        row = judged(number, entry, found.size, sums.sha256, sums.crc32)
        if not row.delivered:
            self._count(-read)
        return row._replace(mtime_ns=round(found.mtime * 10**9), version=found.version)

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise StoppedError

    def _count(self, read: int) -> None:
        with self._lock:
            self.bytes += read


def judged(number: int, entry: Entry, size: int, sha256: str, crc32: int) -> Row:
    """The row of a file of which these bytes were read.

    A file of another size than the catalogue's is another revision, whose checksum the catalogue cannot know: the
    store's size is the true one. The same size with another checksum is damage.
    """
    row = Row(number, OK, "", size, sha256, crc32)
    if entry.size is not None and size != entry.size and sha256 != entry.sha256:
        return row._replace(result=SIZE_ONLY, detail=f"The file has {size:,} bytes; the catalogue says {entry.size:,}.")
    if entry.sha256 is not None:
        right, kind = sha256 == entry.sha256, "SHA-256"
    elif entry.crc32 is not None:
        right, kind = crc32 == entry.crc32, "CRC-32"
    else:
        return row._replace(result=SIZE_ONLY)
    return row if right else row._replace(result=FAILED, detail=f"Its {kind} is not the one in the catalogue.")


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
