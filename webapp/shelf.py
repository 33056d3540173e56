"""What the owner of several baskets can do with each as a whole: rename, duplicate, lock, delete, bring back.

These are the owner's alone: whoever holds a basket's key may change what is in it, and nothing here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import col

from webapp import basket_copies, baskets, clock, rules
from webapp.basket_names import clean
from webapp.basket_problems import DAY, DELETED_DAYS, NO_BASKET
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Basket
from webapp.owners import NOBODY
from webapp.queries import baskets as query

if TYPE_CHECKING:
    from webapp.context import Services
    from webapp.queries.baskets import BasketRow

_PLAIN = re.compile(r"[A-Za-z0-9_.:+-]+")


def own(services: Services, basket_id: str, owner: str | None) -> BasketRow:
    """The basket, for its owner only. Raises UserError 403, 404; 409 for a frozen one, 410 for a deleted one."""
    found = baskets.row(services, basket_id)
    must_be_owner(found, owner)
    baskets.must_be_live(found)
    return found


def must_be_owner(found: BasketRow, owner: str | None) -> None:
    """Raises UserError 403 for everybody but its owner, the holder of its key included."""
    if owner in {None, NOBODY} or owner != found.owner:
        raise UserError(
            403, "This basket is someone else's, so you cannot change it.", "Copy it to your own basket first."
        )


def rename(services: Services, basket_id: str, owner: str | None, name: str) -> str:
    """Give a basket a name; an empty one takes it away. Returns how it is called now.

    Raises UserError 403, 404; 422 for a name that is too long.
    """
    own(services, basket_id, owner)
    _set(services, basket_id, name=clean(name))
    return baskets.row(services, basket_id).title


def duplicate(services: Services, basket_id: str, owner: str) -> str:
    """A basket with the same content, removals, ticks and rule. Returns its id. Raises UserError 403, 404."""
    own(services, basket_id, owner)
    new_id = basket_copies.copy(services, basket_id, owner)[0]
    rules.copy(services, basket_id, new_id)
    return new_id


def lock(services: Services, basket_id: str, owner: str | None) -> str:
    """Keep a basket from being changed, until it is unlocked. Returns its title. Raises UserError 403, 404."""
    found = own(services, basket_id, owner)
    if found.locked_at is None:
        _set(
            services, basket_id, locked_at=clock.now(), version=col(Basket.version) + 1
        )  # so that no change is under way
    return found.title


def unlock(services: Services, basket_id: str, owner: str | None) -> str:
    """Let a basket be changed again. Returns its title. Raises UserError 403, 404."""
    found = own(services, basket_id, owner)
    _set(services, basket_id, locked_at=None)
    return found.title


def delete(services: Services, basket_id: str, owner: str | None) -> str:
    """Delete a basket; it can be brought back for DELETED_DAYS. Returns its title.

    Raises UserError 403, 404, 410; 409 while it is locked.
    """
    found = own(services, basket_id, owner)
    with writing(services.engine) as session:
        unlocked = (col(Basket.id) == basket_id) & col(Basket.locked_at).is_(None)
        values = {"deleted_at": clock.now(), "version": col(Basket.version) + 1}
        if not session.execute(update(Basket).where(unlocked).values(**values)).rowcount:  # type: ignore[attr-defined]  # an UPDATE has a row count
            raise UserError(409, "This basket is locked, so it was not deleted.", "Unlock it first.")
    return found.title


def restore(services: Services, basket_id: str, owner: str | None) -> str:
    """Bring a deleted basket back as it was. Returns its title. Raises UserError 403, 404; 410 when it is too late."""
    with reading(services.engine) as session:
        found = query.basket(session, basket_id)
    if found is None:
        raise UserError(404, *NO_BASKET)
    must_be_owner(found, owner)
    with writing(services.engine) as session:
        in_time = (col(Basket.id) == basket_id) & (
            col(Basket.deleted_at).is_(None) | (col(Basket.deleted_at) > clock.now() - DELETED_DAYS * DAY)
        )
        if not session.execute(update(Basket).where(in_time).values(deleted_at=None)).rowcount:  # type: ignore[attr-defined]  # as above
            raise UserError(410, f"This basket was deleted more than {DELETED_DAYS} days ago.", "It is gone.")
    return found.title


def an_observation(services: Services, basket_id: str) -> str:
    """One of the basket's observations, as ``MISSION:obs_id``, or what such a name looks like.

    It is shown in a command that people paste into a shell, so it holds nothing that a shell or JSON would read.
    """
    with reading(services.engine) as session:
        found = query.observations(session, basket_id, limit=1)
    name = f"{found[0].mission}:{found[0].obs_id}" if found else ""
    return name if _PLAIN.fullmatch(name) else "MISSION:OBS_ID"


def _set(services: Services, basket_id: str, **values: object) -> None:
    with writing(services.engine) as session:
        session.execute(update(Basket).where(col(Basket.id) == basket_id).values(**values))
