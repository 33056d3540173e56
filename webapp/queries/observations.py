"""Reads about observations: one page of a search, its facets, names that were pasted, and what observations hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, literal, literal_column, or_, select, union_all
from sqlmodel import col

from webapp import sky
from webapp.models import BasketObservation, Kind, Observation, ObservationProduct, Product, Rights
from webapp.observation_query import UNKNOWN
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlmodel import Session

    from webapp.observation_query import Cone, ObservationQuery

COLUMNS: dict[str, Any] = {
    "mission": col(Observation.mission),
    "obs_id": col(Observation.obs_id),
    "target": col(Observation.target),
    "instrument": col(Observation.instrument),
    "proposal": col(Observation.proposal_id),
    "t_min": col(Observation.t_min),
}
BY_NAME = (col(Observation.mission), col(Observation.obs_id))


@dataclass(frozen=True)
class ObservationRow:
    """One observation; see models.catalogue.Observation. ``released_at`` says something only with a ``rights_id``."""

    id: int
    mission: str
    obs_id: str
    obsid: int | None
    stub: bool
    target: str | None
    instrument: str | None
    filters: str | None
    proposal_id: str | None
    t_min: float | None
    rights_id: int | None
    released_at: int | None


@dataclass(frozen=True)
class PlacedRow:
    """One observation as lists for programs have it. ``t_min`` is MJD; ``ra`` and ``dec`` are degrees, ICRS."""

    id: int
    mission: str
    obs_id: str
    target: str | None
    instrument: str | None
    proposal_id: str | None
    t_min: float | None
    ra: float | None
    dec: float | None


@dataclass(frozen=True)
class Content:
    """The products of an observation that are not withdrawn. ``level`` is the highest known one."""

    files: int = 0
    bytes: int = 0
    unknown_size: int = 0
    level: int | None = None


@dataclass(frozen=True)
class FacetCount:
    """One value of a facet: observations that match now, of all in the catalogue."""

    value: str
    matching: int
    total: int


@dataclass(frozen=True)
class NameRow:
    """An observation by its names."""

    id: int
    mission: str
    obs_id: str
    obsid: int | None


@dataclass(frozen=True, eq=False)
class Located:
    """Ids of what matches the text and the position, nearest first (int64, shape (n,)), and degrees from there."""

    ids: NDArray[np.int64]
    degrees: NDArray[np.float64]


def locate(session: Session, match: ObservationQuery) -> Located | None:
    """What matches the text and the position; None if neither is asked. Found once, for all queries of a page."""
    if not match.text and match.cone is None:
        return None
    query = select(col(Observation.id), col(Observation.ra), col(Observation.dec))
    for word in match.text.split():
        fields = (col(Observation.obs_id), col(Observation.target), col(Observation.proposal_id))
        query = query.where(or_(*(each.icontains(word, autoescape=True) for each in fields)))
    if match.cone is None:
        ids = np.array([row[0] for row in session.execute(query)], np.int64)
        return Located(ids, np.zeros(len(ids)))
    return _within(session, query, match.cone)


def _within(session: Session, query: Any, cone: Cone) -> Located:
    """A band of declination is read by its index; the rest is arithmetic."""
    south, north = cone.dec - cone.radius, cone.dec + cone.radius
    query = query.where(col(Observation.dec).between(south - 1e-6, north + 1e-6), col(Observation.ra).is_not(None))
    rows = [tuple(row) for row in session.execute(query)]
    table = np.array(rows, np.float64).reshape(-1, 3).T
    degrees = sky.separation(cone.ra, cone.dec, table[1], table[2])
    inside = np.flatnonzero(degrees <= cone.radius)
    order = inside[np.lexsort((table[0][inside], degrees[inside]))]
    return Located(table[0][order].astype(np.int64), degrees[order])


def conditions(session: Session, match: ObservationQuery, located: Located | None, *, without: str = "") -> list[Any]:
    """The WHERE of a query; ``without`` leaves out one facet's own choices."""
    found = []
    for facet, values in match.choices.items():
        if values and facet != without:
            chosen = COLUMNS[facet].in_(values)
            found.append(or_(chosen, COLUMNS[facet].is_(None)) if UNKNOWN in values else chosen)
    if match.obs_ids:
        lowered = sorted({value.lower() for value in match.obs_ids})
        found.append(func.lower(col(Observation.obs_id)).in_(lowered))
    if located is not None:
        found.append(one_of(session, col(Observation.id), located.ids.tolist()))
    return found


def count(session: Session, where: Sequence[Any]) -> int:
    """How many observations match."""
    return int(session.execute(select(func.count()).select_from(Observation).where(*where)).scalar_one())


def matching_ids(session: Session, where: Sequence[Any]) -> list[int]:
    """The ids of all that match, by mission and name."""
    return list(session.execute(select(col(Observation.id)).where(*where).order_by(*BY_NAME)).scalars())


def page(
    session: Session, where: Sequence[Any], column: str, *, descending: bool, limit: int, offset: int
) -> list[ObservationRow]:
    """One page of what matches, sorted by a column, then by name; unknown values come last either way."""
    key = COLUMNS[column]
    order = [key.is_(None), key.desc() if descending else key] if column != "mission" or descending else []
    return _rows(session, _select().where(*where).order_by(*order, *BY_NAME).limit(limit).offset(offset))


def after(session: Session, where: Sequence[Any], last: tuple[str, str] | None, limit: int) -> list[PlacedRow]:
    """What matches by mission and name, from behind the observation of that (mission, obs id) on."""
    names = PlacedRow.__dataclass_fields__
    query = select(*(col(getattr(Observation, name)) for name in names)).where(*where)
    if last is not None:
        mission, obs_id = BY_NAME
        query = query.where(or_(mission > last[0], (mission == last[0]) & (obs_id > last[1])))
    return [PlacedRow(*row) for row in session.execute(query.order_by(*BY_NAME).limit(limit))]


def by_ids(session: Session, wanted: Sequence[int]) -> list[ObservationRow]:
    """The observations of these ids, in that order."""
    found = {row.id: row for row in _rows(session, _select().where(one_of(session, col(Observation.id), wanted)))}
    return [found[i] for i in wanted if i in found]


def _select() -> Any:
    names = [name for name in ObservationRow.__dataclass_fields__ if name != "released_at"]
    return select(*(col(getattr(Observation, name)) for name in names), col(Rights.released_at)).outerjoin(
        Rights, col(Rights.id) == col(Observation.rights_id)
    )


def _rows(session: Session, query: Any) -> list[ObservationRow]:
    return [ObservationRow(*row) for row in session.execute(query)]


def contents(session: Session, wanted: Sequence[int]) -> dict[int, Content]:
    """``{observation id: Content}`` of a page's rows; an observation without files is absent."""
    files = func.count(col(Product.id))
    query = (
        select(
            col(ObservationProduct.observation_id),
            files,
            func.coalesce(func.sum(col(Product.size)), 0),
            files - func.count(col(Product.size)),
            func.max(col(Kind.level)),
        )
        .join(Product, col(Product.id) == col(ObservationProduct.product_id))
        .join(Kind, col(Kind.id) == col(Product.kind_id))
        .where(col(ObservationProduct.observation_id).in_(wanted), col(Product.withdrawn_at).is_(None))
        .group_by(col(ObservationProduct.observation_id))
    )
    return {row[0]: Content(row[1], int(row[2]), row[3], row[4]) for row in session.execute(query)}


def unique_content(session: Session, wanted: Sequence[int]) -> Content:
    """What many observations hold together: a file that several share counts once."""
    linked = select(col(ObservationProduct.product_id)).where(
        one_of(session, col(ObservationProduct.observation_id), wanted)
    )
    files = func.count()
    query = select(files, func.coalesce(func.sum(col(Product.size)), 0), files - func.count(col(Product.size))).where(
        col(Product.id).in_(linked), col(Product.withdrawn_at).is_(None)
    )
    row = session.execute(query).one()
    return Content(row[0], int(row[1]), row[2])


def facet(
    session: Session, name: str, where: Sequence[Any], chosen: Sequence[str], *, limit: int
) -> tuple[list[FacetCount], int]:
    """A facet's values, most matching first, at most ``limit`` and all ``chosen``; and how many values there are."""
    key = COLUMNS[name]
    matching = literal(0) if where else func.count()
    every = select(key.label("raw"), func.count().label("total"), matching.label("matching")).group_by(key)
    now = select(key, literal(0), func.count()).select_from(Observation).where(*where).group_by(key)
    both = (union_all(every, now) if where else every).subquery()
    value = func.coalesce(both.c.raw, literal_column(f"'{UNKNOWN}'"))
    sums = (
        select(value.label("value"), func.sum(both.c.total).label("total"), func.sum(both.c.matching).label("matching"))
        .group_by(value)
        .subquery()
    )
    place = func.row_number().over(order_by=(sums.c.matching.desc(), sums.c.total.desc(), sums.c.value))
    ranked = select(sums, place.label("place"), func.count().over().label("values")).subquery()
    query = (
        select(ranked.c.value, ranked.c.matching, ranked.c.total, ranked.c["values"])
        .where(or_(ranked.c.place <= limit, ranked.c.value.in_(chosen)))
        .order_by(ranked.c.place)
    )
    rows = session.execute(query).all()
    return [FacetCount(row[0], int(row[1]), int(row[2])) for row in rows], rows[0][3] if rows else 0


def in_basket(session: Session, basket_id: str, wanted: Sequence[int]) -> set[int]:
    """Those of a page's rows that a basket holds."""
    query = select(col(BasketObservation.observation_id)).where(
        col(BasketObservation.basket_id) == basket_id, col(BasketObservation.observation_id).in_(wanted)
    )
    return set(session.execute(query).scalars())


def by_names(session: Session, lowered: Sequence[str]) -> list[NameRow]:
    """The observations whose obs id, in lower case, is one of these (any number)."""
    return _names(session, one_of(session, func.lower(col(Observation.obs_id)), lowered))


def by_numbers(session: Session, numbers: Sequence[int]) -> list[NameRow]:
    """The observations of these numbers of the archive (any number of them)."""
    return _names(session, one_of(session, col(Observation.obsid), numbers))


def existing(session: Session, wanted: Sequence[int]) -> list[int]:
    """Those of these ids that are in the catalogue (any number)."""
    return list(
        session.execute(select(col(Observation.id)).where(one_of(session, col(Observation.id), wanted))).scalars()
    )


def _names(session: Session, condition: Any) -> list[NameRow]:
    fields = (col(getattr(Observation, name)) for name in NameRow.__dataclass_fields__)
    query = select(*fields).where(condition).order_by(*BY_NAME)
    return [NameRow(*row) for row in session.execute(query)]


def is_known(session: Session, observation_id: int) -> bool:
    """Whether there is an observation of that id."""
    query = select(col(Observation.id)).where(col(Observation.id) == observation_id)
    return session.execute(query).scalar_one_or_none() is not None
