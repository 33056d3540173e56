"""The files of a bundle as columns: what a layout is computed from. Saved as ``.npy`` and mapped into memory.

Handles names of any UTF-8, up to millions of members. Refuses names that no archive can hold (empty, over 65,535 bytes,
with a NUL, ending in a slash, not text) and negative sizes. Whether a name is safe at the user's is ``safe_paths()``'s
business.
"""

from __future__ import annotations

import hashlib
import os
from array import array
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from jobs.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

LONGEST_NAME = 0xFFFF  # bytes: the field of a zip
TYPES = {"names": "<u1", "offsets": "<i8", "sizes": "<i8", "crcs": "<u4", "mtimes": "<i8"}


@dataclass(frozen=True, eq=False)
class Members:
    """``n`` files in the order in which they stand in the bundle. The columns are never written to.

    A slice ``members[first:last]`` shares them and costs nothing, so one set of columns serves all parts of a delivery;
    the member 0 of a part is the member ``first`` of the whole.
    """

    names: NDArray[np.uint8]  # UTF-8, one after the other
    offsets: NDArray[np.int64]  # n + 1: where each name begins in ``names``, and where the last one ends
    sizes: NDArray[np.int64]  # bytes
    crcs: NDArray[np.uint32]  # CRC-32 of the content; 0 where the format needs none
    mtimes: NDArray[np.int64]  # seconds since 1970 UTC

    @classmethod
    def of(cls, rows: Iterable[tuple[str, int, int, int]]) -> Members:
        """Columns of (name, size, crc, mtime) rows, read once. Raises ManifestError for a row that cannot be held."""
        names, offsets = bytearray(), array("q", [0])
        sizes, crcs, mtimes = array("q"), array("I"), array("q")
        for name, size, crc, mtime in rows:
            try:
                encoded = name.encode()
                sizes.append(size)
                crcs.append(crc)
                mtimes.append(mtime)
            except (ValueError, OverflowError, TypeError) as error:
                raise ManifestError(f"{name!r} cannot be put into a bundle: {error}.") from error
            if not 0 < len(encoded) <= LONGEST_NAME or b"\0" in encoded or encoded.endswith(b"/") or size < 0:
                raise ManifestError(f"{name[:200]!r} of {size} bytes cannot be put into a bundle.")
            names += encoded
            offsets.append(len(names))
        columns: dict[str, bytearray | array[int]] = {
            "names": names,
            "offsets": offsets,
            "sizes": sizes,
            "crcs": crcs,
            "mtimes": mtimes,
        }
        return cls(**{name: np.frombuffer(column, TYPES[name]) for name, column in columns.items()})

    def save(self, folder: Path) -> None:
        """Write one ``<column>.npy`` each; one that is there is replaced whole, never changed under its readers."""
        for field in fields(self):
            part = folder / f"{field.name}.npy.part"
            with part.open("wb") as out:
                np.save(out, getattr(self, field.name))
                out.flush()
                os.fsync(out.fileno())
            part.replace(folder / f"{field.name}.npy")

    @classmethod
    def load(cls, folder: Path) -> Members:
        """The columns that ``save`` wrote, mapped into memory. Raises ManifestError if they are not there whole."""
        try:
            found = cls(**{name: _mapped(folder / f"{name}.npy", kind) for name, kind in TYPES.items()})
        except (OSError, ValueError, EOFError) as error:
            raise ManifestError(f"The contents of the bundle in {folder.name} cannot be read: {error}") from error
        lengths = {len(found.offsets) - 1, len(found.sizes), len(found.crcs), len(found.mtimes)}
        if len(lengths) != 1 or int(found.offsets[-1]) != len(found.names):
            raise ManifestError(f"The contents of the bundle in {folder.name} are damaged.")
        return found

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, part: slice) -> Members:
        first, last, _ = part.indices(len(self))
        last = max(first, last)
        offsets = self.offsets[first : last + 1]
        return Members(self.names, offsets, self.sizes[first:last], self.crcs[first:last], self.mtimes[first:last])

    def paths(self, first: int, last: int) -> list[bytes]:
        """The names of the members ``first <= i < last``, in UTF-8."""
        offsets = self.offsets[first : last + 1].tolist()
        names = self.names[offsets[0] : offsets[-1]].tobytes()
        base = offsets[0]
        return [names[at - base : end - base] for at, end in pairwise(offsets)]

    def name(self, member: int) -> str:
        """The name of one member."""
        return self.paths(member, member + 1)[0].decode()

    def digest(self, salt: str, *, crcs: bool) -> str:
        """128 bits (hex) of all columns and ``salt``; of the CRC-32s only with ``crcs``. Equal for equal slices."""
        content = hashlib.sha256(f"{salt} {len(self)}\n".encode())
        for column in (np.diff(self.offsets), self.sizes, self.mtimes, *([self.crcs] if crcs else [])):
            content.update(np.ascontiguousarray(column).data)
        content.update(self.names[int(self.offsets[0]) : int(self.offsets[-1])].data)
        return content.hexdigest()[:32]


def _mapped(file: Path, kind: str) -> NDArray[Any]:
    column: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    if column.dtype != np.dtype(kind) or column.ndim != 1:
        raise ValueError(f"{file.name} holds {column.dtype}, not {kind}")
    return column.view(np.ndarray)  # the subclass of mapped arrays makes each slice several times slower
