"""What stands above the panes of a frozen basket: where its files come from, and what the archive did since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from webapp.access import rights_now
from webapp.citation import citation
from webapp.db import reading
from webapp.inventory.filters import Filters
from webapp.inventory.panels import Totals
from webapp.queries import products
from webapp.queries import snapshots as query
from webapp.urls import PageState, address

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from webapp.access import Who
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.queries.shares import ShareRow
    from webapp.queries.snapshots import DeliveryName
    from webapp.snapshots import Since

MOST_NAMED = 50  # files that are named and linked


@dataclass(frozen=True)
class Moved:
    """What the archive did to the files since; ``files`` are (name, what happened, address), at most 50 of them."""

    withdrawn: int
    replaced: int
    files: tuple[tuple[str, str, str], ...]

    @property
    def total(self) -> int:
        """How many files it happened to."""
        return self.withdrawn + self.replaced

    @property
    def words(self) -> str:
        """``3 replaced, 1 withdrawn``."""
        parts = ((self.replaced, "replaced"), (self.withdrawn, "withdrawn"))
        return ", ".join(f"{count:,} {what}" for count, what in parts if count)


@dataclass(frozen=True)
class OfDelivery:
    """These are the files of a delivery, or of one that is not there any more."""

    template: ClassVar[str] = "history/_origin.html"

    delivery: DeliveryName | None
    frozen_at: int
    moved: Moved

    @property
    def title(self) -> str:
        """What the window is called."""
        return (self.delivery.label or self.delivery.name) if self.delivery else "Files of a download"


@dataclass(frozen=True)
class OfShare:
    """Somebody shared these files. ``exclusive`` counts the selected ones that whoever asks may not have yet."""

    template: ClassVar[str] = "shares/_origin.html"

    share: ShareRow
    mine: bool
    url: str
    all: Totals
    selected: Totals
    exclusive: int
    exclusive_href: str
    citation: str
    moved: Moved

    @property
    def title(self) -> str:
        """What the window is called."""
        return self.share.title or "Shared files"


def of_delivery(services: Services, basket: Opened, since: Since) -> OfDelivery:
    """What to say above a delivery's files."""
    with reading(services.engine) as session:
        delivery = query.delivery_of(session, basket.row.owner, basket.row.id)
    return OfDelivery(delivery, basket.row.created_at, _moved(services, basket, since))


def of_share(
    services: Services, basket: Opened, since: Since, share: ShareRow, *, owner: str | None, who: Who
) -> OfShare:
    """What to say above shared files. The citation is about what is selected, or about all where nothing is."""
    inventory = basket.inventory
    everything = ~basket.removed
    selected = basket.selection & everything
    cited = selected if selected.any() else everything
    used = np.unique(inventory.rights[cited])
    with reading(services.engine) as session:
        rights = query.rights(session, [inventory.rights_ids[i] for i in used.tolist()])
    url = f"{services.settings.base_url}{basket.base}"
    exclusive = cited & ~rights_now(services, inventory, who).readable[inventory.rights]
    shown = Filters(mrp=False, choices={"access": frozenset({"exclusive"})}, selected=bool(selected.any()))
    return OfShare(
        share=share,
        mine=share.owner == owner,
        url=url,
        all=_totals(basket, everything),
        selected=_totals(basket, selected),
        exclusive=int(np.count_nonzero(exclusive)),
        exclusive_href=address(basket.base, PageState(filters=shown)),
        citation=citation(services, rights, link=url, at=share.created_at),
        moved=_moved(services, basket, since),
    )


def _totals(basket: Opened, rows: NDArray[np.bool_]) -> Totals:
    size = basket.inventory.size[rows]
    return Totals(len(size), int(size[size >= 0].sum()), int(np.count_nonzero(size < 0)))


def _moved(services: Services, basket: Opened, since: Since) -> Moved:
    inventory = basket.inventory
    there = ~basket.removed
    first = np.flatnonzero((since.withdrawn | since.replaced) & there)[:MOST_NAMED].tolist()
    files = []
    if first:
        with reading(services.engine) as session:
            uris = products.uris(session, inventory.product[first].tolist())
        for row in first:
            mission, folder = inventory.folders[inventory.folder_of(row)]
            state = PageState(Filters(mrp=False), uris[int(inventory.product[row])], (f"{mission}/{folder}",))
            files.append((inventory.name(row), since.of(row), address(basket.base, state)))
    withdrawn, replaced = (int(np.count_nonzero(each & there)) for each in (since.withdrawn, since.replaced))
    return Moved(withdrawn, replaced, tuple(files))
