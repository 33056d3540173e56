"""What it takes to undo a step: sets of catalogue ids, so that it applies to whatever the basket has become."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


def _none() -> Ids:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Undo:
    """Each field is a set of ids (int64, any shape (k,)); empty where the step did not touch it."""

    take_back: Ids = field(default_factory=_none)  # products to put back that were masked out
    tick: Ids = field(default_factory=_none)  # products to tick again
    mask: Ids = field(default_factory=_none)  # products to mask out again
    add_observations: Ids = field(default_factory=_none)
    add_products: Ids = field(default_factory=_none)
    drop_observations: Ids = field(default_factory=_none)
    drop_products: Ids = field(default_factory=_none)
    hide: Ids = field(default_factory=_none)  # products to mask out that the step had put back

    def pack(self) -> bytes:
        """As bytes, compressed."""
        target = io.BytesIO()
        arrays = {each.name: getattr(self, each.name) for each in fields(self)}
        np.savez_compressed(target, allow_pickle=False, **arrays)
        return target.getvalue()

    @classmethod
    def unpack(cls, data: bytes) -> Undo:
        """The reverse of ``pack``."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(**{each.name: arrays[each.name] for each in fields(cls) if each.name in arrays})

    @property
    def content(self) -> bool:
        """Whether observations or additions change, and not bits alone."""
        sets = self.add_observations, self.add_products, self.drop_observations, self.drop_products
        return any(len(each) for each in sets)
