"""Deliveries: freeze a selection into a manifest, have a job prepare it, and read back how that went.

The folder of a delivery decides: a terminal state in it ends the delivery; else the queue says; where the queue has
forgotten the job, it is put there again.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import update
from sqlmodel import col

from jobs import client
from jobs.bundles import broken
from jobs.errors import JobError, QueueError
from jobs.manifest import MANIFEST_FILE, Manifest, write_jsonl
from jobs.omitted import Omitted, write_omitted
from jobs.results import FAILED, PROBLEMS, READY, write_state
from webapp import baskets, clock, harvest, plans, snapshots
from webapp import delivery_files as files
from webapp.access import ANYBODY
from webapp.citation import citation
from webapp.db import reading, writing
from webapp.delivery_jobs import is_heavy, job_id, offered, submit
from webapp.errors import UserError
from webapp.findings import findings
from webapp.models import Delivery
from webapp.queries import baskets as basket_query
from webapp.queries import deliveries as query
from webapp.staging_room import claim

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlmodel import Session

    from jobs.client import JobStatus
    from jobs.results import Artefact
    from webapp.access import Who
    from webapp.context import Services
    from webapp.plans import Plan, Wish
    from webapp.queries.deliveries import DeliveryRecord

log = logging.getLogger(__name__)

SECOND_CLICK = 10  # seconds within which the same request is the same delivery
MOST_HEAVY = 3  # unfinished long jobs of one user
FINAL = frozenset({"Ready", "Finished with problems", "Failed", "Cancelled", "Expired"})


@dataclass(frozen=True)
class Order:
    """What the user agreed to. ``drop``: leave out what cannot be delivered. ``expect``: the digest of a plan.

    ``count`` is the number that a button promised.
    """

    wish: Wish
    drop: bool = False
    expect: str | None = None
    count: int | None = None
    email: str | None = None


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


def create(services: Services, basket_id: str, owner: str, order: Order, who: Who = ANYBODY) -> str | Plan:
    """Freeze the selection of a basket and have it prepared; returns the delivery's id.

    Returns the plan instead, and makes nothing, where it finds something that the order has not decided. Raises
    UserError 404 (no basket), 412 (not what the order expects), 422 (nothing selected, unknown method), 429 (too many
    long jobs), 507 (no room).
    """
    wish = order.wish
    if not offered(wish.method, wish.format):
        raise UserError(
            422,
            f"There is no {wish.method[:20]} of the format {wish.format[:20]!r}.",
            "There are bundles (zip, tar, tar.gz), scripts (sh) and batches.",
        )
    basket = baskets.opened(services, basket_id)
    selected = int(np.count_nonzero(basket.selection & ~basket.removed))
    if order.count is not None and order.count != selected:
        raise UserError(
            412,
            f"The selection has changed: the button said {order.count:,} files, now {selected:,} are selected.",
            "Go back to the basket, look, and press the button again.",
        )
    plan = plans.make(services, basket, wish, who)
    if order.expect is not None and order.expect != plan.digest:
        raise UserError(
            412,
            f"You agreed to something else: now it would be {plan.totals.files:,} files, {plan.totals.bytes:,} bytes.",
            "Look at the plan again, then agree to that one.",
        )
    if not plan.totals.files or not _agreed(plan, order):
        return plan
    return _make(services, plan, owner, order)


def _agreed(plan: Plan, order: Order) -> bool:
    found = findings(plan)
    if any(each.blocks for each in found) and not order.drop:
        return False
    return order.expect is not None or not any(each.asks and not each.blocks for each in found)


def _make(services: Services, plan: Plan, owner: str, order: Order) -> str:
    now = plan.made_at
    delivery_id = secrets.token_urlsafe(16)
    place = files.folder(services, delivery_id)
    name = datetime.fromtimestamp(now, UTC).strftime("skybasket_%Y-%m-%dT%H%M%S")
    kept = list(plan.kept)
    manifest = Manifest(name, tuple(plan.entries[i] for i in kept), now)
    totals = manifest.totals
    _write(place, plan, manifest)
    link = f"{services.settings.base_url}/deliveries/{delivery_id}"
    said = citation(services, (plan.rights[i] for i in kept), link=link, at=now)
    options = {"flat": plan.wish.flat, "on_problem": "drop" if order.drop else "fail", "citation": said}
    heavy = is_heavy(plan)
    staged = totals.bytes if plan.wish.method == "batch" else 0
    try:
        with writing(services.engine) as session:
            basket_query.basket(
                session, plan.basket.row.id, lock=True
            )  # a second click waits here, then finds the first
            same = _same(services, session, owner, manifest, plan.wish)
            if same is not None:
                shutil.rmtree(place)
                return same
            if heavy:
                _must_have_room_for_one_more(query.heavy_of(session, owner))
            if staged:
                claim(session, services.settings, owner, staged)
            session.add(
                Delivery(
                    id=delivery_id,
                    owner=owner,
                    basket_id=plan.basket.row.id,
                    method=plan.wish.method,
                    format=plan.wish.format,
                    options=json.dumps(options),
                    name=name,
                    digest=manifest.digest,
                    files=totals.files,
                    bytes=totals.bytes,
                    unknown_size=totals.unknown,
                    omitted=len(plan.fates),
                    exclusive=sum(entry.exclusive for entry in manifest.entries),
                    heavy=heavy,
                    created_at=now,
                    staged_bytes=staged,
                    email=order.email,
                )
            )
    except UserError:
        shutil.rmtree(place, ignore_errors=True)
        raise
    submit(services, get(services, delivery_id))
    _freeze(services, plan, kept, owner, delivery_id)
    return delivery_id


def _write(place: Path, plan: Plan, manifest: Manifest) -> None:
    """The manifest, before the transaction: a million lines take seconds."""
    try:
        place.mkdir(parents=True)
        write_omitted(
            place,
            (
                Omitted(plan.entries[i].uri, plan.entries[i].path, plan.entries[i].exclusive, fate)
                for i, fate in sorted(plan.fates.items())
            ),
        )
        write_jsonl(manifest, place / MANIFEST_FILE)
    except OSError as error:
        log.exception("The spool cannot be written.")
        shutil.rmtree(place, ignore_errors=True)
        raise UserError(
            507,
            "There is no room on this server to prepare the download.",
            "Your basket is as it was. Try again later, or tell the archive.",
        ) from error


def _same(services: Services, session: Session, owner: str, manifest: Manifest, wish: Wish) -> str | None:
    alike = query.same_since(
        session,
        owner=owner,
        digest=manifest.digest,
        method=wish.method,
        format=wish.format,
        since=manifest.created_at - SECOND_CLICK,
    )
    return next((each for each in alike if files.promising(files.folder(services, each))), None)


def _must_have_room_for_one_more(heavy: int) -> None:
    if heavy >= MOST_HEAVY:
        raise UserError(
            429,
            f"{heavy} long downloads of yours are still being prepared, and {MOST_HEAVY} may be at once.",
            "Wait for one to end or cancel one; the Download History lists them. A script needs no preparing.",
        )


def _freeze(services: Services, plan: Plan, kept: list[int], owner: str, delivery_id: str) -> None:
    """Keep what was delivered as a basket that never changes, so that the history can show it."""
    rows = np.zeros(len(plan.basket.inventory), np.bool_)
    rows[plan.rows[kept]] = True
    files_id = snapshots.freeze(services, plan.basket, rows, np.zeros_like(rows), owner)
    with writing(services.engine) as session:
        session.execute(update(Delivery).where(col(Delivery.id) == delivery_id).values(files_id=files_id))


def get(services: Services, delivery_id: str) -> DeliveryRecord:
    """The record of a delivery. Raises UserError 404."""
    with reading(services.engine) as session:
        found = query.delivery(session, delivery_id)
    if found is None:
        raise UserError(404, "There is no delivery at this address.", "It may have been typed wrong, or have expired.")
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
        problem = broken(place)
        known = Status(record, ended.state, ended.sentence, artefacts=ended.artefacts)
        return known if problem is None else Status(record, PROBLEMS, str(problem))
    if record.state in {READY, PROBLEMS} or (record.state is None and not (place / MANIFEST_FILE).exists()):
        return Status(record, "Failed", files.GONE)
    return _in_queue(services, record) if record.state is None else Status(record, record.state, record.sentence or "")


def _in_queue(services: Services, record: DeliveryRecord) -> Status:
    try:
        job = client.status(services.settings.redis_url, job_id(record))
        if job is not None and job.state == "Failed":  # its worker died with it, each time anew
            write_state(
                files.folder(services, record.id), FAILED, "It could not be prepared. Tell the archive's staff."
            )
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
