"""Baskets made and changed. Each change is a set operation on what is there now; ``If-Match`` asks for one version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint

from webapp import basket_keys, basket_names, baskets, choosing, filling
from webapp.api import PREFIX
from webapp.api.answers import ChangedAnswer, NewBasketAnswer, TotalsAnswer
from webapp.api.baskets import PROBLEMS, amounts
from webapp.api.bodies import ChoiceBody, NewBasketBody, ObservationsBody, SelectionBody
from webapp.api.operations import Reply, expected_version, operation
from webapp.basket_page import answer_panels
from webapp.choosing import Choice
from webapp.context import services
from webapp.identity import owner, owner_or_new
from webapp.inventory.filters import Filters
from webapp.observation_query import parse_match
from webapp.template_filters import files as count_files
from webapp.tokens import WRITE
from webapp.urls import parse_filters

if TYPE_CHECKING:
    from webapp.baskets import Opened
    from webapp.inventory.panels import Totals

blueprint = Blueprint("api_basket_writes", __name__, url_prefix=PREFIX)

CHANGES = PROBLEMS | {
    403: "This basket is somebody else's.",
    409: "It is locked, or what is in it can never change.",
    412: "It is not at the version that If-Match names; nothing was changed.",
    422: "The body does not fit, or names what is not there; nothing was changed.",
}
EVERYTHING = Filters(mrp=False)


@blueprint.post("/baskets")
@operation(
    "Make a basket",
    answer=NewBasketAnswer,
    scope=WRITE,
    status=201,
    body=NewBasketBody,
    errors={
        400: "The match has an unknown filter.",
        403: "A basket key makes no other basket.",
        422: "The body does not fit, an observation is not here, or there would be too many files; nothing was made.",
    },
)
def create(sent: NewBasketBody) -> Reply:
    """A basket of observations, by name or by query, and its key, which is told this once."""
    here, asking = services(), owner_or_new()
    wanted = sent.observations if sent.observations is not None else parse_match(sent.match or "")
    basket_id = filling.new_basket(here, asking, wanted, basket_names.clean(sent.name))
    key = basket_keys.new(here, basket_id, asking)
    basket = baskets.opened(here, basket_id)
    url = f"{here.settings.base_url}/baskets/{basket_id}"
    answer = NewBasketAnswer(id=basket_id, key=key, url=url, version=basket.row.version, **amounts(_totals(basket)[0]))
    return Reply(answer, basket.row.version, f"{here.settings.base_url}{PREFIX}/baskets/{basket_id}")


@blueprint.post("/baskets/<basket_id>/observations")
@operation(
    "Add and remove observations",
    answer=ChangedAnswer,
    scope=WRITE,
    body=ObservationsBody,
    errors=CHANGES,
    guarded=True,
)
def observations(basket_id: str, sent: ObservationsBody) -> Reply:
    """Put observations in, take others out. What is there already, or gone already, does no harm."""
    done = filling.change(services(), basket_id, owner(), sent.add, sent.remove, version=expected_version())
    return changed(basket_id, done)


@blueprint.post("/baskets/<basket_id>/selection")
@operation("Select files", answer=ChangedAnswer, scope=WRITE, body=SelectionBody, errors=CHANGES, guarded=True)
def select(basket_id: str, sent: SelectionBody) -> Reply:
    """Select, or unselect, what filters and paths mean. Filters themselves never change the selection."""
    done = choosing.select(services(), basket_id, owner(), _choice(sent), sent.select, expected_version())
    said = f"{'Selected' if sent.select else 'Unselected'} {count_files(done.count)}."
    return changed(basket_id, replace(done, sentence=said))


@blueprint.post("/baskets/<basket_id>/remove")
@operation("Remove files", answer=ChangedAnswer, scope=WRITE, body=ChoiceBody, errors=CHANGES, guarded=True)
def remove(basket_id: str, sent: ChoiceBody) -> Reply:
    """Take files out of the basket. They can be put back."""
    return changed(basket_id, choosing.remove(services(), basket_id, owner(), _choice(sent), expected_version()))


@blueprint.post("/baskets/<basket_id>/restore")
@operation("Put removed files back", answer=ChangedAnswer, scope=WRITE, body=ChoiceBody, errors=CHANGES, guarded=True)
def restore(basket_id: str, sent: ChoiceBody) -> Reply:
    """Put back what was removed, unselected. Filters and folders look at removed files alone."""
    return changed(basket_id, choosing.restore(services(), basket_id, owner(), _choice(sent), expected_version()))


def changed(basket_id: str, done: baskets.Done) -> Reply:
    """A basket after a change."""
    basket = baskets.opened(services(), basket_id)
    everything, selected = _totals(basket)
    answer = ChangedAnswer(
        id=basket_id,
        version=basket.row.version,
        **amounts(everything),
        selected=TotalsAnswer(**amounts(selected)),
        changed=done.count,
        said=done.sentence,
    )
    return Reply(answer, basket.row.version)


def _choice(sent: ChoiceBody) -> Choice:
    return Choice(parse_filters(sent.filters), sent.paths)


def _totals(basket: Opened) -> tuple[Totals, Totals]:
    """Of all that is in it, and of what is selected."""
    answer = answer_panels(services(), basket, EVERYTHING)
    return answer.all, answer.selected
