"""Inventories of baskets: built from SQL once per content, kept in memory (bounded in bytes) and in the spool."""

from __future__ import annotations

import logging
import shutil
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from webapp.inventory.filters import name_mask
from webapp.inventory.inventory import UNKNOWN_LEVEL, Inventory, build
from webapp.inventory.recommended import stand_ins, with_recommended
from webapp.inventory.storage import DamagedInventory, load, save, unpack
from webapp.queries import baskets
from webapp.queries import inventory as query
from webapp.spool import used

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Engine
    from sqlmodel import Session

    from webapp.inventory.inventory import Kind

log = logging.getLogger(__name__)

MASKS = 64  # kept; 125 kB each at a million files


class Inventories:
    """The cache of one process. Safe for threads; two processes share by the spool."""

    def __init__(self, engine: Engine, spool: Path, max_bytes: int) -> None:
        self.engine = engine
        self._folder = spool / "inventories"
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, Inventory] = OrderedDict()
        self._masks: OrderedDict[tuple[str, str], tuple[NDArray[np.uint8], int]] = OrderedDict()
        self._lock = threading.Lock()
        self._building = threading.Lock()  # one build at a time: each takes most of a core and a few hundred MB

    def get(self, digest: str) -> Inventory | None:
        """The inventory of that name, if this process or the spool has it; a damaged one is deleted."""
        with self._lock:
            found = self._kept.get(digest)
            if found is not None:
                self._kept.move_to_end(digest)
                return found
        try:
            found = load(self._folder / digest)
        except FileNotFoundError:
            return None
        except DamagedInventory:
            shutil.rmtree(self._folder / digest, ignore_errors=True)  # or it would keep ``build`` from saving anew
            return None
        used(self._folder / digest)
        return self._keep(found)

    def build(self, session: Session, basket_id: str) -> Inventory:
        """Build a basket's inventory from the catalogue as this session sees it; a few seconds at a million files."""
        with self._building:
            built = _from_catalogue(session, basket_id)
            self._save(built)
            return self._keep(built)

    def restore(self, session: Session, digest: str) -> Inventory:
        """The inventory that a frozen basket shows, from the database.

        Raises DamagedInventory if what is kept there is not what was frozen.
        """
        with self._building:
            restored = unpack(baskets.snapshot(session, digest))
            self._save(restored)
            return self._keep(restored)

    def _save(self, inventory: Inventory) -> None:
        try:
            save(inventory, self._folder / inventory.digest)
        except OSError:  # the spool only saves time: what is in memory serves as well
            log.exception("An inventory could not be kept in the spool.")

    def name_rows(self, inventory: Inventory, pattern: str) -> NDArray[np.bool_]:
        """Which rows match a file-name pattern (bool, shape (n,)); resolved once, then remembered."""
        return self.mask((inventory.digest, pattern), lambda: name_mask(inventory, pattern))

    def mask(self, key: tuple[str, str], make: Callable[[], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """The mask of a key, which must tell it from every other; made once, then remembered as bits."""
        with self._lock:
            kept = self._masks.get(key)
            if kept is not None:
                self._masks.move_to_end(key)
        if kept is None:
            made = make()
            kept = np.packbits(made), len(made)
            with self._lock:
                self._masks[key] = kept
                while len(self._masks) > MASKS:
                    self._masks.popitem(last=False)
        return np.unpackbits(kept[0], count=kept[1]).view(np.bool_)

    def _keep(self, inventory: Inventory) -> Inventory:
        with self._lock:
            kept = self._kept.setdefault(inventory.digest, inventory)
            self._kept.move_to_end(inventory.digest)
            while len(self._kept) > 1 and sum(each.nbytes for each in self._kept.values()) > self._max_bytes:
                self._kept.popitem(last=False)
            return kept


def _from_catalogue(session: Session, basket_id: str) -> Inventory:
    found = query.columns(session, basket_id)
    folders, folder = _renumber(found.folder)
    kind_ids, kind = _renumber(found.kind)
    rights_ids, rights = _renumber(found.rights)
    paths = query.folders(session, folders)
    by_id = query.kinds(session, kind_ids)
    kinds = [by_id[i] for i in kind_ids.tolist()]
    kind, kinds = _with_stand_ins(session, basket_id, found.product, kinds, kind)
    return build(
        product=found.product,
        folder=folder,
        kind=kind,
        rights=rights,
        size=found.size,
        names=found.names,
        folders=[paths[i] for i in folders.tolist()],
        kinds=kinds,
        rights_ids=rights_ids.tolist(),
    )


def _renumber(ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct ids, and each row's index into them."""
    distinct = np.unique(ids)
    return distinct, np.searchsorted(distinct, ids)  # three times faster than return_inverse, where few are distinct


def _with_stand_ins(
    session: Session, basket_id: str, product: NDArray[np.int64], kinds: list[Kind], kind: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[Kind]]:
    """Mark what stands in for recommended products (decision 1): those rows get a recommended copy of their kind."""
    links = query.links_without_recommended(session, basket_id)
    if not len(links.product) or not len(product):  # every product that is linked may be withdrawn
        return kind, kinds
    order = np.argsort(product)
    place = np.searchsorted(product, links.product, sorter=order)
    rows = order[np.minimum(place, len(product) - 1)]
    there = product[rows] == links.product  # a withdrawn product is linked, but has no row
    level = np.array([UNKNOWN_LEVEL if k.level is None else k.level for k in kinds], np.int64)[kind]
    science = np.array([k.category == "SCIENCE" for k in kinds], np.bool_)[kind]
    marked = np.array([k.recommended for k in kinds], np.bool_)[kind]
    return with_recommended(kind, kinds, stand_ins(links.observation[there], rows[there], level, science, marked))
