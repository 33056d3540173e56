"""A million file names in one piece of memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from webapp.inventory.arrays import sealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.inventory.arrays import Bytes, Ints

NEWLINE = 10
ASCII = 128


@dataclass(frozen=True, eq=False)
class Names:
    """UTF-8 names, each ended by a line feed: name i is ``blob[offsets[i]:offsets[i + 1] - 1]``.

    ``blob`` is uint8; ``offsets`` is int64 (n + 1,), in bytes.
    """

    blob: Bytes
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> str:
        return self.blob[self.offsets[row] : self.offsets[row + 1] - 1].tobytes().decode()

    @cached_property
    def beyond_ascii(self) -> Ints:
        """The rows whose name is not plain ASCII, int64."""
        places = np.flatnonzero(self.blob >= ASCII)
        return np.unique(np.searchsorted(self.offsets, places, side="right") - 1)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self.blob.nbytes + self.offsets.nbytes


def pack_names(names: Sequence[str]) -> Names:
    """Join names. Raises ValueError for one that is empty, or holds a line feed, a slash or a lone surrogate."""
    text = "\n".join(names) + "\n" if names else ""
    blob = np.frombuffer(text.encode(), np.uint8)
    ends = np.flatnonzero(blob == NEWLINE) + 1
    if len(ends) != len(names):
        raise ValueError("A file name cannot hold a line break.")
    if "/" in text:
        raise ValueError("A file name cannot hold a slash.")
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    if np.any(np.diff(offsets) == 1):
        raise ValueError("A file name cannot be empty.")
    return Names(sealed(blob, np.uint8), sealed(offsets, np.int64))
