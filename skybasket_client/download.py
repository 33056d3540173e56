"""One part of a delivery, fetched to a file: what was interrupted goes on where it stopped.

``NAME.part`` holds what has come, ``NAME.part.etag`` of which version. It is continued by Range and If-Range (RFC 9110,
13.1.5 and 14.2), so that no file is a patchwork of two versions; its length, and its SHA-256 where the server tells it,
must be right before it gets its name.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import httpx

from skybasket_client.errors import FAILED, SILENT, SkybasketError
from skybasket_client.wire import PAUSES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from skybasket_client.parts import Part
    from skybasket_client.wire import Wire

    Progress = Callable[[str, int, int], None]

RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)
ATTEMPTS = 6  # in a row that bring nothing
PARTIAL, NOT_SATISFIABLE = 206, 416


def fetch(wire: Wire, part: Part, folder: Path, key: str, progress: Progress | None) -> Path:
    """Fetch a part; where it is. Raises SkybasketError, OSError."""
    whole = folder / part.name
    one = _Part(wire, part, whole, key, progress)
    if whole.exists():
        if one.is_right(whole):
            return whole
        raise SkybasketError(f"{whole} is there already, and is not this download.", "Move it, or name another folder.")
    one.must_have_room()
    one.complete()
    one.must_be_right()
    one.file.replace(whole)
    one.tag.unlink(missing_ok=True)
    return whole


class _Part:
    """A part on its way."""

    def __init__(self, wire: Wire, part: Part, whole: Path, key: str, progress: Progress | None) -> None:
        self.wire, self.key = wire, key
        self.url, self.size, self.sha256 = part.url, part.bytes, part.sha256
        self.file = whole.with_name(f"{whole.name}.part")
        self.tag = whole.with_name(f"{whole.name}.part.etag")
        self.name, self.progress = whole.name, progress

    @property
    def have(self) -> int:
        """Bytes that are there."""
        return self.file.stat().st_size if self.file.is_file() else 0

    def must_have_room(self) -> None:
        """Raise OSError, as a full disk does, if there is no room for the rest."""
        if self.size - self.have > shutil.disk_usage(self.file.parent).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.file))

    def complete(self) -> None:
        """Fetch until all is there. Raises SkybasketError if attempts bring nothing any more."""
        failures = 0
        while True:
            before = self.have
            try:
                self._receive()
            except httpx.TransportError as error:
                failures = 0 if self.have > before else failures + 1
                if failures >= ATTEMPTS:
                    raise SkybasketError(
                        f"{self.name} does not come: {error or type(error).__name__}.",
                        "What has come is kept; try again later to go on.",
                        why=SILENT,
                    ) from error
                time.sleep(PAUSES[min(failures, len(PAUSES)) - 1] if failures else 0)
            else:
                return

    def _receive(self) -> None:
        etag = self._etag()
        start = self.have if etag else 0
        if start > self.size:
            start = 0
        if start and start == self.size:
            return
        asked = {"Range": f"bytes={start}-", "If-Range": etag} if start else {}
        answer = self.wire.stream(self.url, asked, key=self.key)
        with closing(answer):
            if answer.status_code == NOT_SATISFIABLE or (
                answer.status_code == PARTIAL and not self._fits(answer, start, etag)
            ):
                self.file.unlink(missing_ok=True)
                raise httpx.RemoteProtocolError("it could not be continued")
            if answer.status_code != PARTIAL:
                start = 0
                self._note(answer.headers.get("ETag", ""))
            self._write(answer, start)

    def _write(self, answer: httpx.Response, start: int) -> None:
        have = start
        with self.file.open("ab" if start else "wb") as out:
            for piece in answer.iter_raw():
                have += len(piece)
                if have > self.size:
                    raise SkybasketError(f"{self.name} is longer than the server says.", "Order it again.", why=FAILED)
                out.write(piece)
                if self.progress:
                    self.progress(self.name, have, self.size)
        if have < self.size:
            raise httpx.RemoteProtocolError("the connection ended too early")

    def _fits(self, answer: httpx.Response, start: int, etag: str) -> bool:
        """Whether it is what was asked for, and of the same version: there are servers that know no If-Range."""
        given = RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        wanted = (start, self.size, etag)
        return given is not None and (int(given[1]), int(given[3]), answer.headers.get("ETag")) == wanted

    def _etag(self) -> str:
        with suppress(OSError, UnicodeError):
            return self.tag.read_text("ascii").strip()
        return ""

    def _note(self, etag: str) -> None:
        """Remember of which version the part is that is about to be written; a weak tag does not tell."""
        self.file.unlink(missing_ok=True)
        self.tag.unlink(missing_ok=True)
        if etag.isascii() and etag.startswith('"'):
            self.tag.write_text(etag, "ascii")

    def must_be_right(self) -> None:
        """Raise SkybasketError, and let go of what has come, if it is not what the server says."""
        if not self.is_right(self.file):
            self.file.unlink()
            self.tag.unlink(missing_ok=True)
            raise SkybasketError(f"{self.name} arrived damaged.", "Fetch it again.", why=FAILED)

    def is_right(self, file: Path) -> bool:
        """Whether a file has the length, and where it is known the SHA-256, of this part."""
        if file.stat().st_size != self.size:
            return False
        if self.sha256 is None:
            return True
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == self.sha256
