"""Observations put into baskets and taken out by their names, as programs do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from webapp import basket_content as content
from webapp import baskets, observations
from webapp.baskets import Done
from webapp.db import writing
from webapp.errors import UserError
from webapp.observation_query import ObservationQuery
from webapp.queries import baskets as query
from webapp.retention import delete_basket
from webapp.steps import add_step
from webapp.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.context import Services


def new_basket(services: Services, owner: str, wanted: Sequence[str] | ObservationQuery, name: str = "") -> str:
    """A new basket of observations that are named or match; returns its id.

    Raises UserError 403 for the holder of a key; 422 for a name that is not one observation's, where nothing matches,
    or where there would be too many files. Nothing is left behind then.
    """
    if isinstance(wanted, ObservationQuery):
        ids: Sequence[int] = observations.matching_ids(services, wanted)
        if not ids:
            raise UserError(422, "No observation matches, so no basket was made.", "Look at the query again.")
    else:
        ids = observations.named_ids(services, (), wanted)
    basket_id = baskets.create(services, owner, name)
    try:
        if ids:
            content.add_observations(services, basket_id, owner, ids)
    except UserError:
        delete_basket(services, basket_id)
        raise
    return basket_id


def change(
    services: Services,
    basket_id: str,
    owner: str | None,
    add: Sequence[str],
    remove: Sequence[str],
    *,
    version: int | None = None,
) -> Done:
    """Put observations in, then take others out; ``count`` is how many of them.

    Raises UserError 403, 404, 409; 412 unless at ``version``; 422 as above, before anything is done.
    """
    baskets.must_own(baskets.row(services, basket_id), owner)
    wanted, unwanted = observations.named_ids(services, (), add), observations.named_ids(services, (), remove)
    if both := set(wanted) & set(unwanted):
        raise UserError(422, f"{len(both):,} observations would be added and removed at once.", "Send each once.")
    content.must_have_room(services, basket_id, wanted)
    basket = baskets.opened(services, basket_id)
    with writing(services.engine) as session:  # all of it or nothing
        baskets.must_be(content.must_write(session, basket_id, owner), version)
        present = set(query.observation_ids(session, basket_id))
        new, gone = sorted(set(wanted) - present), sorted(set(unwanted) & present)
        if not (new or gone):
            return Done("Nothing was changed: the basket is so already.")
        content.insert_observations(session, basket_id, new)
        content.drop_observations(session, basket_id, gone)
        content.content_changed(session, basket_id)
        products = basket.inventory.product
        undo = Undo(
            drop_observations=np.array(new, np.int64),
            add_observations=np.array(gone, np.int64),
            tick=products[basket.selection],
            mask=products[basket.removed],
        )
        said = " ".join(
            f"{what} {len(ids):,} {'observation' if len(ids) == 1 else 'observations'}."
            for what, ids in (("Added", new), ("Removed", gone))
            if ids
        )
        step = add_step(session, basket_id, said, undo)
    baskets.opened(services, basket_id)  # now, so that what is added again later arrives unselected and whole
    return Done(said, step, len(new) + len(gone))
