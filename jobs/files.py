"""Files that appear whole under their name, or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def replacing(file: Path) -> Iterator[IO[str]]:
    """The same as ``replacing_bytes`` for text in UTF-8."""
    with replacing_bytes(file) as out:
        text = TextIOWrapper(out, "utf-8", newline="\n")
        yield text
        text.flush()
        text.detach()


@contextmanager
def replacing_bytes(file: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of ``file`` at the end of the block; on an error it is dropped.

    The temporary name is fixed, so that a killed run leaves at most one stray file, which the next run reuses: whoever
    calls this makes sure that one process writes at a time.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
