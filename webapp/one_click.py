"""An observation's recommended products as one bundle: one click, no basket needed."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from webapp import basket_content, baskets, orders, snapshots
from webapp.db import reading
from webapp.errors import UserError
from webapp.orders import Order
from webapp.plans import Wish
from webapp.queries.observations import is_known
from webapp.retention import delete_basket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.access import Who
    from webapp.context import Services
    from webapp.plans import Plan

AS_ZIP = Wish("bundle", "zip")


@contextmanager
def passing_basket(services: Services) -> Iterator[tuple[str, str]]:
    """An empty basket and its owner, who is nobody: it is gone before anyone can see it."""
    owner = f"one click {secrets.token_urlsafe(16)}"
    basket_id = baskets.create(services, owner)
    try:
        yield basket_id, owner
    finally:
        delete_basket(services, basket_id)


def recommended(services: Services, observation_id: int, owner: str, who: Who) -> tuple[str, str | Plan]:
    """Have it prepared: the frozen basket of those files, and the delivery's id or the plan that has to be agreed to.

    Raises UserError 404 (no such observation), 422 (it has no product).
    """
    with reading(services.engine) as session:
        if not is_known(session, observation_id):
            raise UserError(
                404, "There is no such observation.", "The archive may have changed; look at the list again."
            )
    with passing_basket(services) as (basket_id, passing):
        basket_content.add_observations(services, basket_id, passing, [observation_id])
        basket = baskets.opened(services, basket_id)
        inventory = basket.inventory
        if not len(inventory):
            raise UserError(422, "This observation has no file to download.", "Another one of the same target may.")
        chosen = np.array([kind.recommended for kind in inventory.kinds], np.bool_)[inventory.kind]
        frozen = snapshots.freeze(services, basket, chosen, chosen, owner)
    return frozen, orders.create(services, frozen, owner, Order(AS_ZIP), who)
