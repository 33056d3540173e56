"""The newest steps of a basket that can be undone."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp import baskets, steps
from webapp.context import services
from webapp.errors import UserError
from webapp.identity import owner
from webapp.owners import may_change

blueprint = Blueprint("steps", __name__)


@blueprint.get("/baskets/<basket_id>/steps")
def listing(basket_id: str) -> str:
    """What was done, when, and Undo; for those who may change the basket."""
    here = services()
    found = baskets.row(here, basket_id)
    if not may_change(owner(), found.id, found.owner):
        raise UserError(403, "This basket is someone else's, so its steps are theirs to see.", "Look at its files.")
    return render_template(
        "basket/steps.html",
        tab="history" if found.frozen else "basket",
        row=found,
        editable=baskets.is_editable(found, owner()),
        steps=steps.recent(here, basket_id),
        listed=steps.LISTED,
    )
