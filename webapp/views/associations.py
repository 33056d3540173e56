"""An association of a basket or a share as a tree of links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from webapp import associations, baskets, htmx, shares
from webapp.context import services
from webapp.identity import who
from webapp.urls import parse

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("associations", __name__)


@blueprint.get("/baskets/<basket_id>/association")
def show(basket_id: str) -> Response:
    """The members and products of one association (``uri``), linked to the page's state (``back``)."""
    return _page(basket_id, "basket")


@blueprint.get("/s/<share_id>/association")
def show_shared(share_id: str) -> Response:
    """The same among the files of a share."""
    shares.get(services(), share_id)
    return _page(share_id, "")


def _page(basket_id: str, tab: str) -> Response:
    here, state = services(), parse(request.args.get("back", ""))
    basket = baskets.opened(here, basket_id)
    found = associations.association(here, basket, state, request.args.get("uri", ""), who())
    fragments = {"association": "basket/_association.html"}
    return htmx.page("basket/association.html", fragments, found=found, tab=tab)
