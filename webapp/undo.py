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
    """Each set of ids (int64, any shape (k,)) is empty where the step did not touch it, and so is ``rule``."""

    take_back: Ids = field(default_factory=_none)  # products to put back that were masked out
    tick: Ids = field(default_factory=_none)  # of what comes back: products to tick again
    mask: Ids = field(default_factory=_none)  # products to mask out again
    select: Ids = field(default_factory=_none)  # products to tick that the step had unticked
    unselect: Ids = field(default_factory=_none)  # products to untick that the step had ticked
    add_observations: Ids = field(default_factory=_none)
    add_products: Ids = field(default_factory=_none)
    drop_observations: Ids = field(default_factory=_none)
    drop_products: Ids = field(default_factory=_none)
    hide: Ids = field(default_factory=_none)  # products to mask out that the step had put back
    seen: Ids = field(default_factory=_none)  # products that the rule had brought
    seen_at: int = 0
    rule: str = ""  # filters to follow again, with ``seen`` and ``seen_at``

    def pack(self) -> bytes:
        """As bytes, compressed."""
        target = io.BytesIO()
        arrays = {each.name: np.asarray(getattr(self, each.name)) for each in fields(self)}
        np.savez_compressed(target, allow_pickle=False, **arrays)
        return target.getvalue()

    @classmethod
    def unpack(cls, data: bytes) -> Undo:
        """The reverse of ``pack``; a step of an older version has fewer sets."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            kept = {each.name: arrays[each.name] for each in fields(cls) if each.name in arrays}
        return cls(**{name: value if value.ndim else value.item() for name, value in kept.items()})

    @property
    def content(self) -> bool:
        """Whether observations or additions change, and not bits alone."""
        sets = self.add_observations, self.add_products, self.drop_observations, self.drop_products
        return any(len(each) for each in sets)

    @property
    def bits(self) -> bool:
        """Whether ticks or removals change."""
        return any(len(e) for e in (self.take_back, self.tick, self.mask, self.select, self.unselect, self.hide))
