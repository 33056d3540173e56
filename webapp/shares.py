"""Shares: a basket frozen with its selection and filters, which anybody who has the link can open until it is revoked.

The frozen basket belongs to nobody and has the share's own id, so that whatever opens it asks whether the share still
stands (see ``baskets.row``). The share belongs to whoever made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import update
from sqlmodel import col

from webapp import baskets, clock, snapshots
from webapp.basket_problems import REVOKED
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Share
from webapp.owners import NOBODY
from webapp.queries import shares as query
from webapp.urls import SHARES, PageState, query_string

if TYPE_CHECKING:
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.filters import Filters
    from webapp.inventory.panels import Panels
    from webapp.queries.shares import ShareEntry, ShareRow

LONGEST_TITLE = 200  # characters
LONGEST_NOTE = 2_000
MOST_LISTED = 500


@dataclass(frozen=True)
class Words:
    """What whoever shares writes about it. Raises UserError 422 for too many characters."""

    title: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", " ".join(_printable(self.title).split()))
        object.__setattr__(self, "note", _printable(self.note).strip())
        for what, text, most in (("title", self.title, LONGEST_TITLE), ("note", self.note, LONGEST_NOTE)):
            if len(text) > most:
                raise UserError(
                    422,
                    f"The {what} has {len(text):,} characters; {most:,} are possible.",
                    "Go back and make it shorter; nothing was shared.",
                )


def create(services: Services, basket_id: str, owner: str, filters: Filters, words: Words) -> str:
    """Share what a basket holds now, as it is selected now; returns the share's id.

    Whoever can see a basket may share what they see. Raises UserError 404, and 422 for a basket without files.
    """
    basket = baskets.opened(services, basket_id)
    rows = ~basket.removed
    if not rows.any():
        raise UserError(422, "This basket is empty, so there is nothing to share.", "Add observations first.")
    share_id = snapshots.freeze(services, basket, rows, basket.selection, NOBODY)
    with writing(services.engine) as session:
        session.add(
            Share(
                id=share_id,
                owner=owner,
                basket_id=share_id,
                filters=query_string(PageState(filters=filters), SHARES),
                title=words.title,
                note=words.note,
                created_at=clock.now(),
            )
        )
    return share_id


def not_for_all(basket: Opened, answer: Panels) -> int:
    """How many of the files that a share would offer are exclusive by now: the selected ones, or all where none is."""
    offered = basket.selection & ~basket.removed
    if not offered.any():
        offered = ~basket.removed
    return int(np.count_nonzero(offered & ~answer.public[basket.inventory.rights]))


def get(services: Services, share_id: str) -> ShareRow:
    """A share that can be opened. Raises UserError 404; 410 if it was revoked."""
    found = _row(services, share_id)
    if found.revoked_at is not None:
        raise UserError(410, *REVOKED)
    return found


def revoke(services: Services, share_id: str, owner: str | None) -> None:
    """From now on nobody can open it. Raises UserError 403, 404."""
    _set_revoked(services, share_id, owner, clock.now())


def restore(services: Services, share_id: str, owner: str | None) -> None:
    """Take a revocation back. Raises UserError 403, 404; 409 where the archive closed it."""
    if _row(services, share_id).closed_by_archive:
        raise UserError(409, "The archive's staff closed this share, so it stays closed.", "Ask them why.")
    _set_revoked(services, share_id, owner, None)


def mine(services: Services, owner: str | None) -> list[ShareEntry]:
    """A session's shares, newest first, revoked ones included."""
    if owner is None:
        return []
    with reading(services.engine) as session:
        return query.of_owner(session, owner, limit=MOST_LISTED)


def _row(services: Services, share_id: str) -> ShareRow:
    with reading(services.engine) as session:
        found = query.share(session, share_id)
    if found is None:
        raise UserError(404, "There is no share at this address.", "It may have been typed wrong.")
    return found


def _set_revoked(services: Services, share_id: str, owner: str | None, at: int | None) -> None:
    if _row(services, share_id).owner != owner:
        raise UserError(403, "This share is someone else's, so you cannot change it.", "Ask whoever made it.")
    with writing(services.engine) as session:
        session.execute(update(Share).where(col(Share.id) == share_id).values(revoked_at=at))


def _printable(text: str) -> str:
    """Lines end in line feeds; other control characters become spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each if each == "\n" or each.isprintable() else " " for each in text)
