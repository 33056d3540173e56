"""The state of the Observations page <-> its query string: canonical order, defaults dropped.

Handles the keys of the public contract (``mission target obs_id proposal ra dec radius``) and the page's own
(``instrument q sort page more``); refuses any other key or value with a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from webapp import sky
from webapp.errors import UserError
from webapp.query_strings import HINT, one, page_number, short

if TYPE_CHECKING:
    from collections.abc import Mapping

FACETS = {"mission": "Mission", "instrument": "Instrument", "target": "Target", "proposal": "Proposal"}
UNKNOWN = "unknown"  # the value of a facet where the observation has none
SORTS = ("mission", "obs_id", "target", "instrument", "proposal", "t_min", "distance")
DEFAULT_RADIUS = "3m"
LONGEST_VALUE = 200
MOST_VALUES = 1_000
Pairs = list[tuple[str, str]]


class FieldError(UserError):
    """One field of the search form cannot be understood; ``field`` is its name."""

    def __init__(self, field_name: str, sentence: str, hint: str) -> None:
        super().__init__(400, sentence, hint)
        self.field = field_name


@dataclass(frozen=True)
class Cone:
    """All within ``radius`` of a position, in degrees, ICRS. The texts are as the user wrote them."""

    ra: float
    dec: float
    radius: float
    texts: tuple[str, str, str]


@dataclass(frozen=True)
class ObservationQuery:
    """Which observations match: OR inside a facet, AND across; every word of ``text`` somewhere in the names."""

    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # facet -> values, sorted
    obs_ids: tuple[str, ...] = ()
    text: str = ""
    cone: Cone | None = None

    @property
    def active(self) -> bool:
        """Whether anything is asked at all."""
        return bool(any(self.choices.values()) or self.obs_ids or self.text or self.cone)

    def pairs(self) -> Pairs:
        """The canonical query string's fields."""
        found = [(name, value) for name in FACETS for value in self.choices.get(name, ())]
        found += [("obs_id", value) for value in self.obs_ids]
        found += [("q", self.text)] if self.text else []
        if self.cone:
            ra, dec, radius = self.cone.texts
            found += [("ra", ra), ("dec", dec)] + ([("radius", radius)] if radius != DEFAULT_RADIUS else [])
        return found

    def query_string(self) -> str:
        """The same observations as a query string, for a form that acts on all that match."""
        return _encode(self.pairs())


@dataclass(frozen=True)
class PageState:
    """A query and how it is shown. ``sort`` empty is the default: by mission, or by distance in a cone search."""

    match: ObservationQuery = field(default_factory=ObservationQuery)
    sort: str = ""
    page: int = 1
    more: tuple[str, ...] = ()  # facets that list all their values

    @property
    def default_sort(self) -> str:
        """What an empty ``sort`` means."""
        return "distance" if self.match.cone else "mission"

    @property
    def column(self) -> str:
        """The column that rows are sorted by."""
        return self.sort.removeprefix("-") or self.default_sort

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.sort.startswith("-")

    def query_string(self) -> str:
        """The canonical query string."""
        pairs = self.match.pairs()
        pairs += [("sort", self.sort)] if self.sort not in {"", self.default_sort} else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return _encode(pairs + [("more", name) for name in FACETS if name in self.more])

    def url(self) -> str:
        """The page's address."""
        query = self.query_string()
        return f"/?{query}" if query else "/"

    def with_match(self, match: ObservationQuery) -> PageState:
        """Another query, from its first page on."""
        keeps_sort = match.cone is not None or self.column != "distance"
        return replace(self, match=match, page=1, sort=self.sort if keeps_sort else "")

    def without(self, facet: str, value: str) -> PageState:
        """One choice of a facet taken back."""
        kept = tuple(each for each in self.match.choices.get(facet, ()) if each != value)
        choices = {name: kept if name == facet else values for name, values in self.match.choices.items()}
        return self.with_match(
            replace(self.match, choices={name: values for name, values in choices.items() if values})
        )

    def sorted_by(self, column: str) -> PageState:
        """Sorted by a column; a second time turns the order."""
        turned = column == self.column and not self.descending
        return replace(self, sort=f"-{column}" if turned else column, page=1)

    def on_page(self, page: int) -> PageState:
        """Another page of the same rows."""
        return replace(self, page=page)

    def toggled(self, facet: str) -> PageState:
        """A facet's list made long or short."""
        more = [name for name in self.more if name != facet]
        return replace(self, more=tuple(more if facet in self.more else [*more, facet]))


def parse(query: str) -> PageState:
    """The page that a query string means. Raises UserError 400, or FieldError for a field of the search form."""
    values = _values(query, {*FACETS, "obs_id", "q", "ra", "dec", "radius", "sort", "page", "more"})
    match = _match(values)
    sort = one(values, "sort")
    if sort and sort.removeprefix("-") not in SORTS:
        raise UserError(400, f"Observations can be sorted by {', '.join(SORTS)}, not by {short(sort)}.", HINT)
    if sort.removeprefix("-") == "distance" and match.cone is None:
        sort = ""  # the position was taken out of the form, which still carries the order
    page = page_number(one(values, "page"))
    more = tuple(values.get("more", ()))
    if not FACETS.keys() >= set(more):
        raise UserError(400, f"more can name {', '.join(FACETS)}, not {short(more[0])}.", HINT)
    return PageState(match, sort, page, more)


def parse_match(query: str) -> ObservationQuery:
    """The observations that a query string means, where nothing else may be. Raises UserError 400."""
    return _match(_values(query, {*FACETS, "obs_id", "q", "ra", "dec", "radius"}))


def _values(query: str, known: set[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_VALUES)
    except ValueError as error:
        raise UserError(400, f"The address has more than {MOST_VALUES:,} values.", "Paste a list instead.") from error
    for key, value in pairs:
        if key not in known:
            raise UserError(400, f"There is no filter called {short(key)}.", HINT)
        cleaned = " ".join(value.split()) if key in {"q", "ra", "dec", "radius"} else value
        if len(cleaned) > LONGEST_VALUE:
            raise FieldError(key, f"The value of {key} is longer than {LONGEST_VALUE} characters.", "Make it shorter.")
        if any(character < " " or "\x7f" <= character < "\xa0" for character in cleaned):
            raise FieldError(key, f"The value of {key} holds a control character.", "Type it again.")
        if cleaned:
            values.setdefault(key, []).append(cleaned)
    return values


def _match(values: Mapping[str, list[str]]) -> ObservationQuery:
    return ObservationQuery(
        choices={name: tuple(sorted(set(values[name]))) for name in FACETS if name in values},
        obs_ids=tuple(sorted(set(values.get("obs_id", ())))),
        text=one(values, "q"),
        cone=_cone(one(values, "ra"), one(values, "dec"), one(values, "radius")),
    )


def _cone(ra: str, dec: str, radius: str) -> Cone | None:
    if not (ra or dec):
        return None  # a radius alone is a form that was left half empty
    if ra and not dec:
        ra, dec = sky.split_pair(ra)
    hint = "Write both as degrees (150.119, 2.206) or sexagesimal (10:00:28.6, +02:12:21), or clear both."
    for name, text in (("ra", ra), ("dec", dec)):
        if not text:
            raise FieldError(name, f"A cone search needs both coordinates; {name} is empty.", hint)
    radius = radius or DEFAULT_RADIUS
    texts = (ra, dec, radius)
    try:
        name, text = "ra", ra
        right_ascension = sky.right_ascension(ra)
        name, text = "dec", dec
        declination = sky.declination(dec)
        name, text, hint = "radius", radius, "Write a number of arc minutes, or one with d, m or s for the unit."
        degrees = sky.radius(radius)
    except sky.PositionError as error:
        raise FieldError(name, f"The {_NAMES[name]} {short(text)} {error}.", hint) from error
    return Cone(right_ascension, declination, degrees, texts)


_NAMES = {"ra": "right ascension", "dec": "declination", "radius": "radius"}


def _encode(pairs: Pairs) -> str:
    return urlencode(pairs, safe="/:*,")
