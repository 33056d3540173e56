"""Staged files live for a week, and a week more if their owner asks; then the clock removes them.

The delivery stays in the history, with its list of files, so that it can be made again.
"""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

from jobs.results import CANCELLED, FAILED
from webapp import clock, spool
from webapp.db import reading, writing
from webapp.delivery_files import NO_DELIVERY
from webapp.delivery_files import folder as delivery_folder
from webapp.errors import UserError
from webapp.queries import chores as query
from webapp.staging_room import folder_of
from webapp.template_filters import moment

if TYPE_CHECKING:
    from webapp.context import Services

DAY = 86_400  # seconds
LIFE_SECONDS = 7 * DAY
GIVEN_UP_SECONDS = DAY  # a failed or cancelled batch can go on from what is staged for so long
A_TICK = 20  # deliveries

log = logging.getLogger(__name__)


def extend(services: Services, delivery_id: str, owner: str | None) -> int:
    """Keep a delivery's staged files for a week more, once; returns the new ``expires_at``.

    Raises UserError 404 (no such delivery), 403 (someone else's), 409 (nothing to keep, or kept once already).
    """
    with reading(services.engine) as session:
        found = query.kept(session, delivery_id)
    if found is None:
        raise UserError(404, *NO_DELIVERY)
    if found.owner != owner:
        raise UserError(403, "This delivery is someone else's, so you cannot extend it.", "Ask its owner to do so.")
    now = clock.now()
    if found.state == query.EXPIRED or (found.expires_at is not None and found.expires_at <= now):
        raise UserError(409, "This delivery has expired, so it cannot be extended.", "Make it again.")
    if found.expires_at is None or found.state not in query.THERE:
        raise UserError(409, "There are no staged files of this delivery that could be kept for longer.")
    if found.extended_at is not None:
        raise UserError(
            409,
            f"This delivery was extended once already; its files are kept until {moment(found.expires_at)}.",
            "Fetch them before that, or make the delivery again later.",
        )
    expires_at = found.expires_at + LIFE_SECONDS
    with writing(services.engine) as session:
        if not query.set_extended(session, found, expires_at, now):
            raise UserError(409, "This delivery has just changed, so it was not extended.", "Look at it again.")
    return expires_at


def expire(services: Services) -> None:
    """Remove the staged files whose time is over; the clock's chore.

    The row changes first, so that nothing is served while it is being removed; a run that is cut off goes on.
    """
    now = clock.now()
    with reading(services.engine) as session:
        due = query.due_to_expire(session, now, A_TICK)
        left = query.given_up(session, now - GIVEN_UP_SECONDS, A_TICK)
    for each in due:
        sentence = f"Its files were kept until {moment(each.expires_at)}. You can make it again."
        with writing(services.engine) as session:
            if each.state != query.EXPIRED and not query.set_expired(session, each.id, sentence, now):
                continue  # extended meanwhile
        _unstage(services, each.id, query.EXPIRED)
    for delivery_id in left:
        _unstage(services, delivery_id, FAILED, CANCELLED)


def _unstage(services: Services, delivery_id: str, *states: str) -> None:
    """Remove a delivery's staged files if it is in one of these states, and no job works on it again."""
    place = delivery_folder(services, delivery_id)
    with spool.held(place) as mine:
        if not mine and place.exists():
            return
        with reading(services.engine) as session:
            found = query.kept(session, delivery_id)
        if found is None or found.state not in states:
            return  # it is being made again
        folder = folder_of(services.settings, delivery_id)
        if folder.exists():
            shutil.rmtree(folder)
        if found.state == query.EXPIRED:
            spool.strip(services, delivery_id)
        with writing(services.engine) as session:
            query.release_stage(session, delivery_id, states)
