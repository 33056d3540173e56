"""Observations as a list: what can be put into a basket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from webapp import observations
from webapp.api import PREFIX, paging
from webapp.api.answers import ObservationAnswer, ObservationsAnswer
from webapp.api.operations import PLAIN, Parameter, Reply, operation
from webapp.context import services
from webapp.observation_query import LONGEST_VALUE, parse_match
from webapp.tokens import READ

if TYPE_CHECKING:
    from webapp.queries.observations import Content, PlacedRow

blueprint = Blueprint("api_observations", __name__, url_prefix=PREFIX)

_NAME = PLAIN | {"maxLength": LONGEST_VALUE}
_WORDS = {"type": "string"}  # white space in it is joined first
QUERY = (
    Parameter("mission", "As in HST. Several mean any of them.", _NAME, repeated=True),
    Parameter("target", "The target's name as the archive writes it.", _NAME, repeated=True),
    Parameter("obs_id", "The observation's name, whatever its case.", _NAME, repeated=True),
    Parameter("proposal", "The number of the proposal or programme.", _NAME, repeated=True),
    Parameter("instrument", "As in NIRCAM/IMAGE.", _NAME, repeated=True),
    Parameter("q", "Words that are somewhere in name, target or proposal.", _WORDS),
    Parameter("ra", "Right ascension (ICRS): degrees, or hours as in 10:00:28.6.", _WORDS),
    Parameter("dec", "Declination (ICRS): degrees, or as in +02:12:21.", _WORDS),
    Parameter("radius", "Of the search around that position: arc minutes, or with a unit as in 0.2d, 3m, 30s.", _WORDS),
)


@blueprint.get("/observations")
@operation(
    "List observations",
    answer=ObservationsAnswer,
    scope=READ,
    query=(*QUERY, *paging.PARAMETERS),
    errors={400: "A filter or value is unknown."},
)
def index() -> Reply:
    """All that match, by mission and name, a page at a time."""
    rest, cursor, limit = paging.asked()
    after = tuple(map(str, paging.unpack(cursor, str, str))) if cursor else None
    rows, last = observations.listed(services(), parse_match(rest), (after[0], after[1]) if after else None, limit)
    return Reply(
        ObservationsAnswer(
            observations=[_answer(row, content) for row, content in rows],
            next=paging.pack([*last]) if last else None,
        )
    )


def _answer(row: PlacedRow, content: Content) -> ObservationAnswer:
    return ObservationAnswer(**vars(row), files=content.files, bytes=content.bytes)  # which leaves our own id out
