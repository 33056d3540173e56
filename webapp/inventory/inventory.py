"""The inventory: the unique products of a basket as columns in tree order, immutable, named by its digest.

Tree order is mission, folder path, file name, product id, each by code point. Handles columns in any order; refuses
duplicate products, indices out of range, and names that cannot be a file's.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from webapp.inventory.arrays import sealed
from webapp.inventory.cells import make_cells
from webapp.inventory.names import pack_names
from webapp.inventory.order import tree_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from webapp.inventory.arrays import Index, Ints
    from webapp.inventory.cells import Cells
    from webapp.inventory.names import Names

UNKNOWN_LEVEL = -9  # below every real level, so that "highest first" puts it last
UNKNOWN_SIZE = -1
MOST_BYTES = 2**62  # half of what sums can hold, because the check adds in floating point
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """One distinct combination of what the filters ask. ``level`` None is unknown."""

    mission: str
    category: str
    ext: str
    group: str
    level: int | None
    recommended: bool

    @property
    def product_type(self) -> str:
        """``reference`` for calibration reference files, else ``science``."""
        return "reference" if self.category == "CALIBRATION" else "science"


@dataclass(frozen=True, eq=False)
class Inventory:
    """n products in f folders; every array is read-only.

    ``product`` int64 (n,): catalogue ids. ``kind`` and ``rights`` int32 (n,): indices into ``kinds`` and
    ``rights_ids`` (catalogue ids). ``size`` int64 (n,): bytes, -1 unknown. ``starts`` int64 (f + 1,): folder i holds
    the rows ``starts[i]`` to ``starts[i + 1]``, at least one. ``folders``: (mission, path), sorted.
    """

    product: Ints
    kind: Index
    rights: Index
    size: Ints
    starts: Ints
    kinds: tuple[Kind, ...]
    rights_ids: tuple[int, ...]
    folders: tuple[tuple[str, str], ...]
    names: Names
    digest: str

    def __len__(self) -> int:
        return len(self.product)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, with what the first use of each helper adds."""
        columns = self.product.nbytes + self.kind.nbytes + self.rights.nbytes + self.size.nbytes + self.starts.nbytes
        helpers = len(self) * 29  # cells: 4 + 8 + 1; lookup by product: 16
        return columns + helpers + self.names.nbytes + 150 * len(self.folders)

    @cached_property
    def cells(self) -> Cells:
        """The distinct (kind, rights) pairs."""
        return make_cells(self.kind, self.rights, self.size, len(self.rights_ids))

    @cached_property
    def levels(self) -> Ints:
        """Calibration level of each kind, int64 (kinds,); UNKNOWN_LEVEL where it is not known."""
        return np.array([UNKNOWN_LEVEL if kind.level is None else kind.level for kind in self.kinds], np.int64)

    @cached_property
    def missions(self) -> tuple[str, ...]:
        """The missions present, sorted."""
        return tuple(sorted({mission for mission, _ in self.folders}))

    @cached_property
    def _by_product(self) -> tuple[Ints, Ints]:
        rows = np.argsort(self.product)
        return self.product[rows], rows

    def row_of(self, product_ids: npt.ArrayLike) -> Ints:
        """The rows of some products, int64 of the same shape; -1 where the product is not in here."""
        wanted = np.asarray(product_ids, np.int64)
        if len(self) == 0 or wanted.size == 0:
            return np.full(wanted.shape, -1, np.int64)
        ids, rows = self._by_product
        place = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        return np.where(ids[place] == wanted, rows[place], -1)

    def name(self, row: int) -> str:
        """The file name of a row."""
        return self.names[row]

    def path(self, row: int) -> str:
        """Where a row stands: MISSION/folder/file."""
        mission, folder = self.folders[self.folder_of(row)]
        return f"{mission}/{folder}/{self.names[row]}"

    def folder_of(self, row: int) -> int:
        """The index of the folder that holds a row."""
        return int(np.searchsorted(self.starts, row, side="right")) - 1

    def folders_of(self, rows: npt.ArrayLike) -> Ints:
        """The indices of the folders that hold some rows, int64 of the same shape."""
        return np.searchsorted(self.starts, rows, side="right") - 1

    def paths(self, rows: Ints) -> list[str]:
        """Where some rows stand."""
        places = (self.folders[i] for i in self.folders_of(rows).tolist())
        return [
            f"{mission}/{folder}/{self.names[row]}"
            for row, (mission, folder) in zip(rows.tolist(), places, strict=True)
        ]

    def folder_index(self, mission: str, path: str) -> int | None:
        """The index of a folder, or None."""
        place = bisect_left(self.folders, (mission, path))
        return place if place < len(self.folders) and self.folders[place] == (mission, path) else None

    def folder_range(self, mission: str) -> range:
        """The indices of a mission's folders; empty for an unknown mission."""
        first = bisect_left(self.folders, mission, key=lambda folder: folder[0])
        return range(first, bisect_right(self.folders, mission, key=lambda folder: folder[0]))


def build(
    *,
    product: npt.ArrayLike,
    folder: npt.ArrayLike,
    kind: npt.ArrayLike,
    rights: npt.ArrayLike,
    size: npt.ArrayLike,
    names: Sequence[str],
    folders: Sequence[tuple[str, str]],
    kinds: Sequence[Kind],
    rights_ids: Sequence[int],
) -> Inventory:
    """Make an inventory of columns in any order.

    All columns have length n; ``folder``, ``kind`` and ``rights`` are indices into ``folders``, ``kinds`` and
    ``rights_ids``, where unused or repeated entries do no harm. ``size`` is in bytes, negative for unknown. Raises
    ValueError for columns of different lengths, an index out of range, a repeated product, an impossible name, or sizes
    whose sum would overflow.
    """
    ids = np.asarray(product, np.int64)
    columns = [ids, *(np.asarray(column, np.int64) for column in (folder, kind, rights, size))]
    if any(column.shape != (len(names),) for column in columns):
        raise ValueError("All columns of an inventory must have one value per file.")
    ordered = np.sort(ids)
    if np.any(ordered[1:] == ordered[:-1]):
        raise ValueError("A product can be in an inventory only once.")
    size_of = np.maximum(columns[4], UNKNOWN_SIZE)
    if size_of.sum(dtype=np.float64) > MOST_BYTES:
        largest = int(np.argmax(size_of))
        raise ValueError(
            f"The files of this inventory add up to more than 4 exabytes; is {names[largest]} of {size_of[largest]:,} "
            "bytes a mistake?"
        )
    folder_of, sorted_folders = _canonical(columns[1], folders)
    kind_of, sorted_kinds = _canonical(columns[2], kinds, _kind_key)
    rights_of, sorted_rights = _canonical(columns[3], rights_ids)
    order, ordered_names = tree_order(folder_of, names, ids)
    folder_of = folder_of[order]
    starts = np.searchsorted(folder_of, np.arange(len(sorted_folders) + 1))
    return sealed_inventory(
        product=ids[order],
        kind=kind_of[order],
        rights=rights_of[order],
        size=size_of[order],
        starts=starts,
        kinds=sorted_kinds,
        rights_ids=sorted_rights,
        folders=sorted_folders,
        names=pack_names(ordered_names),
    )


def sealed_inventory(
    *,
    product: npt.ArrayLike,
    kind: npt.ArrayLike,
    rights: npt.ArrayLike,
    size: npt.ArrayLike,
    starts: npt.ArrayLike,
    kinds: tuple[Kind, ...],
    rights_ids: tuple[int, ...],
    folders: tuple[tuple[str, str], ...],
    names: Names,
) -> Inventory:
    """An inventory of columns that are in tree order already, with its digest."""
    inventory = Inventory(
        product=sealed(product, "<i8"),
        kind=sealed(kind, "<i4"),
        rights=sealed(rights, "<i4"),
        size=sealed(size, "<i8"),
        starts=sealed(starts, "<i8"),
        kinds=kinds,
        rights_ids=rights_ids,
        folders=folders,
        names=names,
        digest="",
    )
    return replace(inventory, digest=_digest(inventory))


def _digest(inventory: Inventory) -> str:
    meta = [[astuple(kind) for kind in inventory.kinds], inventory.rights_ids, inventory.folders, len(inventory)]
    digest = hashlib.sha256(json.dumps(meta, separators=(",", ":")).encode())
    columns = inventory.product, inventory.kind, inventory.rights, inventory.size, inventory.starts
    for array in (*columns, inventory.names.offsets, inventory.names.blob):
        digest.update(array.data)
    return digest.hexdigest()


def _kind_key(kind: Kind) -> tuple[str | int | bool, ...]:
    level = UNKNOWN_LEVEL if kind.level is None else kind.level
    return (kind.mission, kind.category, kind.ext, kind.group, level, kind.recommended)


def _canonical(index: Ints, values: Sequence[T], key: Callable[[T], Any] | None = None) -> tuple[Index, tuple[T, ...]]:
    """Drop unused values, merge equal ones, sort: the digest then depends on content alone."""
    if len(index) and (index.min() < 0 or index.max() >= len(values)):
        raise ValueError("An index in a column of an inventory points outside its table.")
    used = np.bincount(index, minlength=len(values)) > 0
    kept = sorted({value for value, keep in zip(values, used.tolist(), strict=True) if keep}, key=key)  # type: ignore[type-var, arg-type]  # folders and ids compare by themselves
    place = {value: rank for rank, value in enumerate(kept)}
    new = np.array([place.get(value, -1) for value in values], np.int32)
    return new[index], tuple(kept)
