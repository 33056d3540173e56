"""Deliveries: ordered, looked at, cancelled, extended, made again.

An order with an ``Idempotency-Key`` that is sent again is the same order, whatever became of the first answer.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, request

from jobs.receipts import CSV_FILE
from jobs.results import STAGED
from webapp import deliveries, delivery_access, delivery_changes, expiry, identity, orders
from webapp.access import shown_hash
from webapp.api import PREFIX
from webapp.api.answers import ArtefactAnswer, DeliveryAnswer, NewDeliveryAnswer, ProgressAnswer
from webapp.api.baskets import PROBLEMS
from webapp.api.bodies import DeliveryBody
from webapp.api.operations import Parameter, Reply, operation
from webapp.api.plans import finding, wish
from webapp.context import services
from webapp.errors import UserError
from webapp.findings import findings
from webapp.identity import owner, owner_or_new, who
from webapp.orders import Order, Request
from webapp.staging_room import staged_folder
from webapp.throttle import network
from webapp.tokens import DOWNLOAD, READ

if TYPE_CHECKING:
    from jobs.client import JobStatus
    from webapp.deliveries import Status
    from webapp.plans import Plan

blueprint = Blueprint("api_deliveries", __name__, url_prefix=PREFIX)

KEY = "Idempotency-Key"
LONGEST_KEY = 255
OF_A_DELIVERY = {404: "There is no such delivery."}
OF_A_CHANGE = OF_A_DELIVERY | {
    403: "This delivery is somebody else's.",
    409: "Its state does not allow it.",
    410: "The list of its files is gone from this server.",
    413: "There is no room for it in the staging area.",
    507: "There is no room for it on this server.",
}


@blueprint.post("/baskets/<basket_id>/deliveries")
@operation(
    "Order a delivery",
    answer=NewDeliveryAnswer,
    scope=DOWNLOAD,
    status=202,
    body=DeliveryBody,
    headers=(
        Parameter(
            KEY,
            "Any text of yours, new for each order: sent again, it gives the delivery that was made.",
            {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
        ),
    ),
    errors=PROBLEMS
    | {
        409: "Some files cannot be had, and on_problem is fail: the member findings says which and why.",
        412: "expect is not the digest of what it would be now, which is the member digest.",
        413: "There is no room for it in the staging area.",
        422: "The body does not fit, nothing is selected, or the key was used for another order.",
        429: "Too many long jobs of yours are waiting.",
        507: "There is no room for it on this server.",
    },
)
def create(basket_id: str, sent: DeliveryBody) -> Reply:
    """Freeze what is selected and have it prepared."""
    here = services()
    order = Order(
        wish(sent),
        drop=sent.on_problem == "drop",
        expect=sent.expect,
        email=orders.mail_to(sent.email),
        asks=False,
        request=_request(basket_id, sent),
    )
    made = orders.create(here, basket_id, owner_or_new(), order, who())
    if not isinstance(made, str):
        raise _undecided(made)
    url = f"{here.settings.base_url}/deliveries/{made}"
    return Reply(NewDeliveryAnswer(id=made, url=url), location=f"{here.settings.base_url}{PREFIX}/deliveries/{made}")


@blueprint.get("/deliveries/<delivery_id>")
@operation("Look at a delivery", answer=DeliveryAnswer, scope=READ, errors=OF_A_DELIVERY)
def show(delivery_id: str) -> Reply:
    """How it stands, and what there is to fetch."""
    return _shown(delivery_id)


@blueprint.post("/deliveries/<delivery_id>/cancel")
@operation("Cancel a delivery", answer=DeliveryAnswer, scope=DOWNLOAD, errors=OF_A_CHANGE)
def cancel(delivery_id: str) -> Reply:
    """Stop preparing it."""
    delivery_changes.cancel(services(), delivery_id, owner())
    return _shown(delivery_id)


@blueprint.post("/deliveries/<delivery_id>/extend")
@operation("Keep a staged delivery for a week more", answer=DeliveryAnswer, scope=DOWNLOAD, errors=OF_A_CHANGE)
def extend(delivery_id: str) -> Reply:
    """Once, while its files are there."""
    expiry.extend(services(), delivery_id, owner())
    return _shown(delivery_id)


@blueprint.post("/deliveries/<delivery_id>/retry")
@operation("Make a delivery again", answer=DeliveryAnswer, scope=DOWNLOAD, errors=OF_A_CHANGE)
def retry(delivery_id: str) -> Reply:
    """Prepare it once more from its list of files; what is staged already is not copied again."""
    delivery_changes.again(services(), delivery_id, owner(), who())
    return _shown(delivery_id)


def _shown(delivery_id: str) -> Reply:
    return Reply(_answer(deliveries.status(services(), delivery_id)))


def _answer(found: Status) -> DeliveryAnswer:
    here, record = services(), found.record
    address = f"{here.settings.base_url}/deliveries/{record.id}"
    is_open = delivery_access.is_open(here.settings, here.engine, record, who())
    is_staged = bool(found.artefacts) and found.artefacts[0].kind == STAGED
    has_receipt = is_staged and (staged_folder(here.settings, record) / CSV_FILE).is_file()
    return DeliveryAnswer(
        id=record.id,
        state=found.state,
        sentence=found.sentence,
        files=record.files,
        bytes=record.bytes,
        omitted=record.omitted,
        progress=_progress(found.job),
        parts=[
            ArtefactAnswer(
                url=f"{address}/{quote(each.name)}",
                bytes=each.bytes,
                name=each.name,
                sha256=shown_hash(each.sha256 or None, readable=is_open),
            )
            for each in found.artefacts
        ],
        receipt_url=f"{address}/{CSV_FILE}" if has_receipt else None,
        expires=None if record.expires_at is None else _moment(record.expires_at),
    )


def _progress(job: JobStatus | None) -> ProgressAnswer | None:
    if job is None or job.done is None or job.total is None:
        return None
    return ProgressAnswer(done=job.done, total=job.total)


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _request(basket_id: str, sent: DeliveryBody) -> Request | None:
    """What makes an order that is sent again the same one. Raises UserError 400 for a key that is none.

    A key is its user's own: of an account, of a basket key's holder. Others have nothing of their own, as the cookie of
    their session may be lost with the answer: theirs are kept apart by the network that they ask from.
    """
    key = request.headers.get(KEY)
    if key is None:
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and " " not in key):
        raise UserError(400, f"{KEY} is up to {LONGEST_KEY} letters, digits and signs.", "A UUID will do.")
    asker = identity.asker()
    is_known = asker.account is not None or asker.scopes is not None
    whose = asker.owner or "" if is_known else f"at {network(request.remote_addr or '')}"
    words = (whose, basket_id, key)
    return Request(
        hashlib.sha256("\n".join(words).encode()).hexdigest(),
        hashlib.sha256(sent.model_dump_json().encode()).hexdigest(),
    )


def _undecided(plan: Plan) -> UserError:
    blocking = [each for each in findings(plan) if each.blocks]
    count = sum(each.count for each in blocking)
    none_left = not plan.totals.files
    return UserError(
        409,
        "None of the selected files can be delivered, so nothing was made."
        if none_left
        else f"{count:,} of the selected files cannot be delivered, so nothing was made.",
        "See findings." if none_left else 'See findings; to go on without them, send "on_problem": "drop".',
        more={"digest": plan.digest, "findings": [finding(each).model_dump() for each in findings(plan)]},
    )
