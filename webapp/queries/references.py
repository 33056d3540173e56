"""Reads about calibration references: which products name which files, and which of those the catalogue has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, Text, cast, func, select
from sqlmodel import col

from webapp.ingest.folders import REFERENCES
from webapp.models import Folder, Kind, Observation, Product, ReferenceRole, ReferenceUse
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement, Select
    from sqlmodel import Session

CHUNK = 5_000  # values in one statement
MOST_PRODUCTS = 100_000  # in one statement, and in one text: some 20 MB
DENSE = 2  # a range with so many ids for each that is wanted is read as a whole: a third sooner
PAIR = 2**32  # two numbers in one


@dataclass(frozen=True, eq=False)
class Uses:
    """Parallel columns over n links; ids are the catalogue's."""

    product: NDArray[np.int64]
    role: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sets:
    """What products name: parallel columns over those that name any, and over what is in the sets that they share.

    ``set_of``: the number of each product's set; ``member_of`` and ``role``: what is in a set. Numbers count from 0,
    ids are the catalogue's.
    """

    product: NDArray[np.int64]
    set_of: NDArray[np.int64]
    member_of: NDArray[np.int64]
    role: NDArray[np.int64]


class Role(NamedTuple):
    """One way that files name a reference. ``context`` and ``uri`` may be empty."""

    id: int
    mission: str
    keyword: str
    name: str
    context: str
    uri: str


class Held(NamedTuple):
    """A reference file that the catalogue has. ``size`` in bytes or None."""

    id: int
    uri: str
    mission: str
    name: str
    size: int | None
    location: str | None
    description: str | None
    withdrawn: bool
    folder: str


def uses(session: Session, products: Sequence[int]) -> Uses:
    """The links of these products; any number of them."""
    # One long text is read twice as fast as a row for each link.
    pair = cast(cast(col(ReferenceUse.product_id), BigInteger) * PAIR + col(ReferenceUse.role_id), Text)
    query = select(func.aggregate_strings(pair, ","))
    texts = _in_chunks(session, query, col(ReferenceUse.product_id), products, MOST_PRODUCTS)
    pairs = np.concatenate(
        [np.empty(0, np.int64), *(np.fromstring(text or "", np.int64, sep=",") for (text,) in texts)]
    )
    return Uses(*np.divmod(pairs, PAIR))


def sets(session: Session, products: NDArray[np.int64]) -> Sets:
    """What these products (any number of them, ascending) and maybe some others name.

    Exposures share what they were calibrated with, so that a set is read once, and not a row for each link.
    """
    named = func.aggregate_strings(cast(col(ReferenceUse.role_id), Text), ",").label("named")
    rows: list[Any] = []
    column = col(ReferenceUse.product_id)
    for among in _among(session, column, products):
        each = select(column, named).where(among).group_by(column).subquery()
        ids = func.aggregate_strings(cast(each.c.product_id, Text), ",")
        shared = select(each.c.named, ids).group_by(each.c.named)
        rows += session.connection().execute(shared).all()
    numbers: dict[str, int] = {}
    of = [numbers.setdefault(row[0], len(numbers)) for row in rows]
    product, users = _numbers([row[1] for row in rows])
    role, members = _numbers(list(numbers))
    return Sets(product, np.repeat(of, users), np.repeat(np.arange(len(numbers)), members), role)


def instruments(session: Session, products: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Which of these products (any number of them, ascending), and of some others, each instrument observed.

    As observations name it, with detector or mode: WFC3/IR.
    """
    found: dict[str, list[NDArray[np.int64]]] = {}
    ids = func.aggregate_strings(cast(col(Product.id), Text), ",")
    query = select(col(Observation.instrument), ids).join(Product, col(Product.observation_id) == col(Observation.id))
    for among in _among(session, col(Product.id), products):
        for name, text in session.execute(query.where(among).group_by(col(Observation.instrument))):
            found.setdefault(name or "", []).append(_numbers([text])[0])
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _among(session: Session, column: Any, products: NDArray[np.int64]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together hold for these ids (ascending), and where they lie close for those between them."""
    for start in range(0, len(products), MOST_PRODUCTS):
        part = products[start : start + MOST_PRODUCTS]
        first, last = int(part[0]), int(part[-1])
        dense = last - first < DENSE * len(part)
        yield column.between(first, last) if dense else one_of(session, column, part.tolist())


def _numbers(texts: Sequence[str]) -> tuple[NDArray[np.int64], list[int]]:
    """The numbers in some lists, and how many each has."""
    return np.fromstring(",".join(texts), np.int64, sep=","), [text.count(",") + 1 for text in texts]


def roles(session: Session, ids: Sequence[int]) -> list[Role]:
    """The roles of these ids, in any order; any number of them."""
    return [Role(*row) for row in _in_chunks(session, select(*_ROLE), col(ReferenceRole.id), ids)]


def roles_of(session: Session, product_id: int) -> list[Role]:
    """What one product names, by keyword."""
    query = (
        select(*_ROLE)
        .join(ReferenceUse, col(ReferenceUse.role_id) == col(ReferenceRole.id))
        .where(col(ReferenceUse.product_id) == product_id)
        .order_by(col(ReferenceRole.keyword), col(ReferenceRole.name))
    )
    return [Role(*row) for row in session.execute(query)]


def held(session: Session, wanted: Sequence[Role]) -> dict[int, Held]:
    """``{role id: file}`` of those roles whose file the catalogue has; any number of them.

    A role with a URI means that product. One without means a calibration file of that name, compressed or not: of its
    own mission first, as joint products are made with the references of others.
    """
    by_uri = {row.uri: Held(*row) for row in _in_chunks(session, _HELD, col(Product.uri), _distinct(wanted, "uri"))}
    names = [form for name in _distinct(wanted, "name") for form in _forms(name)]
    by_name: dict[str, list[Held]] = {}
    places = list(session.execute(_PLACES).scalars())
    here = _HELD.where(col(Product.folder_id).in_(places))
    for row in _in_chunks(session, here, col(Product.filename), names):
        by_name.setdefault(row.filename, []).append(Held(*row))

    @cache
    def meant(mission: str, name: str, uri: str) -> Held | None:
        if uri:
            return by_uri.get(uri)
        candidates = [each for form in _forms(name) for each in by_name.get(form, ())]
        return min(candidates, key=lambda each: (each.withdrawn, each.mission != mission), default=None)

    found = {role.id: meant(role.mission, role.name, role.uri) for role in wanted}
    return {role: file for role, file in found.items() if file}


class Naming(NamedTuple):
    """A product that names a reference, by its id, and the role by which it does."""

    product: int
    role: Role


def count_of(session: Session, product_id: int) -> int:
    """How many links one product has."""
    query = select(func.count()).select_from(ReferenceUse).where(col(ReferenceUse.product_id) == product_id)
    return int(session.execute(query).scalar_one())


def roles_naming(session: Session, uri: str, name: str) -> list[Role]:
    """The roles that may mean a file: by its URI, or by its name, compressed or not."""
    by_name = (col(ReferenceRole.uri) == "") & col(ReferenceRole.name).in_(_forms(name))
    query = select(*_ROLE).where((col(ReferenceRole.uri) == uri) | by_name)
    return [Role(*row) for row in session.execute(query)]


def naming(session: Session, wanted: Sequence[Role], limit: int) -> tuple[list[Naming], int]:
    """The first ``limit`` products that are linked by these roles, and how many there are; withdrawn ones aside."""
    by_id = {role.id: role for role in wanted}
    linked = (
        select(col(ReferenceUse.product_id), col(ReferenceUse.role_id))
        .join(Product, col(Product.id) == col(ReferenceUse.product_id))
        .where(one_of(session, col(ReferenceUse.role_id), list(by_id)), col(Product.withdrawn_at).is_(None))
    )
    first = linked.order_by(col(Product.mission), col(Product.filename)).limit(limit)
    found = [Naming(row[0], by_id[row[1]]) for row in session.execute(first)]
    every = linked.subquery()
    count = select(func.count(every.c.product_id.distinct()))
    return found, session.execute(count).scalar_one()


def calibration_files(session: Session, uris: Sequence[str]) -> dict[str, tuple[int, int | None]]:
    """``{uri: (product id, size)}`` of those canonical URIs that are calibration files and not withdrawn.

    What a table named as a reference is one, whatever else it is.
    """
    by_table = select(col(ReferenceRole.uri)).where(col(ReferenceRole.uri) != "")
    query = (
        select(col(Product.uri), col(Product.id), col(Product.size))
        .join(Kind, col(Kind.id) == col(Product.kind_id))
        .where(
            (col(Kind.category) == "CALIBRATION") | col(Product.uri).in_(by_table), col(Product.withdrawn_at).is_(None)
        )
    )
    return {row[0]: (row[1], row[2]) for row in _in_chunks(session, query, col(Product.uri), uris)}


_ROLE = tuple(col(getattr(ReferenceRole, name)) for name in Role._fields)
_HELD = select(
    *(col(getattr(Product, name)) for name in ("id", "uri", "mission", "filename", "size", "location", "description")),
    col(Product.withdrawn_at).is_not(None),
    col(Folder.path),
).join(Folder, col(Folder.id) == col(Product.folder_id))
# By (mission, path), of which there is an index: a catalogue may have a million folders.
_PLACES = select(col(Folder.id)).where(
    col(Folder.path) == REFERENCES,
    col(Folder.mission).in_(select(col(Kind.mission)).where(col(Kind.category) == "CALIBRATION").distinct()),
)


def _forms(name: str) -> tuple[str, str]:
    """A file's name, and the name that it has where archives keep it compressed, or not."""
    return name, name.removesuffix(".gz") if name.endswith(".gz") else f"{name}.gz"


def _distinct(wanted: Sequence[Role], column: str) -> list[str]:
    return sorted({getattr(role, column) for role in wanted if bool(role.uri) == (column == "uri")})


def _in_chunks(
    session: Session,
    query: Select[*tuple[Any, ...]],
    column: Any,
    values: Sequence[int] | Sequence[str],
    most: int = CHUNK,
) -> Iterator[Any]:
    for start in range(0, len(values), most):
        among = one_of(session, column, values[start : start + most])
        yield from session.connection().execute(query.where(among)).all()  # the session's own rows take twice as long
