"""Baskets as they are: totals, facets and files under filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from webapp import baskets, file_list
from webapp.api import PREFIX, paging
from webapp.api.answers import (
    BasketAnswer,
    FacetValueAnswer,
    FileAnswer,
    FilesAnswer,
    SelectedAnswer,
    TotalsAnswer,
)
from webapp.api.operations import PLAIN, Parameter, Reply, operation
from webapp.basket_page import answer_panels
from webapp.context import services
from webapp.facets import FACETS
from webapp.identity import who
from webapp.inventory.filters import PATTERN_LENGTH
from webapp.tokens import READ
from webapp.urls import LONGEST_VALUE, parse_filters

if TYPE_CHECKING:
    from webapp.inventory.panels import Totals

blueprint = Blueprint("api_baskets", __name__, url_prefix=PREFIX)

_FLAG = {"type": "string", "enum": ["0", "1"]}
_GLOB = {"type": "string", "maxLength": PATTERN_LENGTH, "pattern": r"^[^/\u0000-\u001f\u007f-\u009f]*$"}
FILTERS = (
    Parameter("mrp", "1: recommended products only, which is also what is meant by nothing.", _FLAG | {"default": "1"}),
    *(
        Parameter(
            name,
            f"{facet.title}. Several values widen it; an empty one means nothing.",
            {"type": "string", "enum": [*facet.words, ""]} if facet.closed else PLAIN | {"maxLength": LONGEST_VALUE},
            repeated=True,
        )
        for name, facet in FACETS.items()
    ),
    Parameter("name", "A pattern for file names, as in *_x1d.fits.", _GLOB),
    Parameter("selected", "1: selected files only.", _FLAG | {"default": "0"}),
)
PROBLEMS = {400: "A filter or value is unknown.", 404: "There is no such basket.", 410: "It was deleted or revoked."}


@blueprint.get("/baskets/<basket_id>")
@operation("Look at a basket", answer=BasketAnswer, scope=READ, query=FILTERS, errors=PROBLEMS, tagged=True)
def show(basket_id: str) -> Reply:
    """Totals, what matches the filters, what is selected, and the facets, all of one state."""
    filters = parse_filters(request.query_string.decode("ascii", "replace"))
    here = services()
    basket = baskets.opened(here, basket_id)
    answer = answer_panels(here, basket, filters, who())
    return Reply(
        BasketAnswer(
            id=basket.row.id,
            version=basket.row.version,
            **amounts(answer.all),
            matching=totals(answer.matching),
            selected=SelectedAnswer(**amounts(answer.selected), hidden=answer.selected_hidden.files),
            facets={facet.name: [FacetValueAnswer(**vars(each)) for each in facet.values] for facet in answer.facets},
        ),
        basket.row.version,
    )


@blueprint.get("/baskets/<basket_id>/files")
@operation(
    "List the files of a basket",
    answer=FilesAnswer,
    scope=READ,
    query=(*FILTERS, *paging.PARAMETERS),
    errors=PROBLEMS | {410: "It was deleted or revoked, or its files changed since the page before."},
    tagged=True,
)
def files(basket_id: str) -> Reply:
    """Those that match the filters, in the order of the tree; ``mrp=0&selected=1`` lists all that is selected."""
    rest, cursor, limit = paging.asked()
    filters = parse_filters(rest)
    here = services()
    basket = baskets.opened(here, basket_id)
    found, place = file_list.page(here, basket, filters, who(), paging.place(cursor), limit)
    return Reply(
        FilesAnswer(
            files=[
                FileAnswer(
                    uri=each.uri,
                    filename=each.filename,
                    path=each.path,
                    size=each.size,
                    category=each.facets["category"],
                    type=each.facets["type"],
                    ext=each.facets["ext"],
                    group=each.facets["group"],
                    level=each.level,
                    recommended=each.recommended,
                    batch=each.facets["batch"] == "1",
                    access=each.facets["access"],
                    selected=each.selected,
                    sha256=each.sha256,
                )
                for each in found
            ],
            next=paging.next_of(place),
        ),
        basket.row.version,
    )


def amounts(found: Totals) -> dict[str, int]:
    """Totals as fields of an answer."""
    return {"files": found.files, "bytes": found.bytes, "unknown_size": found.unknown_size}


def totals(found: Totals) -> TotalsAnswer:
    """Totals as an answer."""
    return TotalsAnswer(**amounts(found))
