"""What leads from one file of a basket or a share to others: associations, and what was made with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from webapp import associations, baskets, htmx, provenance, shares
from webapp.context import services
from webapp.identity import who
from webapp.urls import parse

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("file_links", __name__)


@blueprint.get("/baskets/<basket_id>/association")
def association(basket_id: str) -> Response:
    """The members and products of one association (``uri``), linked to the page's state (``back``)."""
    return _association(basket_id, "basket")


@blueprint.get("/s/<share_id>/association")
def shared_association(share_id: str) -> Response:
    """The same among the files of a share."""
    shares.get(services(), share_id)
    return _association(share_id, "")


@blueprint.get("/baskets/<basket_id>/provenance")
def made_with(basket_id: str) -> Response:
    """The references that a file (``uri``) was made with, or the files that were made with a reference."""
    return _provenance(basket_id, "basket")


@blueprint.get("/s/<share_id>/provenance")
def shared_made_with(share_id: str) -> Response:
    """The same among the files of a share."""
    shares.get(services(), share_id)
    return _provenance(share_id, "")


def _association(basket_id: str, tab: str) -> Response:
    here, state = services(), parse(request.args.get("back", ""))
    basket = baskets.opened(here, basket_id)
    found = associations.association(here, basket, state, request.args.get("uri", ""), who())
    fragments = {"association": "basket/_association.html"}
    return htmx.page("basket/association.html", fragments, found=found, tab=tab)


def _provenance(basket_id: str, tab: str) -> Response:
    here, state = services(), parse(request.args.get("back", ""))
    found = provenance.provenance(here, baskets.opened(here, basket_id), state, request.args.get("uri", ""))
    fragments = {"provenance": "basket/_provenance.html"}
    return htmx.page("basket/provenance.html", fragments, found=found, tab=tab)
