"""What an FTP client sees: ``/stage/anonymous/<id>/`` with one delivery's files, and the folders that lead there.

A path is the client's own, made absolute, up to the moment when a file is looked at. Everything else in the stage does
not exist for it; a link that leads out of the delivery's folder is refused.
"""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import IO, Any

from pyftpdlib.exceptions import FilesystemError
from pyftpdlib.filesystems import AbstractedFS

from webapp import ftp

CLOSED = "These files may not be fetched any more: they have expired, or are exclusive."
NOT_THERE = "There is no such file or folder."


class Jail(AbstractedFS):  # type: ignore[misc]  # pyftpdlib has no type information
    """``root`` is the delivery's folder in the stage, links resolved; ``handler`` is logged in as the delivery."""

    def __init__(self, root: str, handler: Any) -> None:
        super().__init__(root, handler)
        self._home = PurePosixPath(ftp.folder(handler.username))
        parents = self._home.parents
        self._ways = {str(above): child.name for above, child in zip(parents, (self._home, *parents), strict=False)}

    def ftp2fs(self, ftppath: str) -> str:
        """Client's path, made absolute; ``..`` is resolved by its letters, and stops at ``/``."""
        return str(self.ftpnorm(ftppath))

    def fs2ftp(self, fspath: str) -> str:
        """The same path."""
        return fspath

    def validpath(self, path: str) -> bool:
        """Whether a path may be looked at: on the way to the folder, or really inside it."""
        if path in self._ways:
            return True
        if not PurePosixPath(path).is_relative_to(self._home) or "\0" in path:
            return False
        real = os.path.realpath(self._real(path))
        return real == self.root or real.startswith(self.root + os.sep)

    def _real(self, path: str) -> str:
        """Where it is on disk; the folders on the way look like the delivery's own."""
        if path in self._ways:
            return str(self.root)
        return os.path.normpath(os.path.join(self.root, PurePosixPath(path).relative_to(self._home)))  # noqa: PTH118 - pyftpdlib speaks in strings

    def chdir(self, path: str) -> None:
        """Go to a folder; this process stays where it is."""
        if not self.isdir(path):
            raise FilesystemError(NOT_THERE)
        self.cwd = path

    def listdir(self, path: str) -> list[str]:
        """Names in a folder, sorted; links that lead out are left out."""
        if path in self._ways:
            return [self._ways[path]]
        names = sorted(os.listdir(self._real(path)))  # noqa: PTH208 - as above
        return [name for name in names if self.validpath(f"{path}/{name}")]

    def open(self, filename: str, mode: str) -> IO[bytes]:
        """A file to read from."""
        if mode != "rb" or not self.validpath(filename):
            raise FilesystemError("These files can only be read.")
        if not self.cmd_channel.authorizer.is_open(self.cmd_channel.username):
            raise FilesystemError(CLOSED)
        return open(self._real(filename), "rb")  # noqa: PTH123 - as above; the caller closes it

    def stat(self, path: str) -> os.stat_result:
        """Of what a link leads to; ``listdir`` names none that leads out."""
        return os.stat(self._real(path))  # noqa: PTH116 - as above

    lstat = stat  # a link inside the folder is shown as what it leads to

    def isfile(self, path: str) -> bool:
        """Whether it is a file."""
        return os.path.isfile(self._real(path))  # noqa: PTH113 - as above

    def isdir(self, path: str) -> bool:
        """Whether it is a folder."""
        return os.path.isdir(self._real(path))  # noqa: PTH112 - as above

    def getsize(self, path: str) -> int:
        """Bytes."""
        return os.path.getsize(self._real(path))  # noqa: PTH202 - as above

    def getmtime(self, path: str) -> float:
        """Seconds since 1970 UTC."""
        return os.path.getmtime(self._real(path))  # noqa: PTH204 - as above

    def realpath(self, path: str) -> str:
        """The path itself: whether it leads out was asked by ``validpath``."""
        return path
