"""The calibration references of what is selected: which, why each one is there, what is missing; putting them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from webapp import baskets, references
from webapp.api import PREFIX, paging
from webapp.api.answers import ChangedAnswer
from webapp.api.basket_writes import CHANGES, changed
from webapp.api.baskets import PROBLEMS
from webapp.api.bodies import ReferencesBody
from webapp.api.operations import Reply, expected_version, operation
from webapp.api.plans import finding
from webapp.api.reference_answers import ReferenceAnswer, ReferencesAnswer
from webapp.context import services
from webapp.identity import owner
from webapp.reference_findings import reference_findings
from webapp.reference_list import page
from webapp.tokens import READ, WRITE

if TYPE_CHECKING:
    from webapp.references import Used

blueprint = Blueprint("api_references", __name__, url_prefix=PREFIX)


@blueprint.get("/baskets/<basket_id>/references")
@operation(
    "List the calibration references of what is selected",
    answer=ReferencesAnswer,
    scope=READ,
    query=paging.PARAMETERS,
    errors=PROBLEMS
    | {
        400: "The limit is out of bounds, or the cursor is none.",
        410: "It was deleted or revoked, or its references changed since the page before.",
    },
    tagged=True,
)
def listed(basket_id: str) -> Reply:
    """Those that the selected files name, whatever the filters, and what there is to know of them. Adds nothing."""
    _, cursor, limit = paging.asked()
    here = services()
    basket = baskets.opened(here, basket_id)
    found = references.of_selected(here, basket)
    used, place = page(found, paging.place(cursor), limit)
    return Reply(
        ReferencesAnswer(
            selected=found.files,
            naming=found.naming,
            references=[_as_answer(each) for each in used],
            findings=[finding(each) for each in reference_findings(found)],
            next=paging.next_of(place),
        ),
        basket.row.version,
    )


@blueprint.post("/baskets/<basket_id>/references")
@operation(
    "Add calibration references",
    answer=ChangedAnswer,
    scope=WRITE,
    body=ReferencesBody,
    errors=CHANGES,
    guarded=True,
)
def add(basket_id: str, sent: ReferencesBody) -> Reply:
    """Put reference files in, and select them; those that are there already are selected. All of them, or nothing."""
    return changed(basket_id, references.add(services(), basket_id, owner(), sent.uris, version=expected_version()))


def _as_answer(used: Used) -> ReferenceAnswer:
    found = used.reference
    return ReferenceAnswer(
        uri=None if found.product is None else found.key,
        filename=found.name,
        path=found.path,
        mission=found.mission,
        instrument=found.type.instrument or None,
        type=found.type.name,
        label=found.type.label,
        description=found.description or found.type.meaning,
        size=found.size,
        used_by=used.files,
        keywords=list(found.keywords),
        contexts=list(found.contexts),
        in_basket=used.there,
        missing=found.problem or None,
    )
