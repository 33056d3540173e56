"""What the Observations page shows, as one typed value computed from one state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import numpy as np

from webapp import baskets, clock
from webapp.access import is_public
from webapp.db import reading
from webapp.observation_query import FACETS, UNKNOWN, FieldError, PageState
from webapp.queries import observations as query
from webapp.queries.observations import Content
from webapp.template_filters import date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlmodel import Session

    from webapp.context import Services
    from webapp.errors import UserError
    from webapp.queries.observations import FacetCount, Located, ObservationRow

PAGE_ROWS = 50
FACET_ROWS = 8
TEXT_FIELDS = ("q", "ra", "dec", "radius")
LONGEST_KEPT = 4_000  # characters of a query string that failed
LONG_FACET_ROWS = 200  # "more"; beyond it the search finds a value sooner than the eye


@dataclass(frozen=True)
class RowView:
    """One observation, ready to print. ``access`` is public, exclusive, or empty where no rights are known."""

    row: ObservationRow
    content: Content
    access: str
    released: str  # the date from which all may read, if it is exclusive and that is known
    in_basket: bool
    degrees: float | None  # from the position asked for

    @property
    def name(self) -> str:
        """What the page calls it: an archive's number until a table has named it."""
        return f"Number {self.row.obsid}" if self.row.stub and self.row.obsid is not None else self.row.obs_id

    @property
    def distance(self) -> str:
        """How far it is from the position asked for, in the unit that fits."""
        if self.degrees is None:
            return ""
        for unit, per_degree in (("°", 1), ("′", 60)):  # noqa: RUF001 - a prime is what it is
            if self.degrees * per_degree >= 1:
                return f"{self.degrees * per_degree:.2f}{unit}"
        return f"{self.degrees * 3600:.2f}″"


@dataclass(frozen=True)
class ValueView:
    """One value of a facet."""

    value: str
    label: str
    matching: int
    total: int
    active: bool


@dataclass(frozen=True)
class FacetView:
    """One facet. ``hidden`` values are not listed; ``more_url`` lists them, or is where a long list gets short."""

    name: str
    title: str
    values: tuple[ValueView, ...]
    hidden: int
    is_long: bool
    more_url: str


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address without it."""

    text: str
    url: str
    typed: bool  # it stands in a text field too, which only a whole new page empties


@dataclass(frozen=True)
class Column:
    """A column's head: its title, where a click leads, and ``aria-sort``."""

    name: str
    title: str
    url: str
    order: str  # ascending, descending or none
    css: str = ""


@dataclass(frozen=True)
class ObservationsPage:
    """All of the Observations page but its text fields, computed from one state."""

    state: PageState
    total: int
    matching: int
    rows: tuple[RowView, ...]
    facets: tuple[FacetView, ...]
    chips: tuple[Chip, ...]
    columns: tuple[Column, ...]
    pages: int
    previous_url: str
    next_url: str
    last_url: str

    @property
    def query(self) -> str:
        """What matches, as the form for "all that match" sends it."""
        return self.state.match.query_string()

    @property
    def first(self) -> int:
        """The number of the first row shown, from 1."""
        return (self.state.page - 1) * PAGE_ROWS + 1


@dataclass(frozen=True)
class SearchForm:
    """The text fields, as typed, and what was wrong with them. ``kept`` are the other fields of a page that failed."""

    values: Mapping[str, str]
    kept: tuple[tuple[str, str], ...] = ()
    problem: UserError | None = None

    @property
    def invalid(self) -> str:
        """The name of the field that cannot be understood."""
        return self.problem.field if isinstance(self.problem, FieldError) else ""


def search_form(query_string: str, problem: UserError | None = None) -> SearchForm:
    """The form of a page, or, with a ``problem``, of the query string that could not be understood."""
    pairs = parse_qsl(query_string[:LONGEST_KEPT])
    values = dict.fromkeys(TEXT_FIELDS, "") | {name: value for name, value in pairs if name in TEXT_FIELDS}
    kept = tuple(pair for pair in pairs if pair[0] in {*FACETS, "obs_id"}) if problem else ()
    return SearchForm(values, kept, problem)


def observations_page(
    services: Services, state: PageState, owner: str | None, opened_last: str | None = None
) -> ObservationsPage:
    """The page of a state, for whoever asks; ``opened_last`` is the id of the basket that they opened last."""
    basket = baskets.current(services, owner, opened_last)
    with reading(services.engine) as session:
        located = query.locate(session, state.match)
        where = query.conditions(session, state.match, located)
        total = query.count(session, [])
        chosen = query.conditions(session, state.match, None)
        matching = _count(session, where, chosen, located, total)
        found = _found(session, state, where, chosen, located)
        rows = row_views(session, found, basket.id if basket else None, located if state.match.cone else None)
        facets = tuple(_facet(session, state, name, located) for name in FACETS) if total else ()
    pages = max(1, -(-matching // PAGE_ROWS))
    return ObservationsPage(
        state=state,
        total=total,
        matching=matching,
        rows=rows,
        facets=facets,
        chips=_chips(state),
        columns=_columns(state),
        pages=pages,
        previous_url=state.on_page(min(state.page - 1, pages)).url() if state.page > 1 else "",
        next_url=state.on_page(state.page + 1).url() if state.page < pages else "",
        last_url=state.on_page(pages).url(),
    )


def _count(session: Session, where: Sequence[Any], chosen: Sequence[Any], located: Located | None, total: int) -> int:
    if chosen:
        return query.count(session, where)
    return total if located is None else len(located.ids)


def _found(
    session: Session, state: PageState, where: Sequence[Any], chosen: Sequence[Any], located: Located | None
) -> list[ObservationRow]:
    offset = (state.page - 1) * PAGE_ROWS
    if state.column != "distance" or located is None:
        return query.page(session, where, state.column, descending=state.descending, limit=PAGE_ROWS, offset=offset)
    near = located.ids
    if chosen:
        near = near[np.isin(near, query.matching_ids(session, where))]
    if state.descending:
        near = near[::-1]
    return query.by_ids(session, near[offset : offset + PAGE_ROWS].tolist())


def row_views(
    session: Session, rows: Sequence[ObservationRow], basket_id: str | None, located: Located | None = None
) -> tuple[RowView, ...]:
    """Rows ready to print: three queries, whatever their number. ``located`` adds the distances of a cone search."""
    ids = [row.id for row in rows]
    contents = query.contents(session, ids)
    there = query.in_basket(session, basket_id, ids) if basket_id else set()
    degrees: Mapping[int, float] = {}
    if located is not None:
        shown = set(ids)
        pairs = zip(located.ids.tolist(), located.degrees.tolist(), strict=True)
        degrees = {i: apart for i, apart in pairs if i in shown}
    now = clock.now()
    views = []
    for row in rows:
        public = is_public(row.released_at, now)
        access = "" if row.rights_id is None else ("public" if public else "exclusive")
        released = "" if public or row.rights_id is None else date(row.released_at)
        content = contents.get(row.id, Content())
        views.append(RowView(row, content, access, released, row.id in there, degrees.get(row.id)))
    return tuple(views)


def _facet(session: Session, state: PageState, name: str, located: Located | None) -> FacetView:
    chosen = state.match.choices.get(name, ())
    is_long = name in state.more
    where = query.conditions(session, state.match, located, without=name)
    counts, values = query.facet(session, name, where, chosen, limit=LONG_FACET_ROWS if is_long else FACET_ROWS)
    return FacetView(
        name=name,
        title=FACETS[name],
        values=tuple(_value(each, chosen) for each in counts),
        hidden=values - len(counts),
        is_long=is_long,
        more_url=state.toggled(name).url(),
    )


def _value(count: FacetCount, chosen: Sequence[str]) -> ValueView:
    return ValueView(count.value, _label(count.value), count.matching, count.total, count.value in chosen)


def _label(value: str) -> str:
    return "not known" if value == UNKNOWN else value


def _chips(state: PageState) -> tuple[Chip, ...]:
    match = state.match
    chips = [
        Chip(f"{title}: {_label(value)}", state.without(name, value).url(), typed=False)
        for name, title in FACETS.items()
        for value in match.choices.get(name, ())
    ]
    if match.obs_ids:
        listed = ", ".join(match.obs_ids[:3]) + (f" and {len(match.obs_ids) - 3} more" if match.obs_ids[3:] else "")
        chips.append(Chip(f"Observation: {listed}", state.with_match(replace(match, obs_ids=())).url(), typed=False))
    if match.text:
        chips.append(Chip(f"Text: {match.text}", state.with_match(replace(match, text="")).url(), typed=True))
    if match.cone:
        ra, dec, radius = match.cone.texts
        text = f"Within {_radius(radius)} of {ra} {dec}"
        chips.append(Chip(text, state.with_match(replace(match, cone=None)).url(), typed=True))
    return tuple(chips)


def _radius(text: str) -> str:
    return f"{text}m" if text[-1].isdigit() or text[-1] == "." else text


def _columns(state: PageState) -> tuple[Column, ...]:
    named = [
        ("obs_id", "Observation", ""),
        ("mission", "Mission", "opt"),
        ("target", "Target", "opt2"),
        ("instrument", "Instrument", "opt"),
        ("proposal", "Proposal", "opt3 num"),
        ("t_min", "Start", "opt date"),
    ]
    if state.match.cone:
        named.append(("distance", "Distance", "num"))
    order = "descending" if state.descending else "ascending"
    return tuple(
        Column(name, title, state.sorted_by(name).url(), order if name == state.column else "none", css)
        for name, title, css in named
    )
