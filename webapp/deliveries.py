"""Deliveries as they are now: waiting, being prepared, over, and how that went.

The folder of a delivery decides: a terminal state in it ends the delivery; else the queue says; where the queue has
forgotten the job, it is put there again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs import client
from jobs.bundles import broken
from jobs.errors import JobError, QueueError
from jobs.manifest import MANIFEST_FILE
from jobs.results import FAILED, PROBLEMS, READY, State, write_state
from webapp import clock, harvest
from webapp import delivery_files as files
from webapp.db import reading
from webapp.delivery_jobs import job_id, submit
from webapp.errors import UserError
from webapp.queries import deliveries as query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.client import JobStatus
    from jobs.results import Artefact
    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord

log = logging.getLogger(__name__)

UNPREPARED = "It could not be prepared. Tell the archive's staff."
FINAL = frozenset({"Ready", "Finished with problems", "Failed", "Cancelled", "Expired"})


@dataclass(frozen=True)
class Status:
    """A delivery as it is now. ``job`` is what the queue says of it until it is final."""

    record: DeliveryRecord
    state: str
    sentence: str = ""
    job: JobStatus | None = None
    artefacts: tuple[Artefact, ...] = ()

    @property
    def final(self) -> bool:
        """Whether it will not change by itself any more."""
        return self.state in FINAL


def get(services: Services, delivery_id: str) -> DeliveryRecord:
    """The record of a delivery. Raises UserError 404."""
    with reading(services.engine) as session:
        found = query.delivery(session, delivery_id)
    if found is None:
        raise UserError(404, *files.NO_DELIVERY)
    return found


def status(services: Services, delivery_id: str) -> Status:
    """The delivery as it is now; harvests its end if nobody has yet. Raises UserError 404."""
    return _status(services, get(services, delivery_id))


def _status(services: Services, record: DeliveryRecord) -> Status:
    place = files.folder(services, record.id)
    if record.state == "Expired" or (record.expires_at is not None and record.expires_at <= clock.now()):
        return Status(record, "Expired", record.sentence or "Its files were kept until now. You can make it again.")
    try:
        ended = files.ended(place)
        if ended is not None and record.state is None:
            harvest.harvest(services, record, ended)
            record = get(services, record.id)
    except JobError:
        return Status(record, "Failed", files.GONE)
    if ended is not None:
        problem = broken(place, record.run)
        known = Status(record, ended.state, ended.sentence, artefacts=ended.artefacts)
        return known if problem is None else Status(record, PROBLEMS, str(problem))
    lost = record.state is None and not (place / MANIFEST_FILE).exists()
    if lost and place.parent.is_dir():  # else the whole spool is away, which may come back: a mount
        harvest.harvest(services, record, State(FAILED, files.GONE, 0, 0, (), clock.now()))
    if lost or record.state in {READY, PROBLEMS}:
        return Status(record, FAILED, files.GONE)
    return _in_queue(services, record) if record.state is None else Status(record, record.state, record.sentence or "")


def _in_queue(services: Services, record: DeliveryRecord) -> Status:
    try:
        job = client.status(services.settings.redis_url, job_id(record))
        if job is not None and job.state == "Failed":  # its worker died with it, each time anew
            try:
                write_state(files.folder(services, record.id), FAILED, UNPREPARED)
            except OSError:  # a full spool: then it is said anew at each look
                return Status(record, FAILED, UNPREPARED)
            return _status(services, record)
        if job is None or job.state in {"Ended", "Cancelled"}:
            submit(services, record)
    except QueueError as error:
        return Status(record, "Queued", f"{error} This page will go on by itself.")
    if job is None or job.state not in {"Queued", "Preparing"}:
        return Status(record, "Queued")
    return Status(record, job.state, job=job)


def statuses(services: Services, records: Iterable[DeliveryRecord]) -> list[Status]:
    """Several deliveries as they are now, in their order."""
    return [_status(services, each) for each in records]


def harvest_all(services: Services) -> None:
    """Bring every unfinished delivery up to date; the clock process calls this every few seconds."""
    with reading(services.engine) as session:
        records = query.unfinished(session)
    for record in records:
        try:
            _status(services, record)
        except Exception:  # one that cannot be brought up to date must not keep back the others
            log.exception("The delivery %s could not be brought up to date.", record.id)
