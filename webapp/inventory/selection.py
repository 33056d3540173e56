"""Which files are ticked, which are removed: set operations on one bit per file, never a conflict.

A selection and a removal are bool arrays (n,) in tree order. A removed file is never selected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from webapp.inventory.arrays import Bools
    from webapp.inventory.inventory import Inventory


def pack(mask: Bools) -> bytes:
    """Eight files a byte, the first in the highest bit."""
    return np.packbits(mask).tobytes()


def unpack(data: bytes | None, n: int) -> Bools:
    """The opposite of ``pack``; None is no file. Raises ValueError if the bytes are not those of n files."""
    if data is None:
        return np.zeros(n, bool)
    if len(data) != (n + 7) // 8:
        raise ValueError(f"{len(data)} bytes cannot be the bits of {n} files.")
    return np.unpackbits(np.frombuffer(data, np.uint8), count=n).astype(bool)


def carry(old_products: npt.ArrayLike, old_mask: Bools, inventory: Inventory) -> Bools:
    """A mask over an older inventory's products, as a mask over this one: the same files, new ones unmarked."""
    rows = inventory.row_of(np.asarray(old_products, np.int64)[old_mask])
    mask = np.zeros(len(inventory), bool)
    mask[rows[rows >= 0]] = True
    return mask


def tick(selection: Bools, removed: Bools, shown: Bools, target_mask: Bools) -> Bools:
    """A click on the box of ``target_mask``: if all its shown files are ticked, untick them, else tick them all.

    A single file is ticked even if filters hide it: pass it as ``shown`` too.
    """
    rows = shown & target_mask & ~removed
    if np.any(rows & ~selection):
        return selection | rows
    return selection & ~rows


def select(selection: Bools, mask: Bools, on: bool) -> Bools:  # noqa: FBT001 - select(selection, mask, on) reads well
    """Tick or untick the files of ``mask``, which holds no removed file."""
    return selection | mask if on else selection & ~mask
