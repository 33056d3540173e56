"""The files of a basket as a list: one page after another, in the order of the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from webapp.access import shown_hash
from webapp.basket_page import answer_panels
from webapp.db import reading
from webapp.errors import UserError
from webapp.facets import FACETS
from webapp.queries.products import listed

if TYPE_CHECKING:
    from webapp.access import Who
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.filters import Filters

DIGEST_LETTERS = 16  # of an inventory's, in a cursor


@dataclass(frozen=True)
class Place:
    """Where a page ended: at that row of the inventory of that digest."""

    digest: str
    row: int


@dataclass(frozen=True)
class ListedFile:
    """One file. ``facets`` are its values as the filters name them; ``sha256`` is None for who may not read it."""

    uri: str
    filename: str
    path: str
    size: int | None
    level: int | None
    recommended: bool
    selected: bool
    sha256: str | None
    facets: dict[str, str]


def page(  # noqa: PLR0917 - what, for whom, which part
    services: Services, basket: Opened, filters: Filters, who: Who, after: Place | None, limit: int
) -> tuple[list[ListedFile], Place | None]:
    """At most ``limit`` matching files after a place, and where they end; None if there are no more.

    Raises UserError 410 if the list has become another one since: its pages would not fit together.
    """
    inventory = basket.inventory
    digest = inventory.digest[:DIGEST_LETTERS]
    if after is not None and after.digest != digest:
        raise UserError(
            410, "The files of this basket have changed since the page before.", "Start again with the first page."
        )
    answer = answer_panels(services, basket, filters, who)
    start = min(max(0, after.row + 1), len(inventory)) if after is not None else 0  # whoever made the cursor up
    found = np.flatnonzero(answer.shown[start:])[: limit + 1] + start
    rows = found[:limit].tolist()
    with reading(services.engine) as session:
        known = listed(session, inventory.product[rows].tolist())
    batch = frozenset(services.settings.batch_missions)
    files = []
    for row in rows:
        kind, right = inventory.kinds[inventory.kind[row]], inventory.rights[row]
        uri, sha256 = known[int(inventory.product[row])]
        size, public = int(inventory.size[row]), bool(answer.public[right])
        files.append(
            ListedFile(
                uri=uri,
                filename=inventory.name(row),
                path=inventory.path(row),
                size=None if size < 0 else size,
                level=kind.level,
                recommended=kind.recommended,
                selected=bool(basket.selection[row]),
                sha256=shown_hash(sha256, readable=bool(answer.readable[right])),
                facets={name: facet.value(kind, public, batch) for name, facet in FACETS.items()},
            )
        )
    return files, Place(digest, rows[-1]) if len(found) > limit else None
