"""Sharing what a basket holds now."""

from __future__ import annotations

from flask import Blueprint

from webapp import shares
from webapp.api import PREFIX
from webapp.api.answers import ShareAnswer
from webapp.api.baskets import PROBLEMS
from webapp.api.bodies import ShareBody
from webapp.api.operations import Reply, operation
from webapp.context import services
from webapp.identity import owner_or_new
from webapp.tokens import WRITE
from webapp.urls import parse_filters

blueprint = Blueprint("api_shares", __name__, url_prefix=PREFIX)


@blueprint.post("/baskets/<basket_id>/share")
@operation(
    "Share a basket",
    answer=ShareAnswer,
    scope=WRITE,
    status=201,
    body=ShareBody,
    body_optional=True,
    errors=PROBLEMS | {422: "The body does not fit, or the basket is empty."},
)
def create(basket_id: str, sent: ShareBody) -> Reply:
    """Freeze files, selection and filters; whoever has the address can open it until it is revoked."""
    here = services()
    words = shares.Words(sent.title, sent.note)
    share_id = shares.create(here, basket_id, owner_or_new(), parse_filters(sent.filters), words)
    url = f"{here.settings.base_url}/s/{share_id}"
    return Reply(ShareAnswer(url=url), location=url)
