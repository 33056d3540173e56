"""Baskets that follow filters: what these bring now, compared with what they brought when the owner last looked.

New is what matches and was not seen; replaced what was seen, still matches and has a newer revision; withdrawn what was
seen and is gone from the archive. What the user removed, or whose observation they removed, is no news.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import update
from sqlmodel import col

from webapp import clock, ticks
from webapp.basket_content import drop_rule, keep_rule, must_write
from webapp.basket_page import answer_panels, chips
from webapp.baskets import Done, must_be_live, must_own, opened
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.inventory.filters import Filters
from webapp.models import Basket
from webapp.queries import rules as query
from webapp.queries.baskets import basket as basket_row
from webapp.queries.snapshots import moved_on
from webapp.steps import add_step
from webapp.template_filters import files
from webapp.undo import Undo
from webapp.urls import SHARES, PageState, parse_filters, query_string

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlmodel import Session

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.queries.baskets import BasketRow, RuleRow
    from webapp.undo import Ids

NO_RULE = ("This basket follows no filters now.", "Look at it again: it may have been changed in another tab.")
MORE_CHANGED = "The archive has changed again since you looked, so nothing was done."


@dataclass(frozen=True, eq=False)
class News:
    """What changed: ``new`` and ``replaced`` are bool (n,) over the basket's inventory, ``withdrawn`` product ids."""

    new: NDArray[np.bool_]
    replaced: NDArray[np.bool_]
    withdrawn: Ids

    @property
    def difference(self) -> NDArray[np.bool_]:
        """What can be had of it."""
        return self.new | self.replaced

    @property
    def words(self) -> str:
        """``+14 new, 3 replaced, 1 withdrawn``; empty if nothing changed."""
        counts = (int(np.count_nonzero(self.new)), int(np.count_nonzero(self.replaced)), len(self.withdrawn))
        parts = zip(counts, ("+{:,} new", "{:,} replaced", "{:,} withdrawn"), strict=True)
        return ", ".join(text.format(count) for count, text in parts if count)


def filters_of(rule: RuleRow) -> Filters:
    """The filters that a basket follows."""
    return parse_filters(rule.filters)


def words_of(filters: Filters) -> str:
    """``Recommended only, Group: X1D``."""
    return ", ".join(chip.text for chip in chips(PageState(filters), ""))


def news(services: Services, basket: Opened) -> News | None:
    """What changed since the owner of a basket last looked; None for one that follows nothing.

    Asked once for each version of the catalogue and content of the basket, where 1,000,000 files take two seconds, and
    of the catalogue not at all while its version is that of the last look.
    """
    rule, n = basket.row.rule, len(basket.inventory)
    if rule is None:
        return None
    state = f"{basket.row.digest_for} {basket.row.digest} {rule.seen_at} {rule.seen_bytes} {rule.filters}"
    masks = services.inventories.mask((basket.row.id, f"rule {state}"), lambda: _ask(services, basket, rule))
    seen, replaced, withdrawn = np.split(masks, [n, 2 * n])
    shown = answer_panels(services, basket, filters_of(rule)).shown
    gone = np.empty(0, np.int64)
    if withdrawn.any():
        with reading(services.engine) as session:
            kept = _seen(session, basket.row.id)[1]
        gone = kept[withdrawn] if len(kept) == len(withdrawn) else gone  # else the rule has changed this very moment
    return News(shown & ~seen, shown & replaced, gone)


def follow(services: Services, basket_id: str, owner: str | None, filters: Filters) -> Done:
    """Have a basket follow filters from now on. Raises UserError 403, 404, 409; 422 where no filter is on."""
    filters = replace(filters, selected=False)
    if filters == Filters(mrp=False):
        raise UserError(422, "No filter is on, so there is nothing to follow.", "Choose filters first.")
    basket = opened(services, basket_id)
    seen = _matching(services, basket, filters)
    with writing(services.engine) as session:
        before = must_write(session, basket_id, owner).rule
        undo = _as_it_was(session, basket_id, before) if before else None
        keep_rule(session, basket_id, query_string(PageState(filters), SHARES), seen, clock.now())
        _touch(session, basket_id)
        said = f"Following {words_of(filters)}"
        if before is None or undo is None:
            return Done(f"{said} from now on.")
        sentence = f"{said} instead of {words_of(filters_of(before))}."
        return Done(sentence, add_step(session, basket_id, sentence, undo))


def mark_seen(services: Services, basket_id: str, owner: str | None, shown: str) -> Done:
    """Take what matches now for seen. ``shown`` are the words that the user saw.

    Raises UserError 403, 404, 409; 412 where more has changed than they say.
    """
    basket = opened(services, basket_id)
    rule, found = _of(services, basket, owner)
    if shown != found.words:
        raise UserError(412, MORE_CHANGED, f"Now it is: {found.words or 'nothing new'}.")
    seen = _matching(services, basket, filters_of(rule))
    with writing(services.engine) as session:
        undo = _as_it_was(session, basket_id, _rule(must_write(session, basket_id, owner)))
        keep_rule(session, basket_id, rule.filters, seen, clock.now())
        _touch(session, basket_id)
        sentence = f"Marked as seen: {found.words or 'nothing new'}."
        return Done(sentence, add_step(session, basket_id, sentence, undo))


def stop(services: Services, basket_id: str, owner: str | None) -> Done:
    """Have a basket follow nothing any more. Raises UserError 403, 404, 409."""
    with writing(services.engine) as session:
        rule = _rule(must_write(session, basket_id, owner))
        undo = _as_it_was(session, basket_id, rule)
        drop_rule(session, basket_id)
        _touch(session, basket_id)
        sentence = f"Stopped following {words_of(filters_of(rule))}."
        return Done(sentence, add_step(session, basket_id, sentence, undo))


def select_difference(services: Services, basket_id: str, owner: str | None, count: int | None) -> Done:
    """Select just the new and the replaced files. ``count`` is what the button promised.

    Raises UserError 403, 404, 409; 412 where it is another number now, 422 where there is none.
    """

    def chosen(basket: Opened) -> NDArray[np.bool_]:
        found = _of(services, basket, owner)[1]
        if count is not None and count != np.count_nonzero(found.difference):
            raise UserError(412, MORE_CHANGED, f"Now it is: {found.words or 'nothing new'}.")
        return found.difference

    def sentence(files_: int) -> str:
        return f"Selected just the {files(files_)} that {'is' if files_ == 1 else 'are'} new or replaced."

    return ticks.select_exactly(services, basket_id, owner, chosen, sentence)


def copy(services: Services, basket_id: str, new_id: str) -> None:
    """Have a copy of a basket follow what the basket follows, with the same seen."""
    with writing(services.engine) as session:
        found = basket_row(session, basket_id)
        if found is not None and found.rule is not None:
            keep_rule(session, new_id, found.rule.filters, _kept(session, basket_id), found.rule.seen_at)


def _of(services: Services, basket: Opened, owner: str | None) -> tuple[RuleRow, News]:
    must_own(basket.row, owner)
    must_be_live(basket.row)
    rule, found = basket.row.rule, news(services, basket)
    if rule is None or found is None:
        raise UserError(409, *NO_RULE)
    return rule, found


def _rule(row: BasketRow) -> RuleRow:
    if row.rule is None:
        raise UserError(409, *NO_RULE)
    return row.rule


def _ask(services: Services, basket: Opened, rule: RuleRow) -> NDArray[np.bool_]:
    """Three masks, joined: over the inventory what was seen and what was replaced; over what was seen, withdrawn."""
    inventory = basket.inventory
    with reading(services.engine) as session:
        version, seen = _seen(session, basket.row.id)
        withdrawn: list[int] = []
        replaced: list[int] = []
        if version != _version(basket):
            withdrawn, replaced = moved_on(session, seen.tolist(), rule.seen_at)
        if withdrawn:
            withdrawn = query.listed(session, basket.row.id, withdrawn)
            removed = [Undo.unpack(step).take_back for step in query.steps_since(session, basket.row.id, rule.seen_at)]
            withdrawn = np.setdiff1d(withdrawn, np.concatenate([*removed, np.empty(0, np.int64)])).tolist()
    masks = np.zeros((2, len(inventory)), np.bool_)
    for mask, products in zip(masks, (seen, np.array(replaced, np.int64)), strict=True):
        rows = inventory.row_of(products)
        mask[rows[rows >= 0]] = True
    return np.concatenate([*masks, np.isin(seen, withdrawn)])


def _matching(services: Services, basket: Opened, filters: Filters) -> Ids:
    """What a rule keeps: the version of the catalogue, then the products that match."""
    shown = answer_panels(services, basket, filters).shown
    return np.concatenate([[_version(basket)], basket.inventory.product[shown]]).astype(np.int64)


def _version(basket: Opened) -> int:
    """Of the catalogue that a live basket's inventory was made from."""
    return int((basket.row.digest_for or "").rpartition(":")[2] or 0)


def _kept(session: Session, basket_id: str) -> Ids:
    """As ``_matching`` made it; empty where the rule has gone meanwhile."""
    return np.frombuffer(zlib.decompress(query.seen(session, basket_id) or zlib.compress(b"")), "<i8")


def _seen(session: Session, basket_id: str) -> tuple[int | None, Ids]:
    kept = _kept(session, basket_id)
    return (int(kept[0]), kept[1:]) if len(kept) else (None, kept)


def _as_it_was(session: Session, basket_id: str, rule: RuleRow) -> Undo:
    return Undo(rule=rule.filters, seen_at=rule.seen_at, seen=_kept(session, basket_id))


def _touch(session: Session, basket_id: str) -> None:
    """It is in use."""
    session.execute(update(Basket).where(col(Basket.id) == basket_id).values(changed_at=clock.now()))
