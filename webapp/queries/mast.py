"""Reads for MAST's clients: observations by criteria and position, page by page.

Rows are tuples in the order of the columns that are asked for, in MAST's words and units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Text, and_, case, func, literal, or_, select
from sqlmodel import col

from webapp.ingest.names import LEVELS
from webapp.ingest.rights import DAY, MJD_1970
from webapp.mast.columns import SEPARATOR
from webapp.models import Kind, Observation, ObservationProduct, Product, Rights
from webapp.models.catalogue import ALWAYS
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement
    from sqlmodel import Session

    from webapp.mast.criteria import Criterion

OWN = 10**18  # obsids from here on are ours: no ingest takes a number of the archive's that has 19 digits
MOST_ID = 2**31 - 1  # what the columns of ids hold on PostgreSQL
PUBLIC, EXCLUSIVE = "PUBLIC", "EXCLUSIVE_ACCESS"
ORDER = (col(Observation.mission), col(Observation.obs_id))


def obsid(table: Any) -> ColumnElement[Any]:
    """The archive's number of an observation; of one that has none, one of ours, which stays as long as its row."""
    return case((table.id.is_(None), None), else_=func.coalesce(table.obsid, table.id + literal(OWN)))


def rights(now: int) -> ColumnElement[Any]:
    """Who may read now, in MAST's words."""
    return case(
        (col(Rights.id).is_(None), None), (col(Rights.released_at) <= now, literal(PUBLIC)), else_=literal(EXCLUSIVE)
    )


def _level() -> ColumnElement[Any]:
    """The highest known level among an observation's products."""
    return (
        select(func.max(col(Kind.level)))
        .select_from(ObservationProduct)
        .join(Product, col(Product.id) == col(ObservationProduct.product_id))
        .join(Kind, col(Kind.id) == col(Product.kind_id))
        .where(
            col(ObservationProduct.observation_id) == col(Observation.id),
            col(Product.withdrawn_at).is_(None),
        )
        .correlate(Observation)
        .scalar_subquery()
    )


def _held(now: int) -> dict[str, Any]:
    """What the catalogue has of MAST's table of observations."""
    released = col(Rights.released_at)
    return {
        "obs_collection": col(Observation.mission),
        "instrument_name": col(Observation.instrument),
        "filters": col(Observation.filters),
        "target_name": col(Observation.target),
        "obs_id": col(Observation.obs_id),
        "s_ra": col(Observation.ra),
        "s_dec": col(Observation.dec),
        "dataproduct_type": col(Observation.dataproduct_type),
        "calib_level": _level(),
        "t_min": col(Observation.t_min),
        "t_max": col(Observation.t_max),
        "t_obs_release": case((released > ALWAYS, released / float(DAY) + MJD_1970)),
        "proposal_id": col(Observation.proposal_id),
        "dataRights": rights(now),
        "obsid": obsid(Observation),
    }


def where(session: Session, criteria: Sequence[Criterion], now: int) -> list[ColumnElement[bool]]:
    """The conditions of criteria, each on a column that the catalogue holds."""
    held = _held(now)
    return [_condition(session, each, held[each.column]) for each in criteria]


def _condition(session: Session, asked: Criterion, column: ColumnElement[Any]) -> ColumnElement[bool]:
    if asked.ranges:
        return or_(
            *(
                and_(
                    column.is_not(None),
                    *([column >= low] if low is not None else []),
                    *([column <= high] if high is not None else []),
                )
                for low, high in asked.ranges
            )
        )
    if asked.column == "obsid":
        return _has_number(session, asked.whole)
    if asked.whole:
        return column.in_(sorted({each for each in asked.whole if each in LEVELS}))
    said = [one_of(session, column, asked.values)] if asked.values else []
    said += [one_of(session, func.lower(column), [each.lower() for each in asked.values])] if asked.values else []
    inside = SEPARATOR + func.replace(column, f"{SEPARATOR} ", SEPARATOR, type_=Text) + SEPARATOR
    if asked.many and asked.values and (cells := _cells(session, column, asked.values)):
        said.append(one_of(session, column, cells))
    if asked.pattern:
        pattern = asked.pattern.replace("\\", "\\\\").replace("_", "\\_")
        said.append(column.ilike(pattern, escape="\\"))
        if asked.many:
            said.append(inside.ilike(f"%{SEPARATOR}{pattern}{SEPARATOR}%", escape="\\"))
    return or_(*said)


def _cells(session: Session, column: ColumnElement[Any], values: Sequence[str]) -> list[str]:
    """The cells that hold one of these among others. Looked for here: a condition for each value takes minutes."""
    wanted = {each.lower() for each in values}
    longest = 1 + max(each.count(SEPARATOR) for each in wanted)
    found = []
    for cell in session.execute(select(column).where(column.is_not(None)).distinct()).scalars():
        parts = cell.lower().replace(f"{SEPARATOR} ", SEPARATOR).split(SEPARATOR)
        lengths = range(1, 1 + min(longest, len(parts)))
        if any(SEPARATOR.join(parts[at : at + n]) in wanted for n in lengths for at in range(len(parts))):
            found.append(cell)
    return found


def _has_number(session: Session, wanted: Sequence[int]) -> ColumnElement[bool]:
    """Whether an observation's obsid is one of these, by the index of the one or the other kind."""
    ours = [each - OWN for each in wanted if OWN < each <= OWN + MOST_ID]
    theirs = [each for each in wanted if 0 < each < OWN]
    return or_(
        one_of(session, col(Observation.obsid), theirs),
        and_(one_of(session, col(Observation.id), ours), col(Observation.obsid).is_(None)),
    )


def count(session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many observations meet all conditions."""
    return int(session.execute(_with_rights(select(func.count()), conditions)).scalar_one())


def ids(session: Session, conditions: Sequence[ColumnElement[bool]], among: Sequence[int]) -> NDArray[np.int64]:
    """The ids of those observations ``among`` these that meet all conditions."""
    both = [*conditions, one_of(session, col(Observation.id), among)]
    found = session.execute(_with_rights(select(col(Observation.id)), both)).scalars()
    return np.fromiter(found, np.int64)


def page(
    session: Session,
    names: Sequence[str],
    conditions: Sequence[ColumnElement[bool]],
    now: int,
    *,
    limit: int,
    offset: int,
) -> list[tuple[Any, ...]]:
    """One page of those observations, by mission and name."""
    query = _with_rights(select(*_select(names, now)), conditions)
    return [tuple(row) for row in session.execute(query.order_by(*ORDER).limit(limit).offset(offset))]


def by_ids(session: Session, names: Sequence[str], wanted: Sequence[int], now: int) -> dict[int, tuple[Any, ...]]:
    """``{id: row}`` of these observations."""
    query = _with_rights(
        select(col(Observation.id), *_select(names, now)), [one_of(session, col(Observation.id), wanted)]
    )
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}


def _select(names: Sequence[str], now: int) -> list[ColumnElement[Any]]:
    held: dict[str, ColumnElement[Any]] = _held(now)
    return [held.get(name, literal(None)).label(f"c{place}") for place, name in enumerate(names)]


def _with_rights(query: Any, conditions: Sequence[ColumnElement[bool]]) -> Any:
    joined = query.select_from(Observation).outerjoin(Rights, col(Rights.id) == col(Observation.rights_id))
    return joined.where(*conditions)


def histogram(session: Session, name: str, limit: int) -> list[tuple[str, int]]:
    """The values of a column of observations, and how many have each, most first."""
    key = func.coalesce(_held(0)[name], "")
    found = select(key, func.count()).select_from(Observation).group_by(key).order_by(func.count().desc(), key)
    return [(row[0], row[1]) for row in session.execute(found.limit(limit))]


def asked_for(session: Session, wanted: Sequence[int]) -> NDArray[np.int64]:
    """The ids of the observations with these obsids, sorted."""
    found = session.execute(select(col(Observation.id)).where(_has_number(session, wanted))).scalars()
    return np.sort(np.fromiter(found, np.int64))
