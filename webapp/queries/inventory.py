"""The columns of a basket's inventory: one pass over its products, at most one million of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import exists, select, union
from sqlmodel import col

from webapp.inventory.inventory import Kind
from webapp.models import BasketAddition, BasketObservation, CatalogueState, Folder, ObservationProduct, Product, Rights
from webapp.models import Kind as KindRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from sqlalchemy import Select
    from sqlmodel import Session

FETCH_ROWS = 50_000  # rows turned into arrays at a time, to bound the memory that Python objects take


@dataclass(frozen=True, eq=False)
class Columns:
    """Parallel columns over n products, in (folder, file name) order; ids are the catalogue's."""

    product: NDArray[np.int64]
    folder: NDArray[np.int64]
    kind: NDArray[np.int64]
    rights: NDArray[np.int64]
    size: NDArray[np.int64]  # bytes, -1 unknown
    names: list[str]


@dataclass(frozen=True, eq=False)
class Links:
    """Parallel columns over links of observations that have no recommended product."""

    observation: NDArray[np.int64]
    product: NDArray[np.int64]


def catalogue_version(session: Session) -> int:
    """The number that rises with every merge into the catalogue."""
    return session.execute(select(col(CatalogueState.version))).scalar() or 0


def _members(basket_id: str) -> Any:
    linked = (
        select(col(ObservationProduct.product_id))
        .join(BasketObservation, col(BasketObservation.observation_id) == col(ObservationProduct.observation_id))
        .where(col(BasketObservation.basket_id) == basket_id)
    )
    added = select(col(BasketAddition.product_id)).where(col(BasketAddition.basket_id) == basket_id)
    return union(linked, added).subquery("members")


def columns(session: Session, basket_id: str) -> Columns:
    """The unique products of a basket's observations and additions; withdrawn ones are not there to be had."""
    members = _members(basket_id)
    query = (
        select(
            col(Product.id),
            col(Product.folder_id),
            col(Product.kind_id),
            col(Product.rights_id),
            col(Product.size),
            col(Product.filename),
        )
        .join(members, members.c.product_id == col(Product.id))
        .where(col(Product.withdrawn_at).is_(None))
    )
    parts: list[NDArray[np.int64]] = []
    names: list[str] = []
    for rows in _batches(session, query):
        ids, folders, kinds, rights, sizes, batch = zip(*rows, strict=True)
        known = [-1 if size is None else size for size in sizes]
        parts.append(np.array([ids, folders, kinds, rights, known], np.int64))
        names.extend(batch)
    table = np.concatenate(parts, axis=1) if parts else np.empty((5, 0), np.int64)
    product, folder, kind, rights, size = table
    return Columns(product, folder, kind, rights, size, names)


def links_without_recommended(session: Session, basket_id: str) -> Links:
    """The links of those of a basket's observations that have no product marked recommended."""
    marked = (
        select(col(ObservationProduct.product_id))
        .join(Product, col(Product.id) == col(ObservationProduct.product_id))
        .join(KindRow, col(KindRow.id) == col(Product.kind_id))
        .where(
            col(ObservationProduct.observation_id) == col(BasketObservation.observation_id),
            col(KindRow.recommended),
            col(Product.withdrawn_at).is_(None),
        )
    )
    query = (
        select(col(ObservationProduct.observation_id), col(ObservationProduct.product_id))
        .join(BasketObservation, col(BasketObservation.observation_id) == col(ObservationProduct.observation_id))
        .where(col(BasketObservation.basket_id) == basket_id, ~exists(marked))
    )
    parts = [np.array(rows, np.int64).T for rows in _batches(session, query)]
    table = np.concatenate(parts, axis=1) if parts else np.empty((2, 0), np.int64)
    return Links(*table)


def folders(session: Session, ids: NDArray[np.int64]) -> dict[int, tuple[str, str]]:
    """``{folder id: (mission, path)}`` of the ids named (any number)."""
    found: dict[int, tuple[str, str]] = {}
    for chunk in _chunks(np.unique(ids)):
        query = select(col(Folder.id), col(Folder.mission), col(Folder.path)).where(col(Folder.id).in_(chunk))
        found.update({row[0]: (row[1], row[2]) for row in session.execute(query)})
    return found


def kinds(session: Session, ids: NDArray[np.int64]) -> dict[int, Kind]:
    """``{kind id: Kind}`` of the ids named."""
    query = select(KindRow)
    wanted = set(ids.tolist())
    return {
        row.id: Kind(row.mission, row.category, row.ext, row.group, row.level, row.recommended)
        for row in session.execute(query).scalars()
        if row.id in wanted
    }


def release_times(session: Session, ids: Iterable[int]) -> dict[int, int | None]:
    """``{rights id: released_at}``."""
    query = select(col(Rights.id), col(Rights.released_at)).where(col(Rights.id).in_(list(ids)))
    return {row[0]: row[1] for row in session.execute(query)}


def _chunks(ids: NDArray[np.int64], size: int = 5_000) -> list[list[int]]:
    return [ids[i : i + size].tolist() for i in range(0, len(ids), size)]


def _batches(session: Session, query: Select[*tuple[Any, ...]]) -> Any:
    """Rows of a large query as plain tuples, by the driver's own cursor: five times faster than through row objects."""
    connection = session.connection()
    compiled = query.compile(dialect=connection.dialect)
    cursor = connection.connection.cursor()
    try:
        parameters: Any = (
            compiled.params if compiled.positiontup is None else [compiled.params[k] for k in compiled.positiontup]
        )
        cursor.execute(str(compiled), parameters)
        while rows := cursor.fetchmany(FETCH_ROWS):
            yield rows
    finally:
        cursor.close()
