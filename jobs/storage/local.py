"""Files in a local folder: ``file:///folder`` or an absolute path.

Refuses what is not a regular file inside the folder: absolute paths, ``..``, NUL, drive letters, backslashes, links
that lead outside, devices, pipes. A file that shrinks while it is read raises.
"""

from __future__ import annotations

import os
import re
import stat as modes
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from jobs.errors import MissingFile, StoreError
from jobs.storage import Stat

if TYPE_CHECKING:
    from collections.abc import Iterator

scheme = "file"

PIECE = 1 << 18  # 256 kB: measured flat from there up to 1 MB, and 200 slow readers stay small
_REFUSED = re.compile(r"[\0\\]|^[A-Za-z]:|^/")
# Without NONBLOCK a pipe would hang the reader before it can be refused.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


def open_store(url: str) -> LocalStore:
    """The store of a folder. Raises StoreError unless the URL names an absolute folder of this machine."""
    folder = _absolute(url)
    if folder is None:
        raise StoreError(f"A local store needs an absolute folder, as in file:///archive; {url!r} has none.")
    return LocalStore(url, folder)


def _absolute(url: str) -> str | None:
    """The absolute path that a ``file:`` URL or a plain path names, normalised; None if it names none here."""
    if url.startswith("file:"):
        parts = urlsplit(url)
        if parts.netloc not in ("", "localhost"):
            return None
        path = unquote(url.removeprefix("file:").removeprefix(f"//{parts.netloc}"))
    else:
        path = url
    return os.path.normpath(path) if path.startswith("/") and "\0" not in path else None


class LocalStore:
    """A folder. The folder may be missing now and appear later (a mount); then each file is missing until it does."""

    def __init__(self, url: str, folder: str) -> None:
        self.url = url
        self.folder = folder
        self._root = _inside(folder)

    def stat(self, path: str) -> Stat:
        """Size and mtime. Raises MissingFile or StoreError."""
        try:
            found = os.stat(self._real(path), follow_symlinks=False)  # noqa: PTH116 - asked for every file
        except OSError as error:
            raise _failure(path, error) from error
        _must_be_regular(path, found)
        return Stat(found.st_size, found.st_mtime)

    def read(self, path: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes ``start <= i < end`` in pieces of at most 256 kB. Raises StoreError if the file ends before."""
        if not 0 <= start <= end:
            raise StoreError(f"Bytes {start} to {end} of {path!r} are not a range.")
        with self._open(path) as file:
            at = start
            while at < end:
                try:
                    piece = os.pread(file, min(PIECE, end - at), at)
                except OSError as error:
                    raise _failure(path, error) from error
                if not piece:
                    raise StoreError(f"{path!r} ended at byte {at} while bytes up to {end} were being read.")
                at += len(piece)
                yield piece

    def local_path(self, path: str) -> Path:
        """The real file, links resolved. Raises StoreError if it is not allowed; it need not exist."""
        return Path(self._real(path))

    def path_of(self, location: str) -> str | None:
        """The path of ``file:///folder/path`` or ``/folder/path`` within this folder."""
        absolute = _absolute(location)
        if absolute is None or not absolute.startswith(self.folder.rstrip("/") + "/"):
            return None
        return os.path.relpath(absolute, self.folder)

    def _real(self, path: str) -> str:
        if not path or _REFUSED.search(path) or ".." in path.split("/"):
            raise StoreError(f"{path!r} is not a path within a store.")
        try:
            real = os.path.realpath(f"{self.folder}/{path}")
        except (OSError, ValueError) as error:
            raise StoreError(f"{path!r} is not a path within a store.") from error
        if not real.startswith(self._root):
            self._root = _inside(self.folder)  # the folder may be a link that has been changed
            if not real.startswith(self._root):
                raise StoreError(f"{path!r} leads outside its store.")
        return real

    @contextmanager
    def _open(self, path: str) -> Iterator[int]:
        try:
            file = os.open(self._real(path), _FLAGS)
        except OSError as error:
            raise _failure(path, error) from error
        try:
            _must_be_regular(path, os.fstat(file))
            yield file
        finally:
            os.close(file)


def _inside(folder: str) -> str:
    """What the real path of everything in the folder begins with."""
    return os.path.realpath(folder).rstrip("/") + "/"


def _must_be_regular(path: str, found: os.stat_result) -> None:
    if not modes.S_ISREG(found.st_mode):
        raise StoreError(f"{path!r} is not a regular file.")


def _failure(path: str, error: OSError) -> StoreError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return MissingFile(f"{path!r} is not in its store.")
    return StoreError(f"{path!r} cannot be read: {error.strerror}.")
