"""The list of somebody's baskets, and the menu that leads from one to the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from webapp import baskets, clock
from webapp.basket_problems import back_until
from webapp.db import reading
from webapp.errors import UserError
from webapp.queries import shelf as query

if TYPE_CHECKING:
    from webapp.context import Services
    from webapp.queries.baskets import BasketRow
    from webapp.queries.shelf import Owned

MOST_LISTED = 500
MOST_SEARCHED = 10_000  # baskets of one owner, those changed last; nobody makes so many by hand
MOST_IN_MENU = 10
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class ShelfRow:
    """A basket in the list; ``selected`` and ``files`` as they were when it was open last."""

    basket: Owned
    selected: int
    observations: int
    follows: bool  # a rule
    current: bool


@dataclass(frozen=True)
class DeletedRow:
    """A basket that can be brought back, and until when (seconds since 1970)."""

    basket: Owned
    until: int


@dataclass(frozen=True)
class ShelfPage:
    """``matching`` of ``total`` baskets match; ``rows`` are the first of those."""

    q: str
    rows: tuple[ShelfRow, ...]
    deleted: tuple[DeletedRow, ...]
    matching: int
    total: int


@dataclass(frozen=True)
class Menu:
    """What the page of a basket says about it as a whole; ``others`` is empty for everybody but its owner."""

    title: str
    name: str
    mine: bool
    locked: bool
    others: tuple[Owned, ...] = ()


def shelf_page(services: Services, owner: str | None, q: str, opened_last: str | None) -> ShelfPage:
    """The baskets of whoever asks whose name, observations or targets have ``q`` in them. Raises UserError 400."""
    q = " ".join("".join(each if each.isprintable() else " " for each in q).split())
    if len(q) > LONGEST_SEARCH:
        raise UserError(400, f"The search has more than {LONGEST_SEARCH} characters.", "Search for fewer words.")
    if owner is None:
        return ShelfPage(q, (), (), 0, 0)
    current = baskets.current(services, owner, opened_last)
    with reading(services.engine) as session:
        all_ = query.owned(session, owner, MOST_SEARCHED)
        by_observation = query.with_observations_like(session, owner, q) if q else set()
        found = [each for each in all_ if q.casefold() in each.title.casefold() or each.id in by_observation]
        live = [each for each in found if each.deleted_at is None]
        ids = [each.id for each in live[:MOST_LISTED]]
        selections = query.selections(session, ids) if ids else {}
        observations = query.observation_counts(session, ids) if ids else {}
        rules = query.with_rules(session, ids) if ids else set()
    rows = tuple(
        ShelfRow(
            each,
            int(np.bitwise_count(np.frombuffer(selections.get(each.id, b""), np.uint8)).sum(dtype=np.int64)),
            observations.get(each.id, 0),
            each.id in rules,
            current is not None and each.id == current.id,
        )
        for each in live[:MOST_LISTED]
    )
    total = sum(each.deleted_at is None for each in all_)
    return ShelfPage(q, rows, _deleted(found), len(live), total)


def _deleted(found: list[Owned]) -> tuple[DeletedRow, ...]:
    now = clock.now()
    rows = [DeletedRow(each, back_until(each.deleted_at)) for each in found if each.deleted_at is not None]
    latest = sorted((row for row in rows if now < row.until), key=lambda row: -row.until)
    return tuple(latest[:MOST_LISTED])


def menu(services: Services, row: BasketRow, owner: str | None) -> Menu | None:
    """What is said of a basket as a whole; nothing of a frozen one, which has no name."""
    if row.frozen:
        return None
    mine = owner is not None and owner == row.owner
    others: tuple[Owned, ...] = ()
    if mine:
        with reading(services.engine) as session:
            others = tuple(query.others(session, row.owner, row.id, MOST_IN_MENU))
    return Menu(row.title, row.name, mine, row.locked_at is not None, others)
