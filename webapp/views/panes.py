"""The four panes as an answer: of a basket, of a delivery's files, of a share. One state, one answer, all panes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import redirect, request

from webapp import details, htmx, rule_view, snapshots
from webapp.basket_page import answer_panels, basket_page
from webapp.baskets import is_editable
from webapp.context import services
from webapp.identity import owner, who
from webapp.messages import take
from webapp.owners import NOBODY
from webapp.shelf_page import menu
from webapp.tree_view import expand_all, tree_view
from webapp.urls import PageState, address, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from webapp.baskets import Opened
    from webapp.messages import Message
    from webapp.origins import OfDelivery, OfShare
    from webapp.snapshots import Since

    Origin = Callable[[Opened, Since], OfDelivery | OfShare]

FRAGMENTS = {
    "workspace": "basket/_workspace.html",
    "details": "basket/_details.html",
    "more": "basket/_rows.html",
}
VERSION = "Basket-Version"  # tells a tab which version its own change made


def state_of_address() -> PageState:
    """The state that the address says; a file that is opened keeps the filters that the browser shows."""
    state = parse(request.query_string.decode(errors="replace"))
    if htmx.target() == "details" and (shown := htmx.current_query()) is not None:
        return replace(parse(shown), file=state.file)
    return state


def panes(
    basket: Opened, state: PageState, *, origin: Origin, note: str = "", messages: tuple[Message, ...] = ()
) -> Response:
    """The page of one state, or the fragment of it that a swap wants. ``origin`` is asked for a frozen basket's."""
    here = services()
    wanted = htmx.target()
    editable = is_editable(basket.row, owner())
    answer = answer_panels(here, basket, state.filters, who())
    since = snapshots.since(here, basket)
    if wanted == "more":
        tree = tree_view(here, basket, answer, state, since)
        return htmx.page("basket/page.html", FRAGMENTS, tree=tree, editable=editable)
    page = None
    if wanted != "details":
        page = basket_page(here, basket, state, answer, editable=editable, note=note, since=since)
    response = htmx.page(
        "basket/page.html",
        FRAGMENTS,
        push=None if request.method == "POST" else address(basket.base, state),
        tab="" if basket.row.owner == NOBODY else "history" if basket.row.frozen else "basket",
        page=page,
        rule=rule_view.view(here, basket, state) if page else None,
        file=details.details(here, basket, answer, state, since=since, who=who()),
        base=basket.base,
        editable=editable,
        menu=menu(here, basket.row, owner()) if page else None,
        origin=origin(basket, since) if since and wanted not in FRAGMENTS else None,
        said=[*messages, *take()] if wanted == "workspace" else [],
    )
    response.headers[VERSION] = str(basket.row.version)
    return response


def expanded(basket: Opened) -> AnyResponse:
    """The same page with as many folders open as fit."""
    state = state_of_address()
    state = expand_all(basket, answer_panels(services(), basket, state.filters), state)
    return redirect(address(basket.base, state), 302)
