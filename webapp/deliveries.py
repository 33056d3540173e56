"""Deliveries: freeze a selection into a manifest, have a job prepare it, and read back how that went.

The folder of a delivery decides: a terminal state in it ends the delivery; else the queue says; where the queue has
forgotten the job, it is put there again.
"""

from __future__ import annotations

import logging
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import bindparam, update
from sqlmodel import col

from jobs import client
from jobs.errors import JobError, QueueError
from jobs.manifest import Entry, Manifest, safe_paths, write_jsonl
from jobs.results import FAILED, PROBLEMS, READY, read_findings, write_state
from webapp import baskets, clock
from webapp import delivery_files as files
from webapp.access import ANYBODY, may_read
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.models import Delivery, Product
from webapp.queries import baskets as basket_query
from webapp.queries import deliveries as query
from webapp.queries import products
from webapp.stores import store_pairs

if TYPE_CHECKING:
    from jobs.results import Artefact, State
    from webapp.access import Who
    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord
    from webapp.queries.products import DeliveryRow

log = logging.getLogger(__name__)

TASKS = {("script", "sh"): "prepare_script"}
JOB_SECONDS = 3_600
SECOND_CLICK = 10  # seconds within which the same request is the same delivery
FINAL = frozenset({"Ready", "Finished with problems", "Failed", "Cancelled", "Expired"})


@dataclass(frozen=True)
class NeedsDecision:
    """The selection holds files that this user may not have; nothing has been made yet."""

    files: int
    excluded: tuple[str, ...]  # paths


@dataclass(frozen=True)
class Status:
    """A delivery as it is now. ``progress`` is (done, total) files while it runs."""

    record: DeliveryRecord
    state: str
    sentence: str
    progress: tuple[int, int] | None
    position: int | None
    artefacts: tuple[Artefact, ...]

    @property
    def final(self) -> bool:
        """Whether it will not change by itself any more."""
        return self.state in FINAL


def create(
    services: Services,
    basket_id: str,
    owner: str,
    *,
    method: str,
    format: str,  # noqa: A002 - the word of the API
    drop: bool = False,
    expect: int | None = None,
    who: Who = ANYBODY,
) -> str | NeedsDecision:
    """Freeze the selection of a basket and have it prepared; returns the delivery's id.

    Raises UserError 404 (no basket), 412 (not ``expect`` files are selected), 422 (nothing selected, unknown method),
    507 (the spool cannot be written).
    Files that ``who`` may not read are named in a NeedsDecision, unless ``drop`` says to leave them out.
    """
    if (method, format) not in TASKS:
        raise UserError(
            422, f"There is no {method[:20]} of the format {format[:20]!r}.", "A script of the format sh can be made."
        )
    basket = baskets.opened(services, basket_id)
    rows = np.flatnonzero(basket.selection & ~basket.removed)
    if expect is not None and expect != len(rows):
        raise UserError(
            412,
            f"The selection has changed: the button said {expect:,} files, now {len(rows):,} are selected.",
            "Go back to the basket, look, and press the button again.",
        )
    if not len(rows):
        raise UserError(422, "No file is selected, so there is nothing to download.", "Tick files or folders first.")
    now = clock.now()
    wanted: list[DeliveryRow] = []
    refused: list[str] = []
    with reading(services.engine) as session:
        for product in products.delivery_rows(session, basket.inventory.product[rows].tolist()):
            if may_read(product.rights, who, now):
                wanted.append(product)
            else:
                refused.append(product.path)
    if refused and not (drop and wanted):
        return NeedsDecision(len(rows), tuple(refused))
    manifest = _manifest(wanted, now)
    delivery_id = secrets.token_urlsafe(16)
    place = files.folder(services, delivery_id)
    try:
        place.mkdir(parents=True)
        write_jsonl(manifest, place / files.MANIFEST_FILE)  # before the transaction: a million lines take seconds
    except OSError as error:
        log.exception("The spool cannot be written.")
        shutil.rmtree(place, ignore_errors=True)
        raise UserError(
            507,
            "There is no room on this server to prepare the download.",
            "Your basket is as it was. Try again later, or tell the archive.",
        ) from error
    with writing(services.engine) as session:
        basket_query.basket(session, basket_id, lock=True)  # a second click waits here, and then finds the first
        alike = query.same_since(
            session, owner=owner, digest=manifest.digest, method=method, format=format, since=now - SECOND_CLICK
        )
        same = next((each for each in alike if files.promising(files.folder(services, each))), None)
        if same is not None:
            shutil.rmtree(place)
            return same
        totals = manifest.totals
        session.add(
            Delivery(
                id=delivery_id,
                owner=owner,
                basket_id=basket_id,
                method=method,
                format=format,
                name=manifest.name,
                digest=manifest.digest,
                files=totals.files,
                bytes=totals.bytes,
                unknown_size=totals.unknown,
                omitted=len(refused),
                created_at=now,
            )
        )
    _submit(services, get(services, delivery_id))
    return delivery_id


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
    try:
        ended = files.ended(place)
        if ended is not None and record.state is None:
            _harvest(services, record, ended)
            record = get(services, record.id)
    except JobError:
        return Status(record, "Failed", files.GONE, None, None, ())
    if ended is not None:
        return Status(record, ended.state, ended.sentence, None, None, ended.artefacts)
    if record.state in {READY, PROBLEMS} or (record.state is None and not (place / files.MANIFEST_FILE).exists()):
        return Status(record, "Failed", files.GONE, None, None, ())
    if record.state is not None:
        return Status(record, record.state, record.sentence or "", None, None, ())
    return _in_queue(services, record)


def _in_queue(services: Services, record: DeliveryRecord) -> Status:
    try:
        job = client.status(services.settings.redis_url, job_id(record.id))
        if job is not None and job.state == "Failed":  # its worker died with it, each time anew
            write_state(
                files.folder(services, record.id), FAILED, "It could not be prepared. Tell the archive's staff."
            )
            return _status(services, record)
        if job is None or job.state in {"Ended", "Cancelled"}:
            _submit(services, record)
    except QueueError as error:
        return Status(record, "Queued", f"{error} This page will go on by itself.", None, None, ())
    if job is None or job.state not in {"Queued", "Preparing"}:
        return Status(record, "Queued", "", None, None, ())
    progress = (job.done, job.total) if job.done is not None and job.total is not None else None
    return Status(record, job.state, "", progress, job.position, ())


def job_id(delivery_id: str) -> str:
    """The id of a delivery's job; the same for each try, so that two submits make one job."""
    return f"delivery-{delivery_id}"


def history(services: Services, owner: str | None, *, limit: int = 200) -> list[Status]:
    """A session's deliveries, newest first."""
    if owner is None:
        return []
    with reading(services.engine) as session:
        records = query.of_owner(session, owner, limit=limit)
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


def _manifest(rows: list[DeliveryRow], now: int) -> Manifest:
    paths = safe_paths([row.path for row in rows])
    entries = tuple(
        Entry(
            uri=row.uri,
            path=path,
            size=row.size,
            sha256=row.sha256,
            crc32=row.crc32,
            exclusive=not may_read(row.rights, ANYBODY, now),
            location=row.location,
            wanted=row.path,
        )
        for row, path in zip(rows, paths, strict=True)
    )
    name = datetime.fromtimestamp(now, UTC).strftime("skybasket_%Y-%m-%dT%H%M%S")
    return Manifest(name, entries, now)


def _submit(services: Services, record: DeliveryRecord) -> None:
    settings = services.settings
    header = {"archive": settings.archive_name, "link": f"{settings.base_url}/deliveries/{record.id}"}
    try:
        client.submit(
            settings.redis_url,
            TASKS[record.method, record.format],
            job_id=job_id(record.id),
            timeout=JOB_SECONDS,
            kwargs={
                "folder": str(files.folder(services, record.id)),
                "base_url": settings.base_url,
                "stores": [list(pair) for pair in store_pairs(settings)],
                "format": record.format,
                "header": header,
            },
        )
    except QueueError:
        return  # the delivery waits in the database; the next look at it submits again


def _harvest(services: Services, record: DeliveryRecord, ended: State) -> None:
    """Write a job's end into the catalogue and the history: once, by whoever sees it first."""
    # A finding without a problem is a size that the catalogue did not know.
    learned = [
        {"u": each.uri, "s": each.true_size}
        for each in read_findings(files.folder(services, record.id))
        if not each.problem
    ]
    with writing(services.engine) as session:
        if learned:
            product = update(Product).where(col(Product.uri) == bindparam("u"), col(Product.size).is_(None))
            session.connection().execute(product.values(size=bindparam("s")), learned)
        session.execute(
            update(Delivery)
            .where(col(Delivery.id) == record.id, col(Delivery.state).is_(None))
            .values(state=ended.state, sentence=ended.sentence, finished_at=ended.finished_at)
        )
