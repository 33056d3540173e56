"""The Download Manager: one page, four panes, one answer for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, session

from webapp import basket_content, baskets, details, htmx, ticks
from webapp.basket_page import answer_panels, basket_page
from webapp.context import owner, owner_or_new, services
from webapp.db import reading
from webapp.errors import UserError
from webapp.messages import Message, take, tell
from webapp.queries import baskets as query
from webapp.tree_view import expand_all, tree_view
from webapp.urls import PageState, address, parse, whole_number

if TYPE_CHECKING:
    import numpy as np
    from flask import Response
    from numpy.typing import NDArray
    from werkzeug.wrappers import Response as AnyResponse

    from webapp.baskets import Opened

blueprint = Blueprint("basket", __name__)

FRAGMENTS = {
    "workspace": "basket/_workspace.html",
    "details": "basket/_details.html",
    "more": "basket/_rows.html",
}
VERSION = "Basket-Version"  # tells a tab which version its own change made
MOST_LISTED = 500


@blueprint.get("/basket")
def mine() -> AnyResponse | str:
    """The session's basket, with the filters it likes; a page that says how to begin if it has none."""
    found = baskets.current(services(), owner())
    if found is None:
        return render_template("basket/none.html", tab="basket")
    return redirect(_preferred(found[0]), 302)


@blueprint.get("/baskets/<basket_id>")
def show(basket_id: str) -> Response:
    """The page of one state, or the fragment of it that a swap wants."""
    state = _state()
    if "mrp" in request.args:
        session["mrp_off"] = not state.filters.mrp
    if htmx.target() == "details" and (shown := htmx.current_query()) is not None:
        state = replace(parse(shown), file=state.file)
    return _page(basket_id, state)


@blueprint.get("/baskets/<basket_id>/expand")
def expand(basket_id: str) -> AnyResponse:
    """The same page with as many folders open as fit."""
    here = services()
    state = _state()
    basket = baskets.opened(here, basket_id)
    state = expand_all(basket, answer_panels(here, basket, state.filters), state)
    return redirect(address(f"/baskets/{basket_id}", state), 302)


@blueprint.post("/baskets/<basket_id>/selection")
def select(basket_id: str) -> AnyResponse:
    """Tick or untick: one box (``tick``), a path (``path`` and ``on``), or a whole set (``set``)."""
    state = _back()
    here = services()
    stale = _seen() not in {None, baskets.row(here, basket_id).version}
    form = request.form
    if "set" in form:
        ticks.select_set(here, basket_id, owner(), state.filters, form["set"])
    elif "tick" in form:
        ticks.select_path(here, basket_id, owner(), state.filters, form["tick"], None)
    else:
        ticks.select_path(here, basket_id, owner(), state.filters, form.get("path", ""), form.get("on") == "1")
    return _answer(basket_id, state, note="Changed in another tab too; this is how it is now." if stale else "")


@blueprint.post("/baskets/<basket_id>/remove")
def remove(basket_id: str) -> AnyResponse:
    """Take the selected files out, or everything. Undo brings them back."""
    state = _back()
    here = services()
    if request.form.get("what") == "all":
        done = basket_content.remove_observations(here, basket_id, owner(), None, version=_seen())
    else:
        done = baskets.remove(here, basket_id, owner(), _selected, version=_seen())
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
        editable=found.owner == owner(),
        most=MOST_LISTED,
    )


@blueprint.post("/baskets/<basket_id>/observations")
def remove_observations(basket_id: str) -> AnyResponse:
    """Take observations out of the basket."""
    ids = [id_ for each in request.form.getlist("remove") if (id_ := whole_number(each)) is not None]
    done = basket_content.remove_observations(services(), basket_id, owner(), ids)
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
    return redirect(_local(request.form.get("back", ""), f"/baskets/{basket_id}"), 303)


@blueprint.post("/baskets/<basket_id>/copy")
def copy(basket_id: str) -> AnyResponse:
    """Make a basket like this one for the session that asks."""
    state = _back()
    new_id = basket_content.copy(services(), basket_id, owner_or_new())
    tell(Message("This is your own copy. Changes here do not touch the other basket."))
    return redirect(address(f"/baskets/{new_id}", state), 303)


@blueprint.get("/baskets/<basket_id>/headers")
def headers(basket_id: str) -> Response:
    """The FITS headers of one file, searchable."""
    from webapp import fits_view  # noqa: PLC0415 - astropy's headers take 0.3 s of a start, and few visits need them

    baskets.row(services(), basket_id)
    found = fits_view.headers(services(), request.args.get("uri", ""), request.args.get("q", ""))
    return htmx.page(
        "basket/headers.html", {"headers": "basket/_headers.html"}, found=found, id=basket_id, tab="basket"
    )


def _page(basket_id: str, state: PageState, *, note: str = "", messages: tuple[Message, ...] = ()) -> Response:
    here = services()
    basket = baskets.opened(here, basket_id)
    wanted = htmx.target()
    editable = basket.row.owner == owner()
    answer = answer_panels(here, basket, state.filters)
    if wanted == "more":
        tree = tree_view(here, basket, answer, state)
        return htmx.page("basket/page.html", FRAGMENTS, tree=tree, editable=editable)
    response = htmx.page(
        "basket/page.html",
        FRAGMENTS,
        push=None if request.method == "POST" else address(f"/baskets/{basket_id}", state),
        tab="basket",
        page=None if wanted == "details" else basket_page(here, basket, state, answer, editable=editable, note=note),
        file=details.details(here, basket, answer, state),
        base=f"/baskets/{basket_id}",
        editable=editable,
        said=[*messages, *take()] if wanted == "workspace" else [],
    )
    response.headers[VERSION] = str(basket.row.version)
    return response


def _answer(basket_id: str, state: PageState, *, note: str = "", message: Message | None = None) -> AnyResponse:
    """After a write: all panes at once for a swap, else back to the page by 303."""
    if htmx.target():
        return _page(basket_id, state, note=note, messages=(message,) if message else ())
    for each in (message, Message(note) if note else None):
        if each:
            tell(each)
    return redirect(address(f"/baskets/{basket_id}", state), 303)


def _done(basket_id: str, state: PageState, done: baskets.Done) -> AnyResponse:
    undo_url = f"/baskets/{basket_id}/undo" if done.step else ""
    return _answer(
        basket_id, state, message=Message(done.sentence, undo_url, done.step, address(f"/baskets/{basket_id}", state))
    )


def _selected(basket: Opened) -> NDArray[np.bool_]:
    return basket.selection


def _state() -> PageState:
    """The state that the address says."""
    return parse(request.query_string.decode(errors="replace"))


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


def _local(url: str, otherwise: str) -> str:
    """A path of this server, and nothing that a browser could take for another one."""
    safe = url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable()
    return url if safe else otherwise
