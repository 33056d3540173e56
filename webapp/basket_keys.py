"""The key of a basket: whoever holds it may change what is in that basket, and nothing else. Kept as a hash only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import col

from webapp import secret_words, shelf
from webapp.db import reading, writing
from webapp.models import Basket
from webapp.queries import shelf as query

if TYPE_CHECKING:
    from webapp.context import Services


def exists(services: Services, basket_id: str) -> bool:
    """Whether the basket has a key."""
    with reading(services.engine) as session:
        return query.has_key(session, basket_id)


def new(services: Services, basket_id: str, owner: str | None) -> str:
    """A new key for a basket; the one before is of no use from now on. Raises UserError 403, 404."""
    shelf.own(services, basket_id, owner)
    word = secret_words.new(secret_words.KEY)
    _keep(services, basket_id, secret_words.digest(word))
    return word


def revoke(services: Services, basket_id: str, owner: str | None) -> None:
    """Take the key back. Raises UserError 403, 404."""
    shelf.own(services, basket_id, owner)
    _keep(services, basket_id, None)


def _keep(services: Services, basket_id: str, digest: str | None) -> None:
    with writing(services.engine) as session:
        session.execute(update(Basket).where(col(Basket.id) == basket_id).values(key_hash=digest))
