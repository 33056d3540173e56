"""The filters that a basket follows: begun, marked as seen, stopped; what changed, selected or downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request

from webapp import orders, rules
from webapp.context import services
from webapp.errors import UserError
from webapp.identity import BROWSER, needs, owner, owner_or_new, who
from webapp.inventory.filters import Filters
from webapp.messages import Message, tell
from webapp.orders import Order
from webapp.plans import Wish
from webapp.urls import PageState, address, parse, query_string, whole_number
from webapp.views.deliveries import made as delivery_made

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from webapp.baskets import Done

blueprint = Blueprint("rules", __name__)

SELECTED = PageState(Filters(mrp=False, selected=True))
WAYS = {"script": Wish("script", "sh"), "bundle": Wish("bundle", "zip")}


@blueprint.post("/baskets/<basket_id>/rule")
def follow(basket_id: str) -> AnyResponse:
    """Follow the filters of the page."""
    state = parse(request.form.get("back", ""))
    return _back(basket_id, state, rules.follow(services(), basket_id, owner(), state.filters))


@blueprint.post("/baskets/<basket_id>/rule/seen")
def seen(basket_id: str) -> AnyResponse:
    """Say no more of what changed up to now."""
    done = rules.mark_seen(services(), basket_id, owner(), request.form.get("said", ""))
    return _back(basket_id, parse(request.form.get("back", "")), done)


@blueprint.post("/baskets/<basket_id>/rule/stop")
def stop(basket_id: str) -> AnyResponse:
    """Follow nothing any more."""
    done = rules.stop(services(), basket_id, owner())
    return _back(basket_id, parse(request.form.get("back", "")), done)


@blueprint.post("/baskets/<basket_id>/rule/difference")
@needs(BROWSER)  # it changes a selection and may start a download, and no token's scope is both
def difference(basket_id: str) -> AnyResponse:
    """Select just what is new or replaced; then show it, or deliver it."""
    form = request.form
    then, back = form.get("then", "selection"), parse(form.get("back", ""))
    if then not in {"selection", *WAYS}:
        raise UserError(400, f"The files cannot be had as {then[:40]!r}.", "Use the page's buttons.")
    here, count = services(), whole_number(form.get("count", ""))
    done = rules.select_difference(here, basket_id, owner(), count)
    if done.step:
        tell(Message(done.sentence, f"/baskets/{basket_id}/undo", done.step, address(f"/baskets/{basket_id}", back)))
    if then == "selection":
        return redirect(address(f"/baskets/{basket_id}", SELECTED), 303)
    wish = WAYS[then]
    made = orders.create(here, basket_id, owner_or_new(), Order(wish, count=count), who())
    return delivery_made(basket_id, made, {"as": f"{wish.method}/{wish.format}", "back": query_string(SELECTED)})


def _back(basket_id: str, state: PageState, done: Done) -> AnyResponse:
    base = f"/baskets/{basket_id}"
    back = address(base, state)
    tell(Message(done.sentence, f"{base}/undo" if done.step else "", done.step, back))
    return redirect(back, 303)
