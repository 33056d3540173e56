"""What is in a basket: observations put in and taken out, with Undo."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import delete, insert, update
from sqlmodel import col

from webapp import clock
from webapp.basket_problems import NO_BASKET, DeletedBasket
from webapp.baskets import Bits, Done, change, must_be, must_be_live, must_own, opened
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Basket, BasketAddition, BasketObservation, BasketRule, BasketStep
from webapp.queries import baskets as query
from webapp.steps import add_step
from webapp.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import Session

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.queries.baskets import BasketRow
    from webapp.undo import Ids

STATEMENT_ROWS = 10_000  # ids in one statement


@dataclass(frozen=True)
class Added:
    """What adding observations did."""

    new: int
    already: int
    step: int | None = None


def add_observations(
    services: Services, basket_id: str, owner: str | None, ids: Sequence[int], *, version: int | None = None
) -> Added:
    """Put observations into a basket. Raises as ``change_observations`` does."""
    done = change_observations(services, basket_id, owner, ids, version=version)
    return Added(done.count, len(set(ids)) - done.count, done.step)


def change_observations(
    services: Services,
    basket_id: str,
    owner: str | None,
    add: Sequence[int] = (),
    remove: Sequence[int] = (),
    *,
    version: int | None = None,
) -> Done:
    """Put observations into a basket and take others out, all of it or nothing; ``count`` of them were changed.

    Raises UserError 403, 404, 409; 412 unless at ``version``; 422 when it would hold too many files.
    """
    if add:
        must_have_room(services, basket_id, add)
    basket = opened(services, basket_id) if remove else None
    with writing(services.engine) as session:
        must_be(must_write(session, basket_id, owner), version)
        present = set(query.observation_ids(session, basket_id))
        new, gone = sorted(set(add) - present), sorted(set(remove) & present)
        sentence = " ".join(
            f"{what} {len(ids):,} {'observation' if len(ids) == 1 else 'observations'}."
            for what, ids in (("Added", new), ("Removed", gone))
            if ids
        )
        if not sentence:
            return Done("Nothing was changed: the basket is so already.")
        insert_observations(session, basket_id, new)
        drop_observations(session, basket_id, gone)
        content_changed(session, basket_id)
        undo = replace(
            _marks(basket), drop_observations=np.array(new, np.int64), add_observations=np.array(gone, np.int64)
        )
        step = add_step(session, basket_id, sentence, undo)
    if gone:
        opened(services, basket_id)  # now, so that what is added again later arrives unselected and whole
    return Done(sentence, step, len(new) + len(gone))


def must_have_room(services: Services, basket_id: str, ids: Sequence[int]) -> None:
    """Raises UserError 422 where a basket would hold too many files.

    Counts before the write lock is taken, as it can last; of two additions at once, both may pass.
    """
    limit = services.settings.basket_files
    with reading(services.engine) as session:
        count = query.file_count(session, basket_id, ids, limit)
    if count > limit:
        raise UserError(
            422,
            f"With these observations the basket would hold up to {count:,} files; one basket holds {limit:,}.",
            "Add fewer observations, or use a second basket.",
        )


def must_have_room_for(services: Services, count: int) -> None:
    """Raises UserError 422 if a basket cannot hold so many files."""
    limit = services.settings.basket_files
    if count > limit:
        raise UserError(
            422,
            f"With these files the basket would hold {count:,} files; one basket holds {limit:,}.",
            "Select fewer files, or remove some from your basket.",
        )


def remove_all(services: Services, basket_id: str, owner: str | None, *, version: int | None = None) -> Done:
    """Take everything out of a basket, additions included. Raises UserError 403, 404; 412 unless at ``version``."""
    basket = opened(services, basket_id)
    with writing(services.engine) as session:
        must_be(must_write(session, basket_id, owner), version)
        gone, additions = query.observation_ids(session, basket_id), query.addition_ids(session, basket_id)
        sentence = f"Removed all {basket.row.files:,} files."
        if not (gone or additions):
            return Done(sentence)
        drop_observations(session, basket_id, gone)
        session.execute(delete(BasketAddition).where(col(BasketAddition.basket_id) == basket_id))
        content_changed(session, basket_id)
        undo = replace(
            _marks(basket), add_observations=np.array(gone, np.int64), add_products=np.array(additions, np.int64)
        )
        step = add_step(session, basket_id, sentence, undo)
    opened(services, basket_id)  # as above
    return Done(sentence, step)


def _marks(basket: Opened | None) -> Undo:
    """What was ticked and masked out, for an Undo that brings the files back."""
    if basket is None:
        return Undo()
    products = basket.inventory.product
    return Undo(tick=products[basket.selection], mask=products[basket.removed])


def undo(services: Services, basket_id: str, owner: str | None, step_id: int) -> Done:
    """Undo a step, once; applied to whatever the basket has become since. Raises UserError 403, 404."""
    before = opened(services, basket_id).inventory.product
    with writing(services.engine) as session:
        must_own(locked(session, basket_id), owner)  # a frozen one too: its steps are about ticks alone
        found = query.step(session, basket_id, step_id)
        if found is None:
            raise UserError(404, "There is no such step to undo.", "It may belong to another basket.")
        sentence, data, undone = found
        if undone:
            return Done(f"Already undone: {sentence}")
        how = Undo.unpack(data)
        if how.content:
            present = set(query.observation_ids(session, basket_id))
            insert_observations(session, basket_id, [i for i in how.add_observations.tolist() if i not in present])
            insert_additions(session, basket_id, how.add_products.tolist())
            drop_observations(session, basket_id, how.drop_observations.tolist())
            for start in range(0, len(how.drop_products), STATEMENT_ROWS):
                part = how.drop_products[start : start + STATEMENT_ROWS].tolist()
                session.execute(
                    delete(BasketAddition).where(
                        col(BasketAddition.basket_id) == basket_id, col(BasketAddition.product_id).in_(part)
                    )
                )
            content_changed(session, basket_id)
        if how.rule:
            keep_rule(session, basket_id, how.rule, how.seen, how.seen_at)
        session.execute(update(BasketStep).where(col(BasketStep.id) == step_id).values(undone=True))

    def put_back(basket: Opened) -> Bits:
        products = basket.inventory.product
        back = ~np.isin(products, before) if how.content else basket.removed  # the rest may have been changed since
        removed = (basket.removed & ~np.isin(products, how.take_back)) | (back & np.isin(products, how.mask))
        removed |= np.isin(products, how.hide)
        selection = basket.selection | (back & np.isin(products, how.tick)) | np.isin(products, how.select)
        selection &= ~removed & ~np.isin(products, how.unselect)
        return Bits(selection, removed)

    if how.bits:
        change(services, basket_id, owner, put_back)
    else:
        opened(services, basket_id)  # as after a removal
    return Done(f"Undone: {sentence[0].lower()}{sentence[1:]}")


def must_write(session: Session, basket_id: str, owner: str | None) -> BasketRow:
    """The basket, from now on ours. Raises UserError 403, 404; 409 for a frozen one."""
    found = locked(session, basket_id)
    must_own(found, owner)
    must_be_live(found)
    return found


def locked(session: Session, basket_id: str) -> BasketRow:
    """The basket, from now on ours: two tabs that add the same observation must not collide.

    Raises UserError 404, 410.
    """
    found = query.basket(session, basket_id, lock=True)
    if found is None:
        raise UserError(404, *NO_BASKET)
    if found.deleted_at is not None:
        raise DeletedBasket(found)
    return found


def content_changed(session: Session, basket_id: str) -> None:
    """Make it known that what was built of a basket is out of date."""
    session.execute(
        update(Basket)
        .where(col(Basket.id) == basket_id)
        .values(content=col(Basket.content) + 1, version=col(Basket.version) + 1, changed_at=clock.now())
    )


def keep_rule(session: Session, basket_id: str, filters: str, seen: Ids, seen_at: int) -> None:
    """Have a basket follow these filters instead of any others; ``seen`` are the products that they had brought."""
    drop_rule(session, basket_id)
    packed = zlib.compress(seen.astype("<i8").tobytes(), 1)
    session.add(BasketRule(basket_id=basket_id, filters=filters, seen_at=seen_at, seen=packed))


def drop_rule(session: Session, basket_id: str) -> None:
    """Have a basket follow no filters."""
    session.execute(delete(BasketRule).where(col(BasketRule.basket_id) == basket_id))


def drop_observations(session: Session, basket_id: str, ids: Sequence[int]) -> None:
    """Take observations out."""
    for start in range(0, len(ids), STATEMENT_ROWS):
        part = ids[start : start + STATEMENT_ROWS]
        session.execute(
            delete(BasketObservation).where(
                col(BasketObservation.basket_id) == basket_id, col(BasketObservation.observation_id).in_(part)
            )
        )


def insert_observations(session: Session, basket_id: str, ids: Sequence[int]) -> None:
    """Put in observations that are not there yet."""
    now = clock.now()
    rows = [{"basket_id": basket_id, "observation_id": i, "added_at": now} for i in ids]
    for start in range(0, len(rows), STATEMENT_ROWS):
        session.execute(insert(BasketObservation), rows[start : start + STATEMENT_ROWS])


def insert_additions(session: Session, basket_id: str, ids: Sequence[int]) -> None:
    """Put in products by themselves; those that are there already stay."""
    now = clock.now()
    present = set(query.addition_ids(session, basket_id))
    rows = [{"basket_id": basket_id, "product_id": i, "added_at": now} for i in ids if i not in present]
    for start in range(0, len(rows), STATEMENT_ROWS):
        session.execute(insert(BasketAddition), rows[start : start + STATEMENT_ROWS])
