"""What commands about baskets remember between them, in private files: which basket is in use, and its key.

Below ``$XDG_STATE_HOME/skybasket`` (default ``~/.local/state/skybasket``), in a folder for each server: ``current``
holds the id of the basket in use, ``ID.key`` a basket's key, ``ID.METHOD.FORMAT`` the delivery that a download waits
for. One fact a file, written whole, so that commands that run at once lose nothing. Only their owner may read them.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

CURRENT = "current"
KEY = ".key"
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_OTHERS = 0o077
_LONGEST = 10_000  # characters


class Memory:
    """What is remembered of one server."""

    def __init__(self, server: str) -> None:
        state = os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
        self.folder = Path(state) / "skybasket" / quote(server, safe="")

    def file(self, name: str) -> Path:
        """Where something is kept; names begin with the id of a basket. Raises UserError 400 for what is no id."""
        if not _ID.fullmatch(name.partition(".")[0]) or "/" in name:
            raise UserError(400, f"{name[:100]!r} is not the id of a basket.")
        return self.folder / name

    def get(self, name: str) -> str:
        """What was put there; empty if nothing. Raises UserError 400 if others may read it."""
        file = self.file(name)
        try:
            with file.open(encoding="utf-8") as kept:
                if os.name == "posix" and os.fstat(kept.fileno()).st_mode & _OTHERS:
                    raise UserError(400, f"Others may read {file}.", f"Run this first: chmod 600 {file}")
                return kept.read(_LONGEST).strip()
        except FileNotFoundError:
            return ""

    def put(self, name: str, text: str) -> Path:
        """Remember ``text``; where it is. Raises UserError 400 if it cannot be written."""
        file = self.file(name)
        self._new(text).replace(file)
        return file

    def must_be_writable(self) -> None:
        """Raise UserError 400 if nothing can be remembered, before there is a key to lose."""
        self._new("").unlink()

    def _new(self, text: str) -> Path:
        """A new file with ``text``, under a name of its own."""
        file = self.folder / f".{secrets.token_hex(8)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600, exist_ok=False)
            file.write_text(f"{text}\n", "utf-8")
        except OSError as error:
            raise UserError(
                400,
                f"{self.folder} cannot be written to: {error.strerror}.",
                "Set XDG_STATE_HOME to a folder of yours.",
            ) from error
        return file

    def baskets(self) -> Iterator[str]:
        """The ids of baskets of which a key is kept."""
        return (file.stem for file in sorted(self.folder.glob(f"*{KEY}")))
