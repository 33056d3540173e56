"""Frozen baskets: the files of a delivery or a share, kept as they were when it was made.

A frozen basket is a row that points to a Snapshot, the inventory itself, kept once per digest. What the catalogue does
later changes nothing in it; ``since`` says what that was.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from webapp import clock
from webapp.db import reading, writing
from webapp.inventory import selection as bits
from webapp.inventory.storage import pack
from webapp.models import Basket
from webapp.queries import baskets as query
from webapp.queries.inventory import catalogue_version
from webapp.queries.snapshots import moved_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from webapp.baskets import Opened
    from webapp.context import Services


WITHDRAWN, REPLACED = "withdrawn", "replaced"


@dataclass(frozen=True, eq=False)
class Since:
    """What the archive did to the files of a frozen basket since; bool (n,) over its inventory."""

    withdrawn: NDArray[np.bool_]
    replaced: NDArray[np.bool_]

    def of(self, row: int) -> str:
        """What happened to one file; empty if nothing did."""
        return WITHDRAWN if self.withdrawn[row] else REPLACED if self.replaced[row] else ""


def freeze(
    services: Services, basket: Opened, rows: NDArray[np.bool_], selection: NDArray[np.bool_], owner: str
) -> str:
    """A frozen basket of some of an opened basket's files; returns its id.

    ``rows`` and ``selection`` are bool (n,) over the opened basket's inventory: what is in it, and what of that is
    ticked. ``owner`` may change the ticks later; ``owners.NOBODY`` for a share.
    """
    inventory = basket.inventory
    version = (basket.row.digest_for or "").rpartition(":")[2]  # of the catalogue that the inventory was made from
    with reading(services.engine) as session:
        content = None if query.has_snapshot(session, inventory.digest) else pack(inventory)
    basket_id, now = secrets.token_urlsafe(16), clock.now()
    with writing(services.engine) as session:
        if not query.has_snapshot(session, inventory.digest):  # two downloads of one basket may come here at once
            new = "INSERT INTO snapshot (digest, content, created_at) VALUES (:digest, :content, :now)"
            values = {"digest": inventory.digest, "content": content or pack(inventory), "now": now}
            session.execute(text(f"{new} ON CONFLICT DO NOTHING"), values)
        session.add(
            Basket(
                id=basket_id,
                owner=owner,
                digest=inventory.digest,
                digest_for=f"1:{version}",
                selection=bits.pack(selection & rows),
                removed=bits.pack(~rows),
                snapshot=inventory.digest,
                files=int(np.count_nonzero(rows)),
                created_at=now,
                changed_at=now,
            )
        )
    return basket_id


def since(services: Services, basket: Opened) -> Since | None:
    """What the archive did to a frozen basket's files since it was frozen; None for a basket that is not.

    Asked once for each version of the catalogue; 1,000,000 files take two seconds then.
    """
    row, n = basket.row, len(basket.inventory)
    if not row.frozen:
        return None
    with reading(services.engine) as session:
        version = catalogue_version(session)
    if row.digest_for == f"1:{version}":
        return Since(np.zeros(n, np.bool_), np.zeros(n, np.bool_))

    def ask() -> NDArray[np.bool_]:
        products = basket.inventory.product
        with reading(services.engine) as session:
            withdrawn, replaced = moved_on(session, products[~basket.removed].tolist(), row.created_at)
        return np.concatenate([np.isin(products, withdrawn), np.isin(products, replaced)])

    both = services.inventories.mask((row.id, f"since {version}"), ask)
    return Since(both[:n], both[n:])
