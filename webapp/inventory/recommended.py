"""What stands in where an observation has no recommended product (docs/decisions/0001)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.inventory.arrays import Bools, Index, Ints
    from webapp.inventory.inventory import Kind


def stand_ins(observation: Ints, row: Ints, level: Ints, is_science: Bools, is_recommended: Bools) -> Bools:
    """The rows that count as recommended because one of their basket observations has no recommended product.

    ``observation`` and ``row`` (m,) are the links from the basket's observations to product rows; the others (n,)
    describe each row, with -9 for an unknown level. Of such an observation its science products of the highest level
    stand in, else all of its products. Returns bool (n,).
    """
    ids, of_link = np.unique(observation, return_inverse=True)
    served = _any(of_link, is_recommended[row], len(ids))
    needy = ~served[of_link]
    row, of_link = row[needy], of_link[needy]
    has_science = _any(of_link, is_science[row], len(ids))
    result = np.zeros(len(level), bool)
    result[row[~has_science[of_link]]] = True
    science = is_science[row]
    row, of_link = row[science], of_link[science]
    highest = np.full(len(ids), np.iinfo(np.int64).min)
    np.maximum.at(highest, of_link, level[row])
    result[row[level[row] == highest[of_link]]] = True
    return result


def with_recommended(kind: Index | Ints, kinds: Sequence[Kind], stands_in: Bools) -> tuple[Ints, list[Kind]]:
    """The kind column (n,) and the kinds with the stand-ins made recommended, ready for ``inventory.build``."""
    twins = [replace(each, recommended=True) for each in kinds]
    return np.where(stands_in, kind + len(kinds), kind).astype(np.int64), [*kinds, *twins]


def _any(group: Ints, flag: Bools, count: int) -> Bools:
    """For each group below ``count``: whether any of its members is flagged."""
    return np.bincount(group[flag], minlength=count) > 0
