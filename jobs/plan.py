"""Parts: how a selection that is too large for one bundle is cut, so that each part is a bundle of its own.

Files stay in order. A cut is between folders, and inside a folder only where that folder alone is too large.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


class Part(NamedTuple):
    """The files ``first <= i < last`` of a selection."""

    first: int
    last: int
    bytes: int


def folder_numbers(paths: Iterable[str]) -> NDArray[np.int64]:
    """A number per path that rises where the folder changes; int64, shape (n,)."""
    number, before = 0, None
    found = array("q")
    for path in paths:
        folder = path.rpartition("/")[0]
        number += folder != before
        before = folder
        found.append(number)
    return np.array(found, np.int64)


def split(
    sizes: NDArray[np.int64], folders: NDArray[np.int64], *, most_bytes: int, most_files: int
) -> tuple[Part, ...]:
    """Cut n files into as few parts as going through them in order gives; none for no files.

    ``sizes``: bytes, shape (n,), 0 where unknown. ``folders``: a number per file, shape (n,), equal for neighbours in
    one folder. A part holds at most ``most_files`` files, and ``most_bytes`` unless it is one single larger file.
    """
    n = len(sizes)
    ends = np.concatenate(([0], np.cumsum(sizes)))  # bytes before each file
    borders = np.concatenate(([0], np.flatnonzero(np.diff(folders)) + 1, [n])) if n else np.zeros(1, np.int64)
    parts: list[Part] = []
    first = 0
    while first < n:
        fits = int(np.searchsorted(ends, ends[first] + most_bytes, side="right")) - 1
        last = min(max(fits, first + 1), first + most_files, n)
        border = int(borders[np.searchsorted(borders, last, side="right") - 1])
        if border > first and last < n:
            last = border if not _alone_too_large(ends, borders, border, most_bytes, most_files) else last
        parts.append(Part(first, last, int(ends[last] - ends[first])))
        first = last
    return tuple(parts)


def _alone_too_large(
    ends: NDArray[np.int64], borders: NDArray[np.int64], start: int, most_bytes: int, most_files: int
) -> bool:
    """Whether the folder that starts at file ``start`` needs to be cut anyway."""
    end = int(borders[np.searchsorted(borders, start, side="right")])
    return bool(end - start > most_files or ends[end] - ends[start] > most_bytes)
