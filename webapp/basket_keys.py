"""The key of a basket: whoever holds it may change what is in that basket, and nothing else. Kept as a hash only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import col

from webapp import moving_in, owners, secret_words, shelf
from webapp.db import reading, writing
from webapp.models import Basket
from webapp.queries import shelf as query

if TYPE_CHECKING:
    from webapp.context import Services
    from webapp.queries.baskets import BasketRow


def exists(services: Services, basket_id: str) -> bool:
    """Whether the basket has a key."""
    with reading(services.engine) as session:
        return query.has_key(session, basket_id)


def new(services: Services, basket_id: str, owner: str | None) -> str:
    """A new key for a basket; the one before is of no use from now on. Raises UserError 403, 404."""
    found = shelf.own(services, basket_id, owner)
    word = secret_words.new(secret_words.KEY)
    _keep(services, found, secret_words.digest(word))
    return word


def revoke(services: Services, basket_id: str, owner: str | None) -> None:
    """Take the key back. Raises UserError 403, 404."""
    _keep(services, shelf.own(services, basket_id, owner), None)


def _keep(services: Services, basket: BasketRow, digest: str | None) -> None:
    """What was made with the key before is the owner's from now on, and not of whoever gets the next one."""
    with writing(services.engine) as session:
        session.execute(update(Basket).where(col(Basket.id) == basket.id).values(key_hash=digest))
    moving_in.move(services, owners.key_holder(basket.id), basket.owner)
