"""Reads for MAST's clients: the products of observations, page by page.

A product comes once for each of the observations that list it, as at MAST. What is recommended is what the baskets of
these observations say: see docs/decisions/0001.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import case, exists, func, literal, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from webapp.ingest.names import NO_GROUP
from webapp.inventory.inventory import UNKNOWN_LEVEL
from webapp.inventory.recommended import stand_ins
from webapp.models import Kind, Observation, ObservationProduct, Product, Rights
from webapp.queries.mast import obsid, rights
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import Session

RECOMMENDED = "Minimum Recommended Products"

_LISTED = (col(Product.id) == col(ObservationProduct.product_id)) & col(Product.withdrawn_at).is_(None)


def count(session: Session, observations: Sequence[int]) -> int:
    """How many rows there are in all."""
    query = select(func.count()).select_from(ObservationProduct).join(Product, _LISTED)
    return int(session.execute(query.where(_of(session, observations))).scalar_one())


def page(
    session: Session, names: Sequence[str], observations: Sequence[int], now: int, *, limit: int, offset: int
) -> list[tuple[Any, ...]]:
    """One page of rows, by the ids of the observations that were asked for, then of their products."""
    own, parent = aliased(Observation), aliased(Observation)
    held = _held(own, parent, now)
    query = (
        select(col(Product.id), *(held.get(name, literal(None)).label(f"c{i}") for i, name in enumerate(names)))
        .select_from(ObservationProduct)
        .join(Product, _LISTED)
        .join(Kind, col(Kind.id) == col(Product.kind_id))
        .join(Rights, col(Rights.id) == col(Product.rights_id))
        .join(parent, col(parent.id) == col(ObservationProduct.observation_id))
        .outerjoin(own, col(own.id) == col(Product.observation_id))
        .where(_of(session, observations))
        .order_by(col(ObservationProduct.observation_id), col(ObservationProduct.product_id))
        .limit(limit)
        .offset(offset)
    )
    rows = [tuple(row) for row in session.connection().execute(query)]
    standing = _stand_ins(session, observations)
    place = names.index("productGroupDescription") + 1
    return [(*row[1:place], RECOMMENDED, *row[place + 1 :]) if row[0] in standing else row[1:] for row in rows]


def _held(own: Any, parent: Any, now: int) -> dict[str, Any]:
    return {
        "obsID": func.coalesce(obsid(own), obsid(parent)),  # a reference file is nobody's own
        "obs_collection": col(Product.mission),
        "dataproduct_type": col(Product.dataproduct_type),
        "obs_id": func.coalesce(col(own.obs_id), col(parent.obs_id)),
        "description": col(Product.description),
        "dataURI": col(Product.uri),
        "productType": col(Kind.category),
        "productGroupDescription": case((col(Kind.recommended), literal(RECOMMENDED))),
        "productSubGroupDescription": func.nullif(col(Kind.group), NO_GROUP),
        "project": col(Product.project),
        "prvversion": col(Product.pipeline_version),
        "proposal_id": col(Product.proposal_id),
        "productFilename": col(Product.filename),
        "size": col(Product.size),
        "parent_obsid": obsid(parent),
        "dataRights": rights(now),
        "calib_level": col(Kind.level),
        "filters": col(own.filters),
    }


def _of(session: Session, observations: Sequence[int]) -> Any:
    return one_of(session, col(ObservationProduct.observation_id), observations)


def _stand_ins(session: Session, observations: Sequence[int]) -> set[int]:
    """The products that count as recommended, since one of these observations has none that is marked so."""
    other, marked = aliased(ObservationProduct), aliased(Product)
    has_marked = exists(
        select(literal(1))
        .select_from(other)
        .join(marked, (col(marked.id) == col(other.product_id)) & col(marked.withdrawn_at).is_(None))
        .join(Kind, col(Kind.id) == col(marked.kind_id))
        .where(col(other.observation_id) == col(Observation.id), col(Kind.recommended))
        .correlate(Observation)
    )
    needy = select(col(Observation.id)).where(one_of(session, col(Observation.id), observations), ~has_marked)
    query = (
        select(
            col(ObservationProduct.observation_id),
            col(Product.id),
            func.coalesce(col(Kind.level), UNKNOWN_LEVEL),
            case((col(Kind.category) == "SCIENCE", 1), else_=0),
        )
        .select_from(ObservationProduct)
        .join(Product, _LISTED)
        .join(Kind, col(Kind.id) == col(Product.kind_id))
        .where(col(ObservationProduct.observation_id).in_(needy))
    )
    links = np.array([tuple(row) for row in session.execute(query)], np.int64).reshape(-1, 4)
    if not len(links):
        return set()
    products, first, row = np.unique(links[:, 1], return_index=True, return_inverse=True)
    none = np.zeros(len(products), np.bool_)
    found = stand_ins(links[:, 0], row, links[first, 2], links[first, 3] == 1, none)
    return set(products[found].tolist())
