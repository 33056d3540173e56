"""Orders: from what a user agreed to, to a delivery whose job is in the queue.

The selection is planned, frozen into a manifest, written down; a second click on the same is the same delivery.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from jobs.formats import formats
from jobs.manifest import MANIFEST_FILE, Manifest, write_jsonl
from jobs.omitted import MISSING, Omitted, write_omitted
from webapp import baskets, delivered_references, deliveries, harvest, plans, reference_findings, snapshots, spool
from webapp import delivery_files as files
from webapp.citation import citation
from webapp.db import reading, writing
from webapp.delivery_jobs import is_heavy, must_offer, submit
from webapp.errors import UserError
from webapp.findings import findings
from webapp.mail import valid_address
from webapp.models import Delivery
from webapp.queries import baskets as basket_query
from webapp.queries import deliveries as query
from webapp.staging_room import claim
from webapp.template_filters import files as count_files
from webapp.template_filters import size as format_size

if TYPE_CHECKING:
    from pathlib import Path

    from sqlmodel import Session

    from webapp.access import Who
    from webapp.context import Services
    from webapp.plans import Plan, Wish

log = logging.getLogger(__name__)

SECOND_CLICK = 10  # seconds within which the same request is the same delivery
MOST_HEAVY = 3  # unfinished long jobs of one user


@dataclass(frozen=True)
class Request:
    """What makes an order that is sent again the same order: its key, and the hash of what it says (both hex)."""

    key: str
    body: str


@dataclass(frozen=True)
class Order:
    """What the user agreed to. ``drop``: leave out what cannot be delivered. ``expect``: the digest of a plan.

    ``count`` is the number that a button promised. ``asks``: stop, too, for what only should be seen before.
    ``try_missing``: keep what is not in its store, for a script, which will say what became of it.
    """

    wish: Wish
    drop: bool = False
    expect: str | None = None
    count: int | None = None
    email: str | None = None
    asks: bool = True
    try_missing: bool = False
    request: Request | None = None


def create(services: Services, basket_id: str, owner: str, order: Order, who: Who) -> str | Plan:
    """Freeze the selection of a basket and have it prepared; returns the delivery's id.

    Returns the plan instead, and makes nothing, where it finds something that the order has not decided. Raises
    UserError 404 (no basket), 412 (not what the order expects), 422 (nothing selected, unknown method), 429 (too many
    long jobs), 507 (no room).
    """
    wish = order.wish
    must_offer(wish.method, wish.format)
    if (made := _made_before(services, order.request)) is not None:
        return made
    basket = baskets.opened(services, basket_id)
    selected = int(np.count_nonzero(basket.selection & ~basket.removed))
    if order.count is not None and order.count != selected:
        raise UserError(
            412,
            f"The selection has changed: the button said {count_files(order.count)}, now it is {selected:,}.",
            "Go back to the basket, look, and press the button again.",
        )
    plan = plans.make(services, basket, wish, who)
    if order.try_missing:
        plan = replace(plan, fates={i: word for i, word in plan.fates.items() if word != MISSING})
    if order.expect is not None and order.expect != plan.digest:
        now = f"{count_files(plan.totals.files)}, {format_size(plan.totals.bytes)}"
        raise UserError(
            412,
            f"You agreed to something else: now it would be {now}.",
            "Look at the plan again, then agree to that one.",
            more={"digest": plan.digest, "files": plan.totals.files, "bytes": plan.totals.bytes},
        )
    if not plan.totals.files or not _agreed(services, plan, order):
        return plan
    return _make(services, plan, owner, order)


def mail_to(text: str | None) -> str | None:
    """The address to write to when an order is ready; None for nothing. Raises UserError 422 if it is none."""
    if not text or not text.strip():
        return None
    found = valid_address(text.strip())
    if found is None:
        raise UserError(422, f"Mail cannot be sent to {text[:100]!r}.", "Correct the address, or leave it empty.")
    return found


def delivery_name(at: int) -> str:
    """What a delivery of that moment (seconds since 1970 UTC) is called, and its files at the user's."""
    return datetime.fromtimestamp(at, UTC).strftime("skybasket_%Y-%m-%dT%H%M%S")


def _agreed(services: Services, plan: Plan, order: Order) -> bool:
    found = findings(plan)
    if order.asks and order.expect is None and reference_findings.takes_references(plan):  # others need not wait
        found += reference_findings.of_plan(services, plan)
    if any(each.blocks for each in found) and not order.drop:
        return False
    return order.expect is not None or not order.asks or not any(each.asks and not each.blocks for each in found)


def _made_before(services: Services, request: Request | None) -> str | None:
    """The delivery that this order has made already. Raises UserError 422 if its key was for another order."""
    if request is None:
        return None
    with reading(services.engine) as session:
        found = query.of_request(session, request.key)
    if found is None:
        return None
    if found[1] != request.body:
        raise UserError(
            422,
            "This Idempotency-Key was used for another order, so nothing was made.",
            "Send a new key with each new order, and the same one only to repeat it.",
        )
    return found[0]


def _make(services: Services, plan: Plan, owner: str, order: Order) -> str:
    now = plan.made_at
    delivery_id = secrets.token_urlsafe(16)
    place = files.folder(services, delivery_id)
    name = delivery_name(now)
    kept = list(plan.kept)
    manifest = Manifest(name, tuple(plan.entries[i] for i in kept), now)
    totals = manifest.totals
    make_room(services, plan.wish.method, plan.wish.format, totals.bytes)
    _write(services, place, plan, manifest)
    link = f"{services.settings.base_url}/deliveries/{delivery_id}"
    said = citation(services, (plan.rights[i] for i in kept), link=link, at=now)
    options = {
        "flat": plan.wish.flat,
        "crds": plan.wish.crds,
        "on_problem": "drop" if order.drop else "fail",
        "citation": said,
    }
    heavy = is_heavy(plan)
    staged = totals.bytes if plan.wish.method == "batch" else 0
    try:
        with writing(services.engine) as session:
            basket_query.basket(
                session, plan.basket.row.id, lock=True
            )  # a second click waits here, then finds the first
            same = _same(services, session, owner, manifest, order) if order.request is None else None
            if same is not None:
                shutil.rmtree(place)
                return same
            if heavy:
                _must_have_room_for_one_more(query.heavy_of(session, owner))
            harvest.learn_sizes(session, plan.learned)
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
                    request_key=order.request.key if order.request else None,
                    request_body=order.request.body if order.request else None,
                )
            )
    except IntegrityError:  # the same order came at the same time
        shutil.rmtree(place, ignore_errors=True)
        if (made := _made_before(services, order.request)) is None:
            raise
        return made
    except UserError:
        shutil.rmtree(place, ignore_errors=True)
        raise
    submit(services, deliveries.get(services, delivery_id))
    _freeze(services, plan, kept, owner, delivery_id)
    return delivery_id


def make_room(services: Services, method: str, format: str, size: int) -> None:  # noqa: A002 - the word of the API
    """Make room in the spool for what has to be built there. Raises UserError 507 if there cannot be."""
    if method == "bundle" and not formats()[format].virtual:
        spool.room(services, size)  # what does not compress takes as much


def _write(services: Services, place: Path, plan: Plan, manifest: Manifest) -> None:
    """The manifest and what stands beside it, before the transaction: a million lines take seconds."""
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
        delivered_references.write(services, plan, place)
    except OSError as error:
        log.exception("The spool cannot be written.")
        shutil.rmtree(place, ignore_errors=True)
        raise UserError(
            507,
            "There is no room on this server to prepare the download.",
            "Your basket is as it was. Try again later, or tell the archive.",
        ) from error


def _same(services: Services, session: Session, owner: str, manifest: Manifest, order: Order) -> str | None:
    alike = query.same_since(
        session,
        owner=owner,
        digest=manifest.digest,
        method=order.wish.method,
        format=order.wish.format,
        email=order.email,
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
