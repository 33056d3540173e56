"""Reads about products: rows on screen, all that details show, what a delivery needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select
from sqlmodel import col

from webapp.access import ReadRights
from webapp.models import Folder, Kind, Observation, ObservationProduct, Product, Rights
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement
    from sqlmodel import Session

CHUNK = 5_000  # ids in one statement
MOST_OBSERVATIONS = 200  # shown in details
MOST_PREVIEWS = 100


@dataclass(frozen=True)
class ObservationName:
    """An observation as details name it."""

    id: int
    mission: str
    obs_id: str
    target: str | None
    instrument: str | None
    filters: str | None
    t_min: float | None


@dataclass(frozen=True)
class ProductDetails:
    """All that is known of one product. ``size`` in bytes or None."""

    id: int
    uri: str
    mission: str
    filename: str
    folder: str
    size: int | None
    sha256: str | None
    description: str | None
    dataproduct_type: str | None
    proposal_id: str | None
    project: str | None
    pipeline_version: str | None
    location: str | None
    revision: int
    withdrawn_at: int | None
    observation_id: int | None
    category: str
    ext: str
    group: str
    level: int | None
    recommended: bool
    rights: ReadRights


@dataclass(frozen=True)
class DeliveryRow:
    """What a manifest needs of a product."""

    id: int
    uri: str
    path: str  # MISSION/folder/file, as on screen
    size: int | None
    sha256: str | None
    crc32: int | None
    location: str | None
    withdrawn: bool
    rights: ReadRights


@dataclass(frozen=True)
class StoredFile:
    """What the file endpoint needs of a product."""

    filename: str
    sha256: str | None
    location: str | None
    revision: int
    withdrawn_at: int | None
    rights: ReadRights


@dataclass(frozen=True)
class NamedFile:
    """A product that somebody named by its URI. ``size`` in bytes or None."""

    id: int
    filename: str
    size: int | None
    rights: ReadRights


# Built once: a script asks for thousands of files in a row.
_STORED_FILE = (
    select(
        *(col(getattr(Product, name)) for name in ("filename", "sha256", "location", "revision", "withdrawn_at")),
        col(Rights.mission),
        col(Rights.programme),
        col(Rights.released_at),
    )
    .join(Rights, col(Rights.id) == col(Product.rights_id))
    .where(col(Product.uri) == bindparam("uri"))
)


def stored_file(session: Session, uri: str) -> StoredFile | None:
    """The file of a canonical URI."""
    row: Any = session.connection().execute(_STORED_FILE, {"uri": uri}).one_or_none()
    if row is None:
        return None
    *known, mission, programme, released_at = row
    values = (*known, ReadRights(mission, programme, released_at))
    return StoredFile(*values)


def details(session: Session, uri: str) -> ProductDetails | None:
    """The product of a canonical URI."""
    query = (
        select(
            *(col(getattr(Product, name)) for name in ("id", "uri", "mission", "filename")),
            col(Folder.path),
            *(
                col(getattr(Product, name))
                for name in (
                    "size",
                    "sha256",
                    "description",
                    "dataproduct_type",
                    "proposal_id",
                    "project",
                    "pipeline_version",
                    "location",
                    "revision",
                    "withdrawn_at",
                    "observation_id",
                )
            ),
            col(Kind.category),
            col(Kind.ext),
            col(Kind.group),
            col(Kind.level),
            col(Kind.recommended),
            col(Rights.mission),
            col(Rights.programme),
            col(Rights.released_at),
        )
        .join(Folder, col(Folder.id) == col(Product.folder_id))
        .join(Kind, col(Kind.id) == col(Product.kind_id))
        .join(Rights, col(Rights.id) == col(Product.rights_id))
        .where(col(Product.uri) == uri)
    )
    row: Any = session.execute(query).one_or_none()
    if row is None:
        return None
    *known, mission, programme, released_at = row
    values = (*known, ReadRights(mission, programme, released_at))
    return ProductDetails(*values)


def observations_of(session: Session, product_id: int) -> tuple[list[ObservationName], int]:
    """The observations that use a product (at most 200, its own first), and how many there are."""
    own = select(col(Product.observation_id)).where(col(Product.id) == product_id).scalar_subquery()
    query = (
        select(
            *(col(getattr(Observation, name)) for name in ObservationName.__dataclass_fields__),
        )
        .join(ObservationProduct, col(ObservationProduct.observation_id) == col(Observation.id))
        .where(col(ObservationProduct.product_id) == product_id)
        .order_by((col(Observation.id) != own), col(Observation.mission), col(Observation.obs_id))
        .limit(MOST_OBSERVATIONS)
    )
    names = [ObservationName(*row) for row in session.execute(query)]
    count = select(func.count()).select_from(ObservationProduct).where(col(ObservationProduct.product_id) == product_id)
    total = len(names) if len(names) < MOST_OBSERVATIONS else session.execute(count).scalar_one()
    return names, total


def previews(session: Session, product: ProductDetails, stem: str) -> list[tuple[str, str, ReadRights]]:
    """``(uri, filename, rights)`` of preview images (at most 100): of this stem, else of its folder or observation."""
    beside = (col(Folder.mission) == product.mission) & (col(Folder.path) == product.folder)
    places: list[ColumnElement[bool]] = [beside & col(Product.filename).startswith(stem, autoescape=True), beside]
    if product.observation_id is not None:
        places.append(col(Product.observation_id) == product.observation_id)
    query = (
        select(
            col(Product.uri), col(Product.filename), col(Rights.mission), col(Rights.programme), col(Rights.released_at)
        )
        .join(Kind, col(Kind.id) == col(Product.kind_id))
        .join(Rights, col(Rights.id) == col(Product.rights_id))
        .join(Folder, col(Folder.id) == col(Product.folder_id))
        .where(col(Product.withdrawn_at).is_(None), col(Kind.category) == "PREVIEW")
        .limit(MOST_PREVIEWS)
    )
    for place in places:
        found = [(row[0], row[1], ReadRights(*row[2:])) for row in session.execute(query.where(place))]
        if found:
            return found
    return []


def uris(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """``{product id: uri}``."""
    wanted = list(ids)
    found: dict[int, str] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(col(Product.id), col(Product.uri)).where(col(Product.id).in_(wanted[start : start + CHUNK]))
        found.update({row[0]: row[1] for row in session.execute(query)})
    return found


def listed(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """``{product id: (uri, sha256)}`` of one page of a list."""
    query = select(col(Product.id), col(Product.uri), col(Product.sha256)).where(one_of(session, col(Product.id), ids))
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def by_uris(session: Session, uris: Sequence[str]) -> dict[str, NamedFile]:
    """The products of these canonical URIs, those that there are and that are not withdrawn; any number of them."""
    found: dict[str, NamedFile] = {}
    rule = (col(Rights.mission), col(Rights.programme), col(Rights.released_at))
    columns = (col(Product.uri), col(Product.id), col(Product.filename), col(Product.size), *rule)
    for start in range(0, len(uris), CHUNK):
        query = select(*columns).join(Rights, col(Rights.id) == col(Product.rights_id))
        named = one_of(session, col(Product.uri), uris[start : start + CHUNK])
        for row in session.execute(query.where(named, col(Product.withdrawn_at).is_(None))):
            found[row[0]] = NamedFile(row[1], row[2], row[3], ReadRights(*row[4:]))
    return found


def rights_of(session: Session, uris: Sequence[str]) -> frozenset[ReadRights]:
    """The distinct rules of the products of these canonical URIs, those that there are; any number of them."""
    found: set[ReadRights] = set()
    for start in range(0, len(uris), CHUNK):
        named = select(col(Product.rights_id)).where(one_of(session, col(Product.uri), uris[start : start + CHUNK]))
        query = select(col(Rights.mission), col(Rights.programme), col(Rights.released_at)).where(
            col(Rights.id).in_(named)
        )
        found.update(ReadRights(*row) for row in session.execute(query))
    return frozenset(found)


def delivery_rows(session: Session, ids: Sequence[int]) -> Iterator[DeliveryRow]:
    """What a manifest needs, in the order of ``ids``; any number of them."""
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        query = (
            select(
                col(Product.id),
                col(Product.uri),
                col(Folder.mission),
                col(Folder.path),
                col(Product.filename),
                col(Product.size),
                col(Product.sha256),
                col(Product.crc32),
                col(Product.location),
                col(Product.withdrawn_at).is_not(None),
                col(Rights.mission),
                col(Rights.programme),
                col(Rights.released_at),
            )
            .join(Folder, col(Folder.id) == col(Product.folder_id))
            .join(Rights, col(Rights.id) == col(Product.rights_id))
            .where(col(Product.id).in_(part))
        )
        rows: dict[int, DeliveryRow] = {}
        for row in session.execute(query):
            number, uri, top, folder, name, size, sha256, crc32, location, withdrawn, *rights = row
            path = f"{top}/{folder}/{name}"
            rule = ReadRights(*rights)
            rows[number] = DeliveryRow(number, uri, path, size, sha256, crc32, location, withdrawn, rule)
        yield from (rows[i] for i in part)
