"""Files in a local folder: ``file:///folder`` or an absolute path.

Refuses what is not a regular file inside the folder: absolute paths, ``..``, NUL, drive letters, backslashes, links
that lead outside, devices, pipes. A file that shrinks or changes while it is read raises.

Where a folder really is gets remembered for a second, since resolving it takes four times as long as reading a small
file; whether its files are links is looked at each time.
"""

from __future__ import annotations

import os
import stat as modes
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from jobs.errors import ChangedFile, MissingFile, StoreError
from jobs.storage import Stat, must_be_range, plain_path

if TYPE_CHECKING:
    from collections.abc import Iterator

scheme = "file"

PIECE = 1 << 18  # 256 kB: measured flat from there up to 1 MB, and 200 slow readers stay small
REMEMBERED_SECONDS = 1.0
REMEMBERED_FOLDERS = 4096  # about 1 MB
MOST_VERSION = 2**63 - 1
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

    remote = False

    def __init__(self, url: str, folder: str) -> None:
        self.url = url
        self.folder = folder
        self._root = _inside(folder)
        self._folders: dict[str, tuple[str, float]] = {}  # where a folder really is, with a slash; valid until

    def stat(self, path: str) -> Stat:
        """Size, mtime and version, which is of mtime and size. Raises MissingFile or StoreError."""
        try:
            found = os.lstat(self._near(path))
        except (OSError, ValueError):  # its folder has moved since, or it is not there
            found = None
        if found is None or modes.S_ISLNK(found.st_mode):
            try:
                found = os.lstat(self._real(path))
            except OSError as error:
                raise _failure(path, error) from error
        _must_be_regular(path, found)
        return Stat(found.st_size, found.st_mtime, _version(found))

    def fetch(self, path: str, start: int, end: int, version: int | None = None) -> bytes:
        """The bytes ``start <= i < end`` at once. Raises StoreError if the file ends before."""
        must_be_range(path, start, end)
        file = self._open(path)
        try:
            content = os.pread(file, end - start, start)
            found = os.fstat(file)  # after reading, so that no change goes unseen
            if version is None or _version(found) != version:  # a version is of a regular file
                _must_be(path, found, version)
            if len(content) < end - start:  # a network file system may give less than it has
                content += b"".join(_pieces(file, path, start + len(content), end))
                _must_be(path, os.fstat(file), version)
        except OSError as error:
            raise _failure(path, error) from error
        finally:
            os.close(file)
        return content

    def read(self, path: str, start: int, end: int, version: int | None = None) -> Iterator[bytes]:
        """The bytes ``start <= i < end`` in pieces of at most 256 kB. Raises StoreError if the file ends before."""
        must_be_range(path, start, end)
        file = self._open(path)
        try:
            _must_be(path, os.fstat(file), version)
            for piece in _pieces(file, path, start, end):
                if version is not None:
                    _must_be(path, os.fstat(file), version)
                yield piece
        except OSError as error:
            raise _failure(path, error) from error
        finally:
            os.close(file)

    def local_path(self, path: str) -> Path:
        """The real file, links resolved. Raises StoreError if it is not allowed; it need not exist."""
        return Path(self._real(path))

    def path_of(self, location: str) -> str | None:
        """The path of ``file:///folder/path`` or ``/folder/path`` within this folder."""
        absolute, inside = _absolute(location), self.folder.rstrip("/") + "/"
        return absolute.removeprefix(inside) if absolute is not None and absolute.startswith(inside) else None

    def public(self, path: str) -> None:
        """Nobody reads a folder but through this server."""

    def _near(self, path: str) -> str:
        """Where the file is, by a folder that may have been looked at before; its last part may still be a link."""
        folder, _, name = path.rpartition("/")
        known, until = self._folders.get(folder, ("", 0.0))
        now = monotonic()
        # What is remembered of a folder was a plain path, so that only the name is left to look at.
        if until < now or not folder or "\0" in name or "\\" in name or name == "..":
            plain_path(path)
            known = self._resolved(folder).rstrip("/") + "/"
            if len(self._folders) >= REMEMBERED_FOLDERS:
                self._folders.clear()
            self._folders[folder] = known, now + REMEMBERED_SECONDS
        return known + name

    def _real(self, path: str) -> str:
        """Where the file is now, links resolved."""
        return self._resolved(plain_path(path))

    def _resolved(self, path: str) -> str:
        try:
            real = os.path.realpath(f"{self.folder}/{path}")
        except (OSError, ValueError) as error:
            raise StoreError(f"{path!r} is not a path within a store.") from error
        if not f"{real}/".startswith(self._root):
            self._root = _inside(self.folder)  # the folder may be a link that has been changed
            if not f"{real}/".startswith(self._root):
                raise StoreError(f"{path!r} leads outside its store.")
        return real

    def _open(self, path: str) -> int:
        """Whatever is there: what it is remains to be looked at."""
        try:
            return os.open(self._near(path), _FLAGS)
        except (OSError, ValueError):  # a link, or its folder has moved since, or it is not there
            try:
                return os.open(self._real(path), _FLAGS)
            except OSError as error:
                raise _failure(path, error) from error


def _pieces(file: int, path: str, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        piece = os.pread(file, min(PIECE, end - start), start)
        if not piece:
            raise StoreError(f"{path!r} ended at byte {start} while bytes up to {end} were being read.")
        start += len(piece)
        yield piece


def _inside(folder: str) -> str:
    """What the real path of everything in the folder begins with."""
    return os.path.realpath(folder).rstrip("/") + "/"


def _must_be_regular(path: str, found: os.stat_result) -> None:
    if not modes.S_ISREG(found.st_mode):
        raise StoreError(f"{path!r} is not a regular file.")


def _version(found: os.stat_result) -> int:
    """Of size and ctime too: tools that set a file's mtime, as pipelines and copies do, cannot set its ctime."""
    return (found.st_mtime_ns ^ found.st_ctime_ns * 31 ^ found.st_size << 32) & MOST_VERSION


def _must_be(path: str, found: os.stat_result, version: int | None) -> None:
    _must_be_regular(path, found)
    if version is not None and _version(found) != version:
        raise ChangedFile(f"{path!r} has changed since it was looked at.")


def _failure(path: str, error: OSError) -> StoreError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return MissingFile(f"{path!r} is not in its store.")
    return StoreError(f"{path!r} cannot be read: {error.strerror}.")
