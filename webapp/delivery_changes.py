"""What the owner of a delivery can still do: cancel it, or have it made again from its list of files."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import col

from jobs import client
from jobs.errors import QueueError
from jobs.manifest import MANIFEST_FILE
from jobs.results import CANCELLED, READY, STATE_FILE, write_state
from webapp import deliveries
from webapp import delivery_files as files
from webapp.db import writing
from webapp.delivery_access import must_read
from webapp.delivery_jobs import job_id, submit
from webapp.errors import UserError
from webapp.models import Delivery
from webapp.orders import make_room
from webapp.staging_room import claim

if TYPE_CHECKING:
    from webapp.access import Who
    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord


def cancel(services: Services, delivery_id: str, owner: str | None) -> None:
    """End a delivery that is not final. Raises UserError 403, 404, 409."""
    found = deliveries.status(services, delivery_id)
    must_own(found.record, owner)
    if found.final:
        raise UserError(409, f"This delivery is {found.state} already, so there is nothing to cancel.")
    with suppress(QueueError):  # then the job finds the state when the queue is back
        client.cancel(services.settings.redis_url, job_id(found.record))
    write_state(files.folder(services, delivery_id), CANCELLED)
    deliveries.status(services, delivery_id)  # brings the history up to date


def again(services: Services, delivery_id: str, owner: str | None, who: Who, *, drop: bool = False) -> None:
    """Prepare a delivery once more, from its list of files; what a batch has staged already is not copied again.

    With ``drop`` a bundle is made without what is missing by now.

    Raises UserError 401, 403 (not theirs, or not any more), 404, 409 (not over yet, or nothing is wrong with it), 410
    (its list is gone), 413, 507.
    """
    found = deliveries.status(services, delivery_id)
    record = found.record
    must_own(record, owner)
    if not found.final or found.state == READY:
        raise UserError(409, f"This delivery is {found.state}, so there is nothing to make again.")
    place = files.folder(services, delivery_id)
    if not (place / MANIFEST_FILE).exists():
        raise UserError(410, "The list of its files is gone from this server.", "Make it again from the basket.")
    must_read(services, record, who)
    fresh = {"state": None, "sentence": None, "finished_at": None, "expires_at": None, "extended_at": None}
    make_room(services, record.method, record.format, record.bytes)
    options = json.loads(record.options)
    if drop:
        options["on_problem"] = "drop"
    with writing(services.engine) as session:
        same = (col(Delivery.id) == delivery_id) & (col(Delivery.run) == record.run)
        staged = record.bytes if record.method == "batch" else 0
        values: dict[str, object] = {
            **fresh,
            "run": record.run + 1,
            "mailed": None,
            "reminded_at": None,
            "staged_bytes": staged,
        }
        values["options"] = json.dumps(options)
        if staged and not record.staged_bytes:
            claim(session, services.settings, record.owner, staged)
        changed = session.execute(update(Delivery).where(same).values(**values))
        if changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE has a row count; 0: another tab was first
            (place / STATE_FILE).unlink(missing_ok=True)
    submit(services, deliveries.get(services, delivery_id))


def must_own(record: DeliveryRecord, owner: str | None) -> None:
    """Raises UserError 403 unless this session may change the delivery."""
    if owner != record.owner:
        raise UserError(
            403, "This delivery is someone else's, so you cannot change it.", "Make one of your own from its files."
        )
