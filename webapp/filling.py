"""Observations put into baskets and taken out by their names, as programs do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp import basket_content, baskets, observations
from webapp.errors import UserError
from webapp.observation_query import ObservationQuery
from webapp.retention import delete_basket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.baskets import Done
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
            basket_content.add_observations(services, basket_id, owner, ids)
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
    return basket_content.change_observations(services, basket_id, owner, wanted, unwanted, version=version)
