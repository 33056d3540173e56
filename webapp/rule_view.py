"""What a basket's page says about the filters that it follows, and about what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from webapp import rules
from webapp.db import reading
from webapp.inventory.filters import Filters
from webapp.queries import rules as query
from webapp.urls import PageState, address, with_filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.baskets import Opened
    from webapp.context import Services

MOST_NAMED = 50  # files of each part that are named and linked


@dataclass(frozen=True)
class Part:
    """``14`` ``new``; ``files`` are (name, address), at most 50 of them."""

    count: int
    what: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RuleView:
    """``words`` name the filters, ``href`` is the page under them; ``said`` is what changed since ``seen_at``."""

    words: str
    href: str
    here: bool  # the page is under these filters now
    seen_at: int
    said: str
    parts: tuple[Part, ...]
    offered: int  # new and replaced


def view(services: Services, basket: Opened, state: PageState) -> RuleView | None:
    """What to say on the page of one state; None for a basket that follows nothing."""
    rule, news = basket.row.rule, rules.news(services, basket)
    if rule is None or news is None:
        return None
    filters, inventory = rules.filters_of(rule), basket.inventory
    found: list[tuple[int, str, list[int]]] = []
    for what, rows in (("new", news.new), ("replaced", news.replaced)):
        first = np.flatnonzero(rows)[:MOST_NAMED]
        found.append((int(np.count_nonzero(rows)), what, inventory.product[first].tolist()))
    found.append((len(news.withdrawn), "withdrawn", news.withdrawn[:MOST_NAMED].tolist()))
    named = _files(services, basket, [each for *_, ids in found for each in ids])
    return RuleView(
        words=rules.words_of(filters),
        href=address(basket.base, with_filters(state, filters)),
        here=state.filters == filters,
        seen_at=rule.seen_at,
        said=news.words,
        parts=tuple(
            Part(count, what, tuple(named[i] for i in ids if i in named)) for count, what, ids in found if count
        ),
        offered=int(np.count_nonzero(news.difference)),
    )


def _files(services: Services, basket: Opened, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Each product's file name, and its address in the page: below its folder, where it is in the basket."""
    if not ids:
        return {}
    with reading(services.engine) as session:
        names = query.names(session, ids)
    inventory, found = basket.inventory, {}
    for product, (uri, name) in names.items():
        row = int(inventory.row_of(product))
        folder = inventory.folders[inventory.folder_of(row)] if row >= 0 else None
        state = PageState(Filters(mrp=False), uri, () if folder is None else ("/".join(folder),))
        found[product] = name, address(basket.base, state)
    return found
