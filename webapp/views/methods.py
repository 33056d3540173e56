"""All ways to download what is selected, one of them looked at closely. Makes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, request, session

from webapp import htmx, methods
from webapp.baskets import opened
from webapp.context import services
from webapp.errors import UserError
from webapp.identity import who
from webapp.layouts import layout_of
from webapp.methods_page import DEFAULT, methods_page
from webapp.owners import NOBODY
from webapp.query_strings import HINT, one, short
from webapp.urls import parse

if TYPE_CHECKING:
    from flask import Response

    from webapp.layouts import Layout
    from webapp.methods import Way
    from webapp.urls import PageState

blueprint = Blueprint("methods", __name__)

FRAGMENTS = {"methods": "methods/_methods.html"}
OWN = ("as", "flat", "crds")  # of the address; the others are the state of the basket's page


@blueprint.get("/baskets/<basket_id>/methods")
def show(basket_id: str) -> Response:
    """The page for one way, or the fragment of it that a swap wants."""
    here = services()
    way, layout, state = _asked()
    basket = opened(here, basket_id)
    page = methods_page(here, basket, state, way, who=who(), layout=layout, speed=session.get("speed"))
    tab = "" if basket.row.owner == NOBODY else "basket"
    return htmx.page("methods/page.html", FRAGMENTS, push=page.url, tab=tab, page=page)


def _asked() -> tuple[Way, Layout, PageState]:
    pairs = parse_qsl(request.query_string.decode(errors="replace"), keep_blank_values=True)
    own = {name: [value for key, value in pairs if key == name and value] for name in OWN}
    layout = layout_of(flat=_ticked(own, "flat"), crds=_ticked(own, "crds"))
    state = parse(urlencode([pair for pair in pairs if pair[0] not in OWN]))
    method, _, form = (one(own, "as") or "/".join(DEFAULT)).partition("/")
    return methods.way(method, form), layout, state


def _ticked(own: dict[str, list[str]], name: str) -> bool:
    said = one(own, name)
    if said not in {"", "0", "1"}:
        raise UserError(400, f"{name} can be 0 or 1, not {short(said)}.", HINT)
    return said == "1"
