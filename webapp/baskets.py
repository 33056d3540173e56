"""What can be done with a basket: what the pages and the API both call.

A change is a set operation on the current state: it is computed from the row as it is, written only if the row is still
that one, and computed again if not. So two tabs never lose each other's changes.
"""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import delete, insert, update
from sqlmodel import col

from webapp import clock
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.inventory import selection as bits
from webapp.models import Basket, BasketAddition, BasketObservation, BasketStep, InventoryOrder
from webapp.queries import baskets as query
from webapp.queries.inventory import catalogue_version
from webapp.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from sqlmodel import Session

    from webapp.context import Services
    from webapp.inventory.inventory import Inventory
    from webapp.queries.baskets import BasketRow

ATTEMPTS = 50  # ten quick ticks from each of several tabs need a few each
INSERT_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class Opened:
    """A basket as it is now: its row, its inventory, and two masks over the inventory's rows (bool, shape (n,))."""

    row: BasketRow
    inventory: Inventory
    selection: NDArray[np.bool_]
    removed: NDArray[np.bool_]
    news: str = ""  # what a catalogue change did since the basket was last opened; said once


@dataclass(frozen=True)
class Done:
    """What a change did: a sentence for the user, and the step that undoes it."""

    sentence: str
    step: int | None = None


@dataclass(frozen=True)
class Added:
    """What adding observations did."""

    new: int
    already: int
    step: int | None = None


@dataclass(frozen=True, eq=False)
class Bits:
    """New masks, and how to undo them."""

    selection: NDArray[np.bool_]
    removed: NDArray[np.bool_]
    undo: Undo = field(default_factory=Undo)
    sentence: str = ""


def create(services: Services, owner: str) -> str:
    """A new, empty basket; returns its id."""
    basket_id = secrets.token_urlsafe(16)
    now = clock.now()
    with writing(services.engine) as session:
        session.add(Basket(id=basket_id, owner=owner, created_at=now, changed_at=now))
    return basket_id


def current(services: Services, owner: str | None) -> tuple[str, int] | None:
    """``(id, files)`` of the basket that a session works with."""
    if owner is None:
        return None
    with reading(services.engine) as session:
        return query.latest_of(session, owner)


def row(services: Services, basket_id: str) -> BasketRow:
    """The row of a basket. Raises UserError 404."""
    with reading(services.engine) as session:
        found = query.basket(session, basket_id)
    if found is None:
        raise UserError(404, "There is no basket at this address.", "It may have been typed wrong, or have expired.")
    return found


def must_own(found: BasketRow, owner: str | None) -> None:
    """Raises UserError 403 unless this session may change the basket."""
    if owner != found.owner:
        raise UserError(
            403, "This basket is someone else's, so you cannot change it.", "Copy it to your own basket first."
        )


def opened(services: Services, basket_id: str) -> Opened:
    """The basket with its inventory, brought up to date with the catalogue. Raises UserError 404."""
    news = ""
    for _ in range(ATTEMPTS):
        found = row(services, basket_id)
        with reading(services.engine) as session:
            version = catalogue_version(session)
        inventory = services.inventories.get(found.digest) if found.digest else None
        if inventory is None or found.digest_for != f"{found.content}:{version}":
            said = _adopt(services, found)
            news = news or said
            continue
        n = len(inventory)
        return Opened(found, inventory, bits.unpack(found.selection, n), bits.unpack(found.removed, n), news)
    raise UserError(503, "This basket is changing too fast to be read.", "Try again in a moment.")


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
            session.add(InventoryOrder(digest=inventory.digest, product_ids=packed))
            session.flush()
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
    """Apply a set operation to a basket's bits. Raises UserError 403, 404; 503 if others kept changing it all the time."""
    for _ in range(ATTEMPTS):
        basket = opened(services, basket_id)
        must_own(basket.row, owner)
        new = operation(basket)
        files = int(len(basket.inventory) - np.count_nonzero(new.removed))
        values = {
            "selection": bits.pack(new.selection),
            "removed": bits.pack(new.removed),
            "files": files,
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
            step = _add_step(session, basket_id, new.sentence, new.undo) if new.sentence else None
        return Done(new.sentence, step)
    raise UserError(503, "Others kept changing this basket, so nothing was changed.", "Try again in a moment.")


def remove(services: Services, basket_id: str, owner: str | None, chosen: Callable[[Opened], NDArray[np.bool_]]) -> Done:
    """Take files out of a basket; they can come back by Undo."""

    def operation(basket: Opened) -> Bits:
        rows = chosen(basket) & ~basket.removed
        products = basket.inventory.product
        undo = Undo(take_back=products[rows], tick=products[rows & basket.selection])
        count = int(np.count_nonzero(rows))
        sentence = f"Removed {count:,} {'file' if count == 1 else 'files'}."
        return Bits(basket.selection & ~rows, basket.removed | rows, undo, sentence)

    return change(services, basket_id, owner, operation)


def add_observations(services: Services, basket_id: str, owner: str | None, ids: Sequence[int]) -> Added:
    """Put observations into a basket. Raises UserError 403, 404, or 422 when it would hold too many files."""
    limit = services.settings.basket_files
    with writing(services.engine) as session:
        _must_write(session, basket_id, owner)
        present = set(query.observation_ids(session, basket_id))
        new = sorted(set(ids) - present)
        if new:
            count = query.file_count_at_most(session, basket_id, new)
            if count > limit:
                raise UserError(
                    422,
                    f"With these observations the basket would hold up to {count:,} files; one basket holds {limit:,}.",
                    "Add fewer observations, or use a second basket.",
                )
            _insert_observations(session, basket_id, new)
            _content_changed(session, basket_id)
        asked = len(set(ids))
        sentence = f"Added {len(new):,} {'observation' if len(new) == 1 else 'observations'}."
        undo = Undo(drop_observations=np.array(new, np.int64))
        step = _add_step(session, basket_id, sentence, undo) if new else None
    return Added(len(new), asked - len(new), step)


def remove_observations(services: Services, basket_id: str, owner: str | None, ids: Sequence[int] | None) -> Done:
    """Take observations out of a basket; None takes out everything, additions included."""
    basket = opened(services, basket_id)
    with writing(services.engine) as session:
        _must_write(session, basket_id, owner)
        present = query.observation_ids(session, basket_id)
        gone = present if ids is None else sorted(set(ids) & set(present))
        additions = query.addition_ids(session, basket_id) if ids is None else []
        for start in range(0, len(gone), INSERT_ROWS):
            part = gone[start : start + INSERT_ROWS]
            session.execute(
                delete(BasketObservation).where(
                    col(BasketObservation.basket_id) == basket_id, col(BasketObservation.observation_id).in_(part)
                )
            )
        if ids is None:
            session.execute(delete(BasketAddition).where(col(BasketAddition.basket_id) == basket_id))
        products = basket.inventory.product
        undo = Undo(
            add_observations=np.array(gone, np.int64),
            add_products=np.array(additions, np.int64),
            tick=products[basket.selection],
            mask=products[basket.removed],
        )
        if ids is None:
            sentence = f"Removed all {basket.row.files:,} files."
        else:
            sentence = f"Removed {len(gone):,} {'observation' if len(gone) == 1 else 'observations'}."
        if gone or additions:
            _content_changed(session, basket_id)
        step = _add_step(session, basket_id, sentence, undo) if gone or additions else None
    return Done(sentence, step)


def undo(services: Services, basket_id: str, owner: str | None, step_id: int) -> Done:
    """Undo a step, once; applied to whatever the basket has become since. Raises UserError 403, 404."""
    with writing(services.engine) as session:
        _must_write(session, basket_id, owner)
        found = query.step(session, basket_id, step_id)
        if found is None:
            raise UserError(404, "There is no such step to undo.", "It may belong to another basket.")
        sentence, data, undone = found
        if undone:
            return Done(f"Already undone: {sentence}")
        how = Undo.unpack(data)
        if how.content:
            present = set(query.observation_ids(session, basket_id))
            _insert_observations(session, basket_id, [i for i in how.add_observations.tolist() if i not in present])
            _insert_additions(session, basket_id, how.add_products.tolist())
            for start in range(0, len(how.drop_observations), INSERT_ROWS):
                part = how.drop_observations[start : start + INSERT_ROWS].tolist()
                session.execute(
                    delete(BasketObservation).where(
                        col(BasketObservation.basket_id) == basket_id, col(BasketObservation.observation_id).in_(part)
                    )
                )
            _content_changed(session, basket_id)
        session.execute(update(BasketStep).where(col(BasketStep.id) == step_id).values(undone=True))

    def put_back(basket: Opened) -> Bits:
        products = basket.inventory.product
        removed = (basket.removed & ~np.isin(products, how.take_back)) | np.isin(products, how.mask)
        selection = (basket.selection | np.isin(products, how.tick)) & ~removed
        return Bits(selection, removed)

    if len(how.take_back) or len(how.tick) or len(how.mask):
        change(services, basket_id, owner, put_back)
    return Done(f"Undone: {sentence[0].lower()}{sentence[1:]}")


def copy(services: Services, basket_id: str, owner: str) -> str:
    """A copy of anybody's basket for this session: content, removals and ticks. Returns the new id."""
    basket = opened(services, basket_id)
    new_id = create(services, owner)
    with writing(services.engine) as session:
        _insert_observations(session, new_id, query.observation_ids(session, basket_id))
        _insert_additions(session, new_id, query.addition_ids(session, basket_id))
        kept = replace(basket.row, id=new_id)
        values = {name: getattr(kept, name) for name in ("content", "digest", "digest_for", "selection", "removed", "files")}
        session.execute(update(Basket).where(col(Basket.id) == new_id).values(**values))
    return new_id


def _must_write(session: Session, basket_id: str, owner: str | None) -> None:
    found = query.basket(session, basket_id)
    if found is None:
        raise UserError(404, "There is no basket at this address.", "It may have been typed wrong, or have expired.")
    must_own(found, owner)


def _content_changed(session: Session, basket_id: str) -> None:
    session.execute(
        update(Basket)
        .where(col(Basket.id) == basket_id)
        .values(content=col(Basket.content) + 1, version=col(Basket.version) + 1, changed_at=clock.now())
    )


def _insert_observations(session: Session, basket_id: str, ids: Sequence[int]) -> None:
    now = clock.now()
    rows = [{"basket_id": basket_id, "observation_id": i, "added_at": now} for i in ids]
    for start in range(0, len(rows), INSERT_ROWS):
        session.execute(insert(BasketObservation), rows[start : start + INSERT_ROWS])


def _insert_additions(session: Session, basket_id: str, ids: Sequence[int]) -> None:
    now = clock.now()
    present = set(query.addition_ids(session, basket_id))
    rows = [{"basket_id": basket_id, "product_id": i, "added_at": now} for i in ids if i not in present]
    for start in range(0, len(rows), INSERT_ROWS):
        session.execute(insert(BasketAddition), rows[start : start + INSERT_ROWS])


def _add_step(session: Session, basket_id: str, sentence: str, how: Undo) -> int:
    step = BasketStep(basket_id=basket_id, at=clock.now(), sentence=sentence, undo=how.pack())
    session.add(step)
    session.flush()
    if step.id is None:
        raise RuntimeError
    return step.id
