"""Which of MAST's observations have been brought over lately, so that a command that was stopped goes on where it was.

One file for each server and catalogue: a line of JSON for each batch, written once the batch is in the catalogue. Lines
that cannot be read, such as the last one of a process that was killed, mean nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from webapp import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

AGE = 86_400  # seconds; a programme is asked for again tomorrow, a command that failed at night is not done again
FOLDER = "mast"


class Journal:
    """``files[number]`` is how many files an observation had."""

    def __init__(self, home: Path, server: str, database: str) -> None:
        digest = hashlib.sha256(f"{server}\n{database}".encode()).hexdigest()[:16]
        self._file = home / FOLDER / f"{digest}.jsonl"
        self.files: dict[str, int] = {}
        lines = list(self._fresh())
        for line in lines:
            self.files.update(json.loads(line)["files"])
        self._rewrite(lines)

    def done(self, files: dict[str, int]) -> None:
        """Note a batch that is in the catalogue now."""
        self.files.update(files)
        with self._file.open("a", encoding="ascii") as file:
            file.write(json.dumps({"at": clock.now(), "files": files}) + "\n")

    def forget(self, numbers: Collection[str]) -> None:
        """These are to be asked for again."""
        for number in numbers:
            self.files.pop(number, None)

    def _fresh(self) -> Iterator[str]:
        if not self._file.exists():
            return
        oldest = clock.now() - AGE
        for line in self._file.read_text("ascii", "replace").splitlines():
            try:
                said = json.loads(line)
                if said["at"] > oldest and all(isinstance(each, int) for each in said["files"].values()):
                    yield line
            except (ValueError, KeyError, TypeError, AttributeError):
                continue

    def _rewrite(self, lines: list[str]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        new.write_text("".join(f"{line}\n" for line in lines), "ascii")
        new.replace(self._file)
