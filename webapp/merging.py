"""Several baskets as one new basket; those that it is made of stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from webapp import basket_names, baskets, shelf
from webapp.basket_content import content_changed, insert_additions, insert_observations
from webapp.baskets import Bits
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.queries import baskets as query
from webapp.template_filters import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from webapp.baskets import Opened
    from webapp.context import Services

    Ids = NDArray[np.int64]


MOST = 100  # at once: each is opened and looked at


@dataclass(frozen=True)
class Merged:
    """The new basket, and what to tell."""

    basket_id: str
    sentence: str


def merge(services: Services, basket_ids: Sequence[str], owner: str, name: str = "") -> Merged:
    """A new basket with all that these hold.

    A file is out of it only if none of them shows it, and ticked if any has it ticked. Raises UserError 403, 404, 410;
    422 for fewer than two baskets, a name that is too long, or more files than one basket holds.
    """
    ids = list(dict.fromkeys(basket_ids))
    name = basket_names.clean(name)
    if len(ids) > MOST:
        raise UserError(422, f"{len(ids):,} baskets were ticked, and {MOST} can be merged at once.", "Tick fewer.")
    if len(ids) < 2:  # noqa: PLR2004 - one is not several
        raise UserError(422, "Fewer than two baskets were ticked, so none were merged.", "Tick two or more.")
    titles = [shelf.own(services, each, owner).title for each in ids]
    none = np.empty(0, np.int64)
    there, shown, ticked = none, none, none
    observations: set[int] = set()
    additions: set[int] = set()
    for each in ids:
        found = baskets.opened(services, each)
        there = np.union1d(there, found.inventory.product)
        _must_have_room(services, len(there))
        shown = np.union1d(shown, found.inventory.product[~found.removed])
        ticked = np.union1d(ticked, found.inventory.product[found.selection & ~found.removed])
        with reading(services.engine) as session:
            observations.update(query.observation_ids(session, each))
            additions.update(query.addition_ids(session, each))
    hidden = np.setdiff1d(there, shown)
    new_id = baskets.create(services, owner, name or basket_names.cut(" + ".join(titles)))
    with writing(services.engine) as session:
        insert_observations(session, new_id, sorted(observations))
        insert_additions(session, new_id, sorted(additions))
        content_changed(session, new_id)

    def mark(new: Opened) -> Bits:
        product = new.inventory.product
        return Bits(np.isin(product, ticked), np.isin(product, hidden))

    baskets.change(services, new_id, owner, mark)
    made = baskets.opened(services, new_id)
    selected = int(np.count_nonzero(made.selection))
    return Merged(
        new_id,
        f"Merged {len(ids):,} baskets into “{made.row.title}”: {files(made.row.files)}, {selected:,} selected.",
    )


def _must_have_room(services: Services, count: int) -> None:
    limit = services.settings.basket_files
    if count > limit:
        raise UserError(
            422,
            f"Together these baskets hold {count:,} files or more; one basket holds {limit:,}.",
            "Merge fewer of them, or remove observations first.",
        )
