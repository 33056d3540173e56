"""Reads about what an association names: files by their names or by what their names begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select
from sqlmodel import col

from webapp.models import Folder, Kind, Product
from webapp.queries.sets import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlmodel import Session

DATA = ("SCIENCE", "CATALOG", "AUXILIARY")  # what a product or an exposure is, beside pictures and lists of it
MOST_FOLDERS = 1_000  # with one beginning; a NIRSpec observation has some hundred sources


@dataclass(frozen=True)
class NamedProduct:
    """A product that an association may mean, and what says how far it is calibrated."""

    id: int
    uri: str
    mission: str
    filename: str
    folder: str
    category: str
    ext: str
    group: str
    level: int | None
    recommended: bool
    withdrawn: bool


def by_uris(session: Session, uris: Sequence[str]) -> list[NamedProduct]:
    """The products of these canonical URIs, withdrawn ones too; any number of them in one statement."""
    return _read(session, one_of(session, col(Product.uri), uris)) if uris else []


def in_folders(
    session: Session, mission: str, whole: Sequence[str], parts: Sequence[str] = (), names: Sequence[str] = ()
) -> list[NamedProduct]:
    """All data in the folders ``whole`` of a mission, and of the folders ``parts`` the files called ``names``.

    Any number of them in one statement.
    """
    wanted: list[ColumnElement[bool]] = []
    if whole:
        wanted.append(and_(one_of(session, col(Folder.path), whole), col(Kind.category).in_(DATA)))
    if parts and names:
        wanted.append(and_(one_of(session, col(Folder.path), parts), one_of(session, col(Product.filename), names)))
    if not wanted:
        return []
    here = one_of(session, col(Folder.path), [*whole, *parts])  # the index that both have in common
    return _read(session, and_(col(Folder.mission) == mission, here, or_(*wanted)))


def folders(session: Session, mission: str, beginnings: Sequence[str]) -> list[str]:
    """The folders of a mission whose paths have one of these beginnings (not empty); 1,000 of them at most."""
    if not beginnings:
        return []
    path = col(Folder.path)
    if session.get_bind().dialect.name == "sqlite":  # its index is in the order of code points
        begins = [and_(path >= each, path < each[:-1] + chr(ord(each[-1]) + 1)) for each in beginnings]
    else:
        begins = [path.startswith(each, autoescape=True) for each in beginnings]
    query = select(path).where(col(Folder.mission) == mission, or_(*begins)).order_by(path).limit(MOST_FOLDERS)
    return list(session.execute(query).scalars())


def _read(session: Session, condition: ColumnElement[bool]) -> list[NamedProduct]:
    query: Any = (
        select(
            col(Product.id),
            col(Product.uri),
            col(Product.mission),
            col(Product.filename),
            col(Folder.path),
            col(Kind.category),
            col(Kind.ext),
            col(Kind.group),
            col(Kind.level),
            col(Kind.recommended),
            col(Product.withdrawn_at).is_not(None),
        )
        .join(Folder, col(Folder.id) == col(Product.folder_id))
        .join(Kind, col(Kind.id) == col(Product.kind_id))
        .where(condition)
    )
    return [NamedProduct(*row) for row in session.execute(query)]
