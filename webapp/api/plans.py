"""Plans: what a delivery would be. Makes nothing, so that notebooks and CI can ask before they order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify

from webapp import baskets, estimate, plans
from webapp.api import PREFIX, body
from webapp.context import services
from webapp.delivery_jobs import must_offer
from webapp.errors import UserError
from webapp.findings import findings
from webapp.identity import needs, who
from webapp.plans import Wish
from webapp.tokens import READ

if TYPE_CHECKING:
    from flask import Response

    from webapp.findings import Finding
    from webapp.plans import Plan

blueprint = Blueprint("api_plans", __name__, url_prefix=PREFIX)


@blueprint.post("/baskets/<basket_id>/plan")
@needs(READ)
def plan(basket_id: str) -> Response:
    """The plan of what is selected: its digest, what was found, the parts, and an estimate."""
    here = services()
    made = plans.make(here, baskets.opened(here, basket_id), wish(body()), who())
    return jsonify(as_json(made))


def wish(sent: dict[str, Any]) -> Wish:
    """How it is to be delivered. Raises UserError 422."""
    method, form, flat = sent.get("method"), sent.get("format"), sent.get("flat", False)
    if not isinstance(method, str) or not isinstance(form, str):
        raise UserError(422, "The request does not say how.", 'Say for example "method": "bundle", "format": "zip".')
    if not isinstance(flat, bool):
        raise UserError(422, "flat can only be true or false.")
    must_offer(method, form)
    return Wish(method, form, flat=flat, hidden="keep")


def as_json(made: Plan) -> dict[str, Any]:
    """A plan in the words of the public contract."""
    total = made.totals
    time = estimate.of(total, None, method=made.wish.method)
    return {
        "digest": made.digest,
        "files": total.files,
        "bytes": total.bytes,
        "unknown_size": total.unknown,
        "findings": [_finding(each) for each in findings(made)],
        "parts": [{"files": part.last - part.first, "bytes": part.bytes} for part in made.parts],
        "estimate": {"seconds": time.seconds, "speed_mbit": time.speed, "disk_bytes": time.disk},
    }


def _finding(each: Finding) -> dict[str, Any]:
    return {
        "code": each.code,
        "sentence": each.sentence,
        "hint": each.hint,
        "blocks": each.blocks,
        "files": each.count,
        "bytes": each.bytes,
        "list": [{"path": path, "detail": detail} for path, detail in each.files],
    }
