"""Tree order for a million files: what arrives sorted is not sorted again, and no folder is sorted but a wrong one."""

from __future__ import annotations

import operator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.inventory.arrays import Index, Ints


def tree_order(folder: Index, names: Sequence[str], product: Ints) -> tuple[Ints, list[str]]:
    """The order that sorts by folder, name and product, int64 (n,), and the names in that order."""
    order = np.argsort(folder, kind="stable")
    folder, product = folder[order], product[order]
    ordered = [names[row] for row in order.tolist()]
    bounds = np.flatnonzero(np.diff(folder, prepend=-1, append=-1)).tolist()
    wrong = _wrong_rows(folder, ordered, product)
    for place in np.unique(np.searchsorted(bounds, wrong, side="right") - 1).tolist():
        part = slice(bounds[place], bounds[place + 1])
        rows = sorted(zip(ordered[part], product[part].tolist(), order[part].tolist(), strict=True))
        ordered[part] = [name for name, _, _ in rows]
        order[part] = [row for _, _, row in rows]
    return order, ordered


def _wrong_rows(folder: Index, names: Sequence[str], product: Ints) -> Ints:
    """The rows that should stand behind their successor in the same folder."""
    count = max(len(names) - 1, 0)
    less = np.fromiter(map(operator.lt, names, islice(names, 1, None)), bool, count)
    rows = np.flatnonzero(~less & (folder[1:] == folder[:-1]))
    wrong = [names[row] != names[row + 1] or product[row] > product[row + 1] for row in rows.tolist()]
    return np.compress(wrong, rows)
