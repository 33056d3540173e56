"""The calibration references of what is selected in a basket: seen as a tree, ticked, added."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, request

from webapp import htmx, references
from webapp.baskets import opened
from webapp.context import services
from webapp.errors import UserError
from webapp.identity import owner
from webapp.messages import Message, tell
from webapp.owners import NOBODY
from webapp.query_strings import one
from webapp.reference_tree import Ticks, ticked
from webapp.references_page import references_page, seen
from webapp.urls import address, parse

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from webapp.urls import PageState

blueprint = Blueprint("references", __name__)

OWN = ("used", "of")  # of the address; the others are the state of the basket's page


@blueprint.get("/baskets/<basket_id>/references")
def show(basket_id: str) -> Response:
    """The page, or the fragment of it that a swap wants: the users of one reference, the files of one type."""
    here = services()
    own, state = _asked()
    basket = opened(here, basket_id)
    page = references_page(here, references.of_selected(here, basket), state, owner(), **own)
    group = page.group(own["of"])
    if group is None and own["of"] and htmx.target():
        raise UserError(404, "No selected file names a reference of this type now.", "Load the page again.")
    fragments = {"used": "references/_users.html"} | ({group.place: "references/_files.html"} if group else {})
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
    added = [each.reference for each in found.used if each.reference.key in wanted]
    base = f"/baskets/{basket_id}"
    after = seen(here, opened(here, basket_id), state, added)
    said = done.sentence
    if after.filters != replace(state.filters, mrp=False):
        said += " The filters that hid them are off."
    tell(Message(said, f"{base}/undo" if done.step else "", done.step, address(base, state)))
    return redirect(address(base, after), 303)


def _asked() -> tuple[dict[str, str], PageState]:
    pairs = parse_qsl(request.query_string.decode(errors="replace"), keep_blank_values=True)
    own = {name: one({name: [value for key, value in pairs if key == name and value]}, name) for name in OWN}
    return own, parse(urlencode([pair for pair in pairs if pair[0] not in OWN]))
