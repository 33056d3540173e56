"""The calibration references of what is selected in a basket: seen as a tree, ticked, added."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, request

from webapp import htmx, references
from webapp.baskets import opened
from webapp.context import services
from webapp.identity import owner
from webapp.messages import Message, tell
from webapp.owners import NOBODY
from webapp.query_strings import one
from webapp.reference_tree import Ticks, ticked
from webapp.references_page import references_page
from webapp.urls import PageState, address, parse

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("references", __name__)

OWN = ("used", "of")  # of the address; the others are the state of the basket's page


@blueprint.get("/baskets/<basket_id>/references")
def show(basket_id: str) -> Response:
    """The page, or the fragment of it that a swap wants: the users of one reference, the files of one type."""
    here = services()
    own, state = _asked()
    basket = opened(here, basket_id)
    page = references_page(here, references.of_selected(here, basket), state, owner(), **own)
    group = next((each for of in page.instruments for each in of.types if each.key == own["of"]), None)
    fragments = {"used": "references/_users.html"}
    if group:
        fragments[f"of-{group.number}"] = "references/_files.html"
    tab = "" if basket.row.owner == NOBODY else "history" if basket.row.frozen else "basket"
    return htmx.page("references/page.html", fragments, tab=tab, page=page, group=group)


@blueprint.post("/baskets/<basket_id>/references")
def add(basket_id: str) -> AnyResponse:
    """Put what is ticked into the basket, and show it there."""
    here, form = services(), request.form
    state = parse(form.get("back", ""))
    found = references.of_selected(here, opened(here, basket_id))
    ticks = Ticks(form.getlist("uri"), form.getlist("type"), form.getlist("instrument"), "all" in form)
    keys = ticked(found.used, ticks)
    if not keys:
        tell(Message("No reference file was ticked, so nothing was added."))
        return redirect(address(f"/baskets/{basket_id}/references", state), 303)
    done = references.add(here, basket_id, owner(), keys)
    wanted = set(keys)
    state = _showing(state, {each.reference.mission for each in found.used if each.reference.key in wanted})
    back = address(f"/baskets/{basket_id}", state)
    tell(Message(done.sentence, f"/baskets/{basket_id}/undo" if done.step else "", done.step, back))
    return redirect(back, 303)


def _showing(state: PageState, missions: set[str]) -> PageState:
    """The page of the basket where references are seen."""
    folders = tuple(f"{mission}/references" for mission in sorted(missions))
    return replace(state, filters=replace(state.filters, mrp=False), open=(*state.open, *folders), page=1)


def _asked() -> tuple[dict[str, str], PageState]:
    pairs = parse_qsl(request.query_string.decode(errors="replace"), keep_blank_values=True)
    own = {name: one({name: [value for key, value in pairs if key == name and value]}, name) for name in OWN}
    return own, parse(urlencode([pair for pair in pairs if pair[0] not in OWN]))
