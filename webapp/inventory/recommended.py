"""What stands in where an observation has no recommended product (docs/decisions/0001)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from webapp.inventory.arrays import Bools, Index
    from webapp.inventory.inventory import Kind


def stand_ins(
    observation: npt.ArrayLike,
    row: npt.ArrayLike,
    level: npt.ArrayLike,
    is_science: npt.ArrayLike,
    is_recommended: npt.ArrayLike,
) -> Bools:
    """The rows that count as recommended because one of their basket observations has no recommended product.

    ``observation`` and ``row`` (m,) are the links from the basket's observations to product rows; the others (n,)
    describe each row, with -9 for an unknown level. Of such an observation its science products of the highest level
    stand in, else all of its products. Returns bool (n,).
    """
    row = np.asarray(row, np.int64)
    level, science = np.asarray(level, np.int64), np.asarray(is_science, bool)
    result = np.zeros(len(level), bool)
    _, of_link = np.unique(np.asarray(observation, np.int64), return_inverse=True)
    served = _any(of_link, np.asarray(is_recommended, bool)[row])
    needy = ~served[of_link]
    row, of_link = row[needy], of_link[needy]
    has_science = _any(of_link, science[row], len(served))
    result[row[~has_science[of_link]]] = True
    row, of_link = row[science[row]], of_link[science[row]]
    highest = np.full(len(served), np.iinfo(np.int64).min)
    np.maximum.at(highest, of_link, level[row])
    result[row[level[row] == highest[of_link]]] = True
    return result


def with_recommended(kind: npt.ArrayLike, kinds: Sequence[Kind], stands_in: Bools) -> tuple[Index, list[Kind]]:
    """The kind column and kinds with the stand-ins made recommended, for ``inventory.build``."""
    index = np.asarray(kind, np.int32)
    twins = [replace(each, recommended=True) for each in kinds]
    return np.where(stands_in, index + np.int32(len(kinds)), index), [*kinds, *twins]


def _any(group: npt.NDArray[np.intp], flag: Bools, count: int = 0) -> Bools:
    return np.bincount(group[flag], minlength=max(count, int(group.max(initial=-1)) + 1)) > 0
