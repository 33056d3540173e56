"""What a script or list of a selection would look like: the very thing, made for its first files only.

Nothing is kept and no store is asked, so sizes are the catalogue's, and an address names no version of its file.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jobs.dialects import dialect
from jobs.errors import JobError
from jobs.items import Header, items
from jobs.names import stand_alone
from webapp import clock
from webapp.access import may_read, rights_now
from webapp.citation import citation
from webapp.db import reading
from webapp.errors import UserError
from webapp.inventory.panels import Totals
from webapp.layouts import OBSERVATORIES
from webapp.methods_preview import SHOWN_LINES, of_content, of_members
from webapp.orders import delivery_name
from webapp.plans import entries_of
from webapp.queries import products, selections

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jobs.items import Item
    from jobs.manifest import Entry
    from webapp.access import Who
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.layouts import Layout
    from webapp.methods import Way
    from webapp.methods_preview import Preview

FILES = SHOWN_LINES + 1  # each is a line at least; one more than is shown says that there are more
LOOKED_AT = 5_000  # files among which those are looked for that a list can hold


@dataclass(frozen=True, eq=False)
class Chosen:
    """What of a selection ``who`` may have.

    ``rows`` int64 (n,) of the inventory, ``public`` bool (n,): may everybody read it now. ``locked``: how many others
    are selected; no list of theirs has these.
    """

    basket: Opened
    rows: NDArray[np.int64]
    public: NDArray[np.bool_]
    locked: int
    who: Who
    totals: Totals

    @property
    def products(self) -> list[int]:
        """Their ids."""
        found: list[int] = self.basket.inventory.product[self.rows].tolist()
        return found

    @property
    def has_references(self) -> bool:
        """Whether a calibration reference that CRDS knows is among them."""
        inventory = self.basket.inventory
        there = np.bincount(inventory.kind[self.rows], minlength=len(inventory.kinds))
        return any(
            there[i] and kind.product_type == "reference" and kind.mission in OBSERVATORIES
            for i, kind in enumerate(inventory.kinds)
        )

    @property
    def exclusive(self) -> int:
        """How many of them not everybody may read."""
        return int(np.count_nonzero(~self.public))


def chosen(services: Services, basket: Opened, who: Who) -> Chosen:
    """What is selected in a basket, for somebody."""
    inventory = basket.inventory
    selected = np.flatnonzero(basket.selection & ~basket.removed)
    rights = rights_now(services, inventory, who)
    rows = selected[rights.readable[inventory.rights[selected]]]
    size = inventory.size[rows]
    totals = Totals(len(rows), int(size[size >= 0].sum()), int(np.count_nonzero(size < 0)))
    return Chosen(basket, rows, rights.public[inventory.rights[rows]], len(selected) - len(rows), who, totals)


def without_sha256(services: Services, what: Chosen) -> int:
    """How many files have no checksum yet."""
    with reading(services.engine) as session:
        return selections.without_sha256(session, what.products)


def in_public_store(services: Services, what: Chosen, *, most: int | None = None) -> int:
    """How many files anybody may have from a public store; not more than ``most``."""
    stores, found = services.stores, 0
    if not stores.any_public:
        return 0
    open_to_all: list[int] = what.basket.inventory.product[what.rows[what.public]].tolist()
    with reading(services.engine) as session:
        for uri, location in selections.places(session, open_to_all):
            place = stores.locate(uri, location)
            found += place is not None and place.store.public(place.path) is not None
            if found == most:
                break
    return found


def preview(services: Services, what: Chosen, way: Way, layout: Layout) -> Preview | None:
    """How it would begin, or what would be inside; None if that cannot be known before. Raises UserError 422."""
    entries = _entries(services, what, looked_at=LOOKED_AT if way.wants else FILES, layout=layout)
    if not way.written:
        return of_members(((each.path, each.size) for each in entries), whole=len(entries) == len(what.rows))
    listed = _items(services, entries, way)
    if not listed:
        return None
    out = io.BytesIO()
    try:
        dialect(way.format).write(_header(services, what), iter(listed), out)
    except JobError as error:
        raise UserError(422, str(error), "Choose another way.") from error
    return of_content(out.getvalue(), way.language)


def _entries(services: Services, what: Chosen, *, looked_at: int, layout: Layout) -> list[Entry]:
    with reading(services.engine) as session:
        rows = list(products.delivery_rows(session, what.products[:looked_at]))
    now = clock.now()  # a frozen basket has the rights of its time, and these are of now
    return entries_of([row for row in rows if may_read(row.rights, what.who, now)], layout, now)


def _items(services: Services, entries: list[Entry], way: Way) -> list[Item]:
    alone = stand_alone(entry.path for entry in entries)
    found = items(entries, [-1] * len(entries), alone, services.stores)
    return [each for each in found if all(getattr(each, field) is not None for field in way.wants)][:FILES]


def _header(services: Services, what: Chosen) -> Header:
    now, settings = clock.now(), services.settings
    inventory = what.basket.inventory
    of_rights = [inventory.rights_ids[i] for i in np.unique(inventory.rights[what.rows]).tolist()]
    with reading(services.engine) as session:
        rules = selections.rules(session, of_rights)
    link = f"{settings.base_url}{what.basket.base}"
    return Header(
        delivery_name(now),
        now,
        settings.base_url,
        what.totals.files,
        what.totals.bytes,
        what.totals.unknown_size,
        settings.archive_name,
        link,
        citation(services, rules, link=link, at=now),
    )
