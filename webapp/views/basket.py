"""The Download Manager: one page, four panes, one answer for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, render_template, request, session

from webapp import basket_content, basket_copies, baskets, htmx, origins, removing, ticks, working
from webapp.basket_problems import DeletedBasket
from webapp.context import services
from webapp.db import reading
from webapp.errors import UserError
from webapp.identity import owner, owner_or_new, who
from webapp.messages import Message, tell
from webapp.owners import NOBODY
from webapp.queries import baskets as query
from webapp.template_filters import files
from webapp.urls import PageState, address, local, parse, whole_number
from webapp.views.panes import expanded, panes, state_of_address

if TYPE_CHECKING:
    import numpy as np
    from flask import Response
    from numpy.typing import NDArray
    from werkzeug.wrappers import Response as AnyResponse

    from webapp.baskets import Opened
    from webapp.origins import OfDelivery
    from webapp.snapshots import Since

blueprint = Blueprint("basket", __name__)

MOST_LISTED = 500


@blueprint.get("/basket")
def mine() -> AnyResponse | str:
    """The basket that whoever asks works with, with the filters they like; without any, how to begin."""
    found = working.current()
    if found is None:
        return render_template("basket/none.html", tab="basket", known=owner() is not None)
    return redirect(_preferred(found.id), 302)


@blueprint.get("/baskets/<basket_id>")
def show(basket_id: str) -> AnyResponse:
    """The page of one state, or the fragment of it that a swap wants. A share has an address of its own."""
    state = state_of_address()
    try:
        basket = baskets.opened(services(), basket_id)
    except DeletedBasket as gone:
        if gone.row.owner != owner() or htmx.target():
            raise
        return make_response(render_template("baskets/deleted.html", tab="basket", gone=gone), gone.status)
    if basket.row.owner == NOBODY:
        return redirect(address(basket.base, state) if request.query_string else basket.base, 302)
    if basket.row.owner == owner() and not basket.row.frozen and not htmx.target():
        working.work_in(basket_id)
    if "mrp" in request.args and not basket.row.frozen:
        session["mrp_off"] = not state.filters.mrp
    return panes(basket, state, origin=_origin)


@blueprint.get("/baskets/<basket_id>/expand")
def expand(basket_id: str) -> AnyResponse:
    """The same page with as many folders open as fit."""
    return expanded(baskets.opened(services(), basket_id))


@blueprint.post("/baskets/<basket_id>/selection")
def select(basket_id: str) -> AnyResponse:
    """Tick or untick: one box (``tick``), a path (``path`` and ``on``), or a whole set (``set``)."""
    state = _back()
    here = services()
    stale = _seen() not in {None, baskets.row(here, basket_id).version}
    note = "Changed in another tab too; this is how it is now." if stale else ""
    form = request.form
    if "set" in form:
        done = ticks.select_set(here, basket_id, owner(), state.filters, form["set"])
        return _done(basket_id, state, done, note) if done.sentence else _answer(basket_id, state, note=note)
    if "tick" in form:
        ticks.select_path(here, basket_id, owner(), state.filters, form["tick"], None)
    else:
        ticks.select_path(here, basket_id, owner(), state.filters, form.get("path", ""), form.get("on") == "1")
    return _answer(basket_id, state, note=note)


@blueprint.post("/baskets/<basket_id>/remove")
def remove(basket_id: str) -> AnyResponse:
    """Take the selected files out, or everything. Undo brings them back."""
    state = _back()
    here = services()
    if request.form.get("what") == "all":
        done = basket_content.remove_all(here, basket_id, owner(), version=_seen())
    else:
        done = removing.remove(here, basket_id, owner(), _selected, version=_seen())
    return _done(basket_id, state, done)


@blueprint.get("/baskets/<basket_id>/observations")
def observations(basket_id: str) -> str:
    """The observations in a basket, each with what it brings."""
    here = services()
    found = baskets.row(here, basket_id)
    with reading(here.engine) as db:
        rows = query.observations(db, basket_id, limit=MOST_LISTED)
        total = query.observation_count(db, basket_id)
    return render_template(
        "basket/observations.html",
        tab="basket",
        rows=rows,
        total=total,
        id=basket_id,
        editable=baskets.is_editable(found, owner()),
        most=MOST_LISTED,
    )


@blueprint.post("/baskets/<basket_id>/observations")
def remove_observations(basket_id: str) -> AnyResponse:
    """Take observations out of the basket."""
    ids = [id_ for each in request.form.getlist("remove") if (id_ := whole_number(each)) is not None]
    done = basket_content.change_observations(services(), basket_id, owner(), remove=ids)
    back = f"/baskets/{basket_id}/observations"
    tell(Message(done.sentence, f"/baskets/{basket_id}/undo" if done.step else "", done.step, back))
    return redirect(back, 303)


@blueprint.post("/baskets/<basket_id>/undo")
def undo(basket_id: str) -> AnyResponse:
    """Undo a step, then go back to where the user was."""
    step = whole_number(request.form.get("step", ""))
    if step is None:
        raise UserError(400, "That request does not say which step to undo.", "Use the Undo button of the message.")
    done = basket_content.undo(services(), basket_id, owner(), step)
    tell(Message(done.sentence))
    return redirect(local(request.form.get("back", ""), f"/baskets/{basket_id}"), 303)


@blueprint.post("/baskets/<basket_id>/copy")
def copy(basket_id: str) -> AnyResponse:
    """Make a basket like this one for the session that asks."""
    state = _back()
    new_id, left_out = basket_copies.copy(services(), basket_id, owner_or_new())
    working.work_in(new_id)
    said = "This is your own copy. Changes here do not touch the other basket."
    if left_out:
        said += f" Left out, as the archive has withdrawn them since: {files(left_out)}."
    tell(Message(said))
    return redirect(address(f"/baskets/{new_id}", state), 303)


@blueprint.post("/baskets/<basket_id>/put")
def put(basket_id: str) -> AnyResponse:
    """Put what is selected into the basket that this session works with."""
    state = _back()
    here = services()
    done = basket_copies.put(here, basket_id, owner_or_new(), working.opened_last())
    back = address(baskets.opened(here, basket_id).base, state)
    undo_url = f"/baskets/{done.basket_id}/undo" if done.step else ""
    tell(Message(done.sentence, undo_url, done.step, back, (("Open the basket", "/basket"),)))
    return redirect(back, 303)


@blueprint.get("/baskets/<basket_id>/headers")
def headers(basket_id: str) -> Response:
    """The FITS headers of one file, searchable."""
    from webapp import fits_view  # noqa: PLC0415 - astropy's headers take 0.3 s of a start, and few visits need them

    baskets.row(services(), basket_id)
    found = fits_view.headers(services(), request.args.get("uri", ""), request.args.get("q", ""), who())
    return htmx.page(
        "basket/headers.html",
        {"headers": "basket/_headers.html"},
        found=found,
        base=f"/baskets/{basket_id}",
        tab="basket",
    )


def _origin(basket: Opened, since: Since) -> OfDelivery:
    return origins.of_delivery(services(), basket, since)


def _answer(basket_id: str, state: PageState, *, note: str = "", message: Message | None = None) -> AnyResponse:
    """After a write: all panes at once for a swap, else back to the page by 303."""
    if htmx.target():
        messages = (message,) if message else ()
        return panes(baskets.opened(services(), basket_id), state, origin=_origin, note=note, messages=messages)
    for each in (message, Message(note) if note else None):
        if each:
            tell(each)
    return redirect(address(f"/baskets/{basket_id}", state), 303)


def _done(basket_id: str, state: PageState, done: baskets.Done, note: str = "") -> AnyResponse:
    undo_url = f"/baskets/{basket_id}/undo" if done.step else ""
    message = Message(done.sentence, undo_url, done.step, address(f"/baskets/{basket_id}", state))
    return _answer(basket_id, state, note=note, message=message)


def _selected(basket: Opened) -> NDArray[np.bool_]:
    return basket.selection


def _seen() -> int | None:
    """The version of the basket that a form was made from."""
    return whole_number(request.form.get("version", ""))


def _back() -> PageState:
    """The state of the page that a form was sent from."""
    return parse(request.form.get("back", ""))


def _preferred(basket_id: str) -> str:
    """A link that we write remembers whether the session wants recommended products only."""
    state = parse("mrp=0") if session.get("mrp_off") else PageState()
    return address(f"/baskets/{basket_id}", state)
