"""What can be done with a basket: what the pages and the API both call.

A change is a set operation on the current state: it is computed from the row as it is, written only if the row is still
that one, and computed again if not. So two tabs never lose each other's changes.
"""

from __future__ import annotations

import logging
import secrets
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text, update
from sqlmodel import col

from webapp import clock
from webapp.basket_problems import NO_BASKET, REVOKED, DeletedBasket
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.inventory import selection as bits
from webapp.inventory.storage import DamagedInventory
from webapp.models import Basket
from webapp.owners import NOBODY, basket_of_key, may_change
from webapp.queries import baskets as query
from webapp.queries.inventory import catalogue_version
from webapp.steps import add_step
from webapp.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from webapp.context import Services
    from webapp.inventory.inventory import Inventory
    from webapp.queries.baskets import BasketRow, Current

log = logging.getLogger(__name__)

ATTEMPTS = 50  # ten quick ticks from each of several tabs need a few each


@dataclass(frozen=True, eq=False)
class Opened:
    """A basket as it is now: its row, its inventory, and two masks over the inventory's rows (bool, shape (n,))."""

    row: BasketRow
    inventory: Inventory
    selection: NDArray[np.bool_]
    removed: NDArray[np.bool_]
    news: str = ""  # what a catalogue change did since the basket was last opened; said once

    @property
    def base(self) -> str:
        """The path of its page."""
        return f"{'/s' if self.row.owner == NOBODY else '/baskets'}/{self.row.id}"


@dataclass(frozen=True)
class Done:
    """What a change did: a sentence for the user, the step that undoes it, and to how many files it was done."""

    sentence: str
    step: int | None = None
    count: int = 0


@dataclass(frozen=True, eq=False)
class Bits:
    """New masks, and how to undo them."""

    selection: NDArray[np.bool_]
    removed: NDArray[np.bool_]
    undo: Undo = field(default_factory=Undo)
    sentence: str = ""


def create(services: Services, owner: str, name: str = "") -> str:
    """A new, empty basket; returns its id. Raises UserError 403 for the holder of a key, who has one already."""
    if basket_of_key(owner) is not None:
        raise UserError(403, "A basket key is for one basket, so no other was made.", "Use the basket's own address.")
    basket_id = secrets.token_urlsafe(16)
    now = clock.now()
    with writing(services.engine) as session:
        session.add(Basket(id=basket_id, owner=owner, name=name, created_at=now, changed_at=now))
    return basket_id


def current(services: Services, owner: str | None, opened_last: str | None = None) -> Current | None:
    """The basket that somebody works with: what they opened last, if it is theirs, else what they changed last."""
    if owner is None:
        return None
    with reading(services.engine) as session:
        return query.current_of(session, owner, opened_last)


def row(services: Services, basket_id: str) -> BasketRow:
    """The row of a basket. Raises UserError 404; 410 if it was deleted, or is the frozen basket of a revoked share."""
    with reading(services.engine) as session:
        found = query.basket(session, basket_id)
        share_is_open = query.share_is_open(session, basket_id) if found and found.owner == NOBODY else None
    if share_is_open is False:
        raise UserError(410, *REVOKED)
    if found is None or (found.owner == NOBODY and not share_is_open):
        raise UserError(404, *NO_BASKET)
    if found.deleted_at is not None:
        raise DeletedBasket(found)
    return found


def must_own(found: BasketRow, owner: str | None) -> None:
    """Raises UserError 403 unless ``owner`` may change the basket; 409 while it is locked, whoever asks."""
    if not may_change(owner, found.id, found.owner):
        raise UserError(
            403,
            "This basket is someone else's, so you cannot change it.",
            "Copy it to your own first, or send its key.",
        )
    if found.locked_at is not None:
        raise UserError(409, "This basket is locked, so nothing was changed.", "Unlock it first, or work in a copy.")


def is_editable(found: BasketRow, owner: str | None) -> bool:
    """Whether ``must_own`` would let this owner change the basket now."""
    return may_change(owner, found.id, found.owner) and found.locked_at is None


def must_be_live(found: BasketRow) -> None:
    """Raises UserError 409 if what is in the basket can never change."""
    if found.frozen:
        raise UserError(
            409, "These files are kept as they were, so none can be added or removed.", "Copy them to a basket first."
        )


def must_be(found: BasketRow, version: int | None) -> None:
    """Raises UserError 412 if the basket has changed since ``version``; None asks for nothing."""
    if version is not None and version != found.version:
        raise UserError(412, "This basket was changed elsewhere meanwhile, so nothing was done.", "Look again first.")


def opened(services: Services, basket_id: str) -> Opened:
    """The basket with its inventory, brought up to date with the catalogue unless it is frozen.

    Raises UserError 404; 410 for a share that was revoked.
    """
    news = ""
    for _ in range(ATTEMPTS):
        found = row(services, basket_id)
        if found.snapshot is not None:
            return _opened(found, _kept(services, found.snapshot))
        with reading(services.engine) as session:
            version = catalogue_version(session)
        inventory = services.inventories.get(found.digest) if found.digest else None
        if inventory is None or found.digest_for != f"{found.content}:{version}":
            said = _adopt(services, found)
            news = news or said
            continue
        return _opened(found, inventory, news)
    raise UserError(503, "This basket is changing too fast to be read.", "Try again in a moment.")


def _opened(found: BasketRow, inventory: Inventory, news: str = "") -> Opened:
    n = len(inventory)
    return Opened(found, inventory, bits.unpack(found.selection, n), bits.unpack(found.removed, n), news)


def _kept(services: Services, digest: str) -> Inventory:
    """The inventory of a frozen basket: whatever the catalogue says by now."""
    inventory = services.inventories.get(digest)
    if inventory is None:
        try:
            with reading(services.engine) as session:
                inventory = services.inventories.restore(session, digest)
        except DamagedInventory as error:
            log.exception("A snapshot is damaged.")
            raise UserError(500, "The list of these files is damaged on this server.", "Tell the archive.") from error
    return inventory


def _adopt(services: Services, found: BasketRow) -> str:
    """Give a basket the inventory of its present content, and carry its bits over. Returns news to tell, if any."""
    with reading(services.engine) as session:
        version = catalogue_version(session)
        now_row = query.basket(session, found.id)
        if now_row is None or now_row.content != found.content:
            return ""
        inventory = services.inventories.build(session, found.id)
        old = query.order(session, now_row.digest) if now_row.digest else None
    digest_for = f"{now_row.content}:{version}"
    if inventory.digest == now_row.digest:
        values: dict[str, object] = {"digest_for": digest_for}
        news = ""
    else:
        products = np.empty(0, np.int64) if old is None else np.frombuffer(zlib.decompress(old), "<i8")
        selected = bits.unpack(now_row.selection, len(products))
        selection = bits.carry(products, selected, inventory)
        removed = bits.carry(products, bits.unpack(now_row.removed, len(products)), inventory)
        values = {
            "digest": inventory.digest,
            "digest_for": digest_for,
            "selection": bits.pack(selection),
            "removed": bits.pack(removed),
            "files": int(len(inventory) - np.count_nonzero(removed)),
        }
        same_content = now_row.digest_for is not None and now_row.digest_for.startswith(f"{now_row.content}:")
        news = _news(products, selected, inventory) if same_content else ""
    with writing(services.engine) as session:
        if "digest" in values and query.order(session, inventory.digest) is None:
            packed = zlib.compress(inventory.product.astype("<i8").tobytes(), 1)
            # Two tabs, or two baskets with the same content, may come here at once.
            new = "INSERT INTO inventory_order (digest, product_ids) VALUES (:digest, :ids) ON CONFLICT DO NOTHING"
            session.execute(text(new), {"digest": inventory.digest, "ids": packed})
        condition = (
            (col(Basket.id) == found.id)
            & (col(Basket.version) == now_row.version)
            & (col(Basket.content) == now_row.content)
        )
        session.execute(update(Basket).where(condition).values(**values))
    return news


def _news(old: NDArray[np.int64], selected: NDArray[np.bool_], inventory: Inventory) -> str:
    gone = ~np.isin(old, inventory.product)
    fresh = int(np.count_nonzero(~np.isin(inventory.product, old)))
    lost, lost_selected = int(np.count_nonzero(gone)), int(np.count_nonzero(gone & selected))
    parts = [f"{fresh:,} new"] if fresh else []
    if lost:
        parts.append(f"{lost:,} withdrawn" + (f", of which {lost_selected:,} were selected" if lost_selected else ""))
    return f"The archive has changed since this basket was last open: {'; '.join(parts)}." if parts else ""


def change(services: Services, basket_id: str, owner: str | None, operation: Callable[[Opened], Bits]) -> Done:
    """Apply a set operation to a basket's bits. Raises UserError 403, 404; 503 if others never stopped changing it."""
    for _ in range(ATTEMPTS):
        basket = opened(services, basket_id)
        must_own(basket.row, owner)
        new = operation(basket)
        count = int(np.count_nonzero((new.selection != basket.selection) | (new.removed != basket.removed)))
        if not count:
            return Done(new.sentence)  # no new version: others, who hold this one, would be refused for nothing
        values = {
            "selection": bits.pack(new.selection),
            "removed": bits.pack(new.removed),
            "files": int(len(basket.inventory) - np.count_nonzero(new.removed)),
            "version": basket.row.version + 1,
            "changed_at": clock.now(),
        }
        with writing(services.engine) as session:
            condition = (
                (col(Basket.id) == basket_id)
                & (col(Basket.version) == basket.row.version)
                & (col(Basket.digest) == basket.row.digest)
            )
            if not session.execute(update(Basket).where(condition).values(**values)).rowcount:  # type: ignore[attr-defined]  # an UPDATE has a row count
                continue
            step = add_step(session, basket_id, new.sentence, new.undo) if new.sentence else None
        return Done(new.sentence, step, count)
    raise UserError(503, "Others kept changing this basket, so nothing was changed.", "Try again in a moment.")
