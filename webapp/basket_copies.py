"""Files that go from one basket into another: a whole copy, or the selected files of a frozen basket as additions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import update
from sqlmodel import col

from webapp import baskets
from webapp.basket_content import (
    content_changed,
    insert_additions,
    insert_observations,
    locked,
    must_have_room_for,
    must_write,
)
from webapp.basket_names import of_copy
from webapp.baskets import Bits, opened
from webapp.db import writing
from webapp.errors import UserError
from webapp.models import Basket
from webapp.queries import baskets as query
from webapp.steps import add_step
from webapp.template_filters import files
from webapp.undo import Undo

if TYPE_CHECKING:
    from webapp.baskets import Opened
    from webapp.context import Services


@dataclass(frozen=True)
class Put:
    """What putting files into a basket did; ``withdrawn`` ones were left behind."""

    basket_id: str
    new: int
    already: int
    withdrawn: int
    step: int | None
    into: str = "your basket"

    @property
    def sentence(self) -> str:
        """What to tell."""
        said = [f"Put {files(self.new)} into {self.into}."] if self.new else []
        if self.already and not (self.new or self.withdrawn):
            return f"{'The file was' if self.already == 1 else 'All of them were'} already in {self.into}."
        if self.already:
            said.append(f"{self.already:,} {'was' if self.already == 1 else 'were'} already there.")
        if self.withdrawn:
            left = (
                "has been withdrawn from the archive and was"
                if self.withdrawn == 1
                else "have been withdrawn from the archive and were"
            )
            said.append(f"{files(self.withdrawn)} {left} left out.")
        return " ".join(said)


def copy(services: Services, basket_id: str, owner: str) -> tuple[str, int]:
    """A copy of anybody's basket for whoever asks: content, removals and ticks, under the same name and ", copy".

    Of a frozen basket its products become additions, those aside that have been withdrawn. Returns the new id, and how
    many those were.
    """
    found = opened(services, basket_id)
    new_id = baskets.create(services, owner, "" if found.row.frozen else of_copy(found.row.title))
    if found.row.frozen:
        return new_id, _copy_frozen(services, found, new_id, owner)
    with writing(services.engine) as session:
        now_row = locked(session, basket_id)
        insert_observations(session, new_id, query.observation_ids(session, basket_id))
        insert_additions(session, new_id, query.addition_ids(session, basket_id))
        same = ("content", "digest", "digest_for", "selection", "removed", "files")
        values = {name: getattr(now_row, name) for name in same}
        session.execute(update(Basket).where(col(Basket.id) == new_id).values(**values))
    return new_id, 0


def _copy_frozen(services: Services, found: Opened, new_id: str, owner: str) -> int:
    products = found.inventory.product
    with writing(services.engine) as session:
        insert_additions(session, new_id, products[~found.removed].tolist())
        content_changed(session, new_id)
    selected = products[found.selection & ~found.removed]
    baskets.change(services, new_id, owner, lambda new: Bits(np.isin(new.inventory.product, selected), new.removed))
    return found.row.files - baskets.row(services, new_id).files


def put(services: Services, basket_id: str, owner: str, opened_last: str | None = None) -> Put:
    """Put the selected files of a basket into the one that somebody works with, made if there is none.

    Raises UserError 404; 422 where nothing is selected or the other basket would hold too many files.
    """
    source = opened(services, basket_id)
    wanted = source.inventory.product[source.selection & ~source.removed]
    if not len(wanted):
        raise UserError(422, "No file is selected, so none was put into your basket.", "Tick files or folders first.")
    current = baskets.current(services, owner, opened_last)
    target_id = current.id if current else baskets.create(services, owner)
    into = f"“{current.title}”" if current and current.several else "your basket"
    before = opened(services, target_id)
    there = np.isin(wanted, before.inventory.product)
    masked = wanted[np.isin(wanted, before.inventory.product[before.removed])]
    must_have_room_for(services, before.row.files + int(np.count_nonzero(~there)) + len(masked))
    with writing(services.engine) as session:
        must_write(session, target_id, owner)
        fresh = np.setdiff1d(wanted[~there], np.array(query.addition_ids(session, target_id), np.int64))
        insert_additions(session, target_id, fresh.tolist())
        content_changed(session, target_id)
    if len(masked):
        baskets.change(
            services,
            target_id,
            owner,
            lambda now: Bits(now.selection, now.removed & ~np.isin(now.inventory.product, masked)),
        )
    arrived = int(np.count_nonzero(np.isin(wanted[~there], opened(services, target_id).inventory.product)))
    already = int(np.count_nonzero(there)) - len(masked)
    new = arrived + len(masked)
    made = Put(target_id, new, already, len(wanted) - already - new, None, into)
    if not (len(fresh) or len(masked)):
        return made
    with writing(services.engine) as session:
        step = add_step(session, target_id, made.sentence, Undo(drop_products=fresh, hide=masked))
    return replace(made, step=step)
