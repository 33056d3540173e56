"""Shares: the form that makes one, the list of one's own, and the page that anybody with the link can open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request

from webapp import baskets, htmx, origins, shares
from webapp.basket_page import answer_panels
from webapp.context import services
from webapp.identity import owner, owner_or_new, who
from webapp.messages import Message, tell
from webapp.urls import PageState, address, parse, query_string
from webapp.views.panes import expanded, panes, state_of_address

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from webapp.baskets import Opened
    from webapp.origins import OfShare
    from webapp.snapshots import Since

blueprint = Blueprint("shares", __name__)


@blueprint.get("/baskets/<basket_id>/share")
def form(basket_id: str) -> str:
    """What would be shared, and room for a title and a note."""
    here = services()
    state = parse(request.query_string.decode(errors="replace"))
    basket = baskets.opened(here, basket_id)
    answer = answer_panels(here, basket, state.filters)
    return render_template(
        "shares/form.html",
        tab="basket",
        answer=answer,
        exclusive=shares.not_for_all(basket, answer),
        id=basket_id,
        query=query_string(state),
        back=address(basket.base, state),
        longest=(shares.LONGEST_TITLE, shares.LONGEST_NOTE),
    )


@blueprint.post("/baskets/<basket_id>/share")
def create(basket_id: str) -> AnyResponse:
    """Freeze what is seen, and show it as others will see it."""
    sent = request.form
    words = shares.Words(sent.get("title", ""), sent.get("note", ""))
    state = parse(sent.get("back", ""))
    share_id = shares.create(services(), basket_id, owner_or_new(), state.filters, words)
    tell(Message("Shared. Whoever has this page's link can open it, until you revoke it."))
    return redirect(f"/s/{share_id}", 303)


@blueprint.get("/shares")
def listing() -> Response:
    """The session's own shares."""
    rows = shares.mine(services(), owner())
    return htmx.page("shares/list.html", {}, tab="history", rows=rows, most=shares.MOST_LISTED)


@blueprint.get("/s/<share_id>")
def show(share_id: str) -> AnyResponse:
    """A share, in the state that the address says; without any, under the filters that were shared."""
    here = services()
    share = shares.get(here, share_id)
    if not request.query_string:
        shared = parse(share.filters)
        return redirect(address(f"/s/{share_id}", PageState(filters=shared.filters)), 302)

    def origin(basket: Opened, since: Since) -> OfShare:
        return origins.of_share(here, basket, since, share, owner=owner(), who=who())

    return panes(baskets.opened(here, share_id), state_of_address(), origin=origin)


@blueprint.get("/s/<share_id>/expand")
def expand(share_id: str) -> AnyResponse:
    """The same page with as many folders open as fit."""
    return expanded(baskets.opened(services(), share_id))


@blueprint.get("/s/<share_id>/headers")
def headers(share_id: str) -> Response:
    """The FITS headers of one file, searchable."""
    from webapp import fits_view  # noqa: PLC0415 - astropy's headers take 0.3 s of a start, and few visits need them

    shares.get(services(), share_id)
    found = fits_view.headers(services(), request.args.get("uri", ""), request.args.get("q", ""), who())
    fragments = {"headers": "basket/_headers.html"}
    return htmx.page("basket/headers.html", fragments, found=found, base=f"/s/{share_id}", tab="")


@blueprint.route("/s/<share_id>/<any(copy, deliveries, plan):action>", methods=["GET", "POST"])
def forward(share_id: str, action: str) -> AnyResponse:
    """What can be done with any basket is done with the frozen one, in the same way."""
    shares.get(services(), share_id)
    query = request.query_string.decode(errors="replace")
    return redirect(f"/baskets/{share_id}/{action}" + (f"?{query}" if query else ""), 307)


@blueprint.post("/s/<share_id>/revoke")
def revoke(share_id: str) -> AnyResponse:
    """Close the link for everybody; Undo opens it again."""
    shares.revoke(services(), share_id, owner())
    tell(Message("Revoked: the link shows nothing any more.", f"/s/{share_id}/restore", None, "/shares"))
    return redirect("/shares", 303)


@blueprint.post("/s/<share_id>/restore")
def restore(share_id: str) -> AnyResponse:
    """Open a revoked link again."""
    shares.restore(services(), share_id, owner())
    tell(Message("The link can be opened again."))
    return redirect("/shares", 303)
