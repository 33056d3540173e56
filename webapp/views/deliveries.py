"""A delivery: asked for, looked at, cancelled, made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, render_template, request, session

from webapp import delivery_changes, estimate, expiry, htmx, one_click, orders, plans, reference_findings
from webapp.baskets import opened
from webapp.context import services
from webapp.delivery_jobs import must_offer
from webapp.delivery_page import delivery_page
from webapp.errors import UserError
from webapp.identity import needs, owner, owner_or_new, who
from webapp.messages import Message, tell
from webapp.orders import Order
from webapp.plan_page import PlanPage
from webapp.plans import Plan, Wish
from webapp.tokens import DOWNLOAD
from webapp.urls import PageState, address, local, parse, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("deliveries", __name__)

START = "start"  # in the session: the delivery that was just asked for, whose download starts by itself, once
MOST_ID = 2**31 - 1  # what the column holds on PostgreSQL
WISHES = ("as", "method", "format", "flat", "crds", "hidden", "back", "email")  # what a plan's page repeats


@blueprint.post("/baskets/<basket_id>/deliveries")
@needs(DOWNLOAD)
def create(basket_id: str) -> AnyResponse:
    """Start a delivery of what is selected; the plan's page asks first if there is something to decide."""
    form = request.form
    order = Order(
        _wish(form),
        drop=form.get("on_problem") == "drop",
        expect=form.get("expect") or None,
        count=whole_number(form.get("count", "")),
        email=orders.mail_to(form.get("email")),
    )
    return made(basket_id, orders.create(services(), basket_id, owner_or_new(), order, who()), form)


@blueprint.post("/observations/<int:observation_id>/download")
@needs(DOWNLOAD)
def download_recommended(observation_id: int) -> AnyResponse:
    """Deliver the recommended files of one observation."""
    if observation_id > MOST_ID:
        raise UserError(404, "There is no such observation.")
    basket_id, order = one_click.recommended(services(), observation_id, owner_or_new(), who())
    return made(basket_id, order, {"as": "bundle/zip"})


@blueprint.get("/baskets/<basket_id>/plan")
def plan(basket_id: str) -> str:
    """What a download would be, without starting it."""
    here = services()
    wish = _wish(request.args)
    must_offer(wish.method, wish.format)
    return _plan_page(basket_id, plans.make(here, opened(here, basket_id), wish, who()), request.args)


@blueprint.post("/speed")
def speed() -> AnyResponse:
    """Remember how fast the user's line is, for estimates."""
    session["speed"] = estimate.speed(request.form.get("speed", ""))
    session.permanent = True
    return redirect(local(request.form.get("back", ""), "/history"), 303)


@blueprint.get("/deliveries/<delivery_id>")
def show(delivery_id: str) -> Response:
    """How a delivery stands; the page asks again by itself until the state is final."""
    here = services()
    page = delivery_page(
        here, delivery_id, owner(), who(), find=request.args.get("find", ""), speed=session.get("speed")
    )
    start = page.start if session.get(START) == delivery_id and page.status.final else ""
    if start:
        session.pop(START)
    return htmx.page(
        "deliveries/page.html", {"delivery": "deliveries/_delivery.html"}, tab="history", page=page, start=start
    )


@blueprint.post("/deliveries/<delivery_id>/cancel")
def cancel(delivery_id: str) -> AnyResponse:
    """Stop preparing it."""
    delivery_changes.cancel(services(), delivery_id, owner())
    return redirect(f"/deliveries/{delivery_id}", 303)


@blueprint.post("/deliveries/<delivery_id>/retry")
def retry(delivery_id: str) -> AnyResponse:
    """Make it again from its list of files."""
    delivery_changes.again(services(), delivery_id, owner(), who(), drop=request.form.get("on_problem") == "drop")
    return redirect(f"/deliveries/{delivery_id}", 303)


@blueprint.post("/deliveries/<delivery_id>/extend")
def extend(delivery_id: str) -> AnyResponse:
    """Keep what is staged for a week more."""
    expiry.extend(services(), delivery_id, owner())
    tell(Message("Kept for 7 days more."))
    return redirect(f"/deliveries/{delivery_id}", 303)


def made(basket_id: str, order: str | Plan, form: Mapping[str, str]) -> AnyResponse:
    """After an order: the page of the delivery, or of the plan that has to be agreed to first."""
    if isinstance(order, Plan):
        return make_response(_plan_page(basket_id, order, form), 409)
    session[START] = order
    return redirect(f"/deliveries/{order}", 303)


def _wish(form: Mapping[str, str]) -> Wish:
    method, _, form_at = form.get("as", "").partition("/")
    return Wish(
        method=method or form.get("method", ""),
        format=form_at or form.get("format", ""),
        flat=form.get("flat") == "1",
        crds=form.get("crds") == "1",
        hidden=form.get("hidden", "") if form.get("hidden") in {"keep", "drop"} else "",
        filters=_state(form).filters if "back" in form else None,
    )


def _state(form: Mapping[str, str]) -> PageState:
    return parse(form.get("back", ""))


def _plan_page(basket_id: str, made: Plan, form: Mapping[str, str]) -> str:
    back = address(f"/baskets/{basket_id}", _state(form))
    page = PlanPage(
        plan=made,
        basket_id=basket_id,
        back=back,
        here=request.full_path if request.method == "GET" else back,
        form={name: form[name] for name in WISHES if form.get(name)},
        speed=session.get("speed"),
        references=reference_findings.of_plan(services(), made),
    )
    return render_template("deliveries/plan.html", tab="basket", page=page)
