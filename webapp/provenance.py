"""Where a file comes from, both ways: the references that it was made with, and the files that a reference made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from webapp.db import reading
from webapp.errors import UserError
from webapp.file_links import links_of
from webapp.ingest.uris import UriError, canonical
from webapp.queries import associations as files
from webapp.queries import products
from webapp.queries import references as query
from webapp.reference_types import reference_type
from webapp.urls import address

if TYPE_CHECKING:
    from sqlmodel import Session

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.file_links import FileLink
    from webapp.queries.products import ProductDetails
    from webapp.urls import PageState

MOST_SHOWN = 200  # files made with one reference


@dataclass(frozen=True)
class Made:
    """One link: of a file to a reference, or of a reference to a file. ``link`` is None where the archive has none."""

    keyword: str
    name: str
    label: str
    meaning: str
    context: str
    link: FileLink | None


@dataclass(frozen=True)
class Provenance:
    """``made_with`` of any file, ``makes`` of a reference: the first of ``count`` files."""

    filename: str
    back: str  # the page with this file open
    frozen: bool  # the basket
    version: str  # of the pipeline; may be empty
    contexts: tuple[str, ...]
    made_with: tuple[Made, ...]
    makes: tuple[Made, ...]
    count: int
    reference: bool


def provenance(services: Services, basket: Opened, state: PageState, uri: str) -> Provenance:
    """Of the product with this URI. Raises UserError 400, 404."""
    try:
        wanted = canonical(uri)
    except UriError as error:
        raise UserError(400, str(error), "Open a file in the basket, and follow its links.") from error
    with reading(services.engine) as session:
        product = products.details(session, wanted)
        if product is None:
            raise UserError(404, "The archive knows no file by this address.", "It may have been mistyped.")
        roles = query.roles_of(session, product.id)
        held = query.held(session, roles)
        reference = product.category == "CALIBRATION"
        users, count = _users(session, product) if reference else ([], 0)
        uri_of = products.uris(session, [*(each.id for each in held.values()), *(each.product for each in users)])
        links = links_of(basket, state, files.by_uris(session, sorted(set(uri_of.values()))))
    return Provenance(
        filename=product.filename,
        back=address(basket.base, replace(state, file=product.uri)),
        frozen=basket.row.frozen,
        version=" ".join(filter(None, (product.project, product.pipeline_version))),
        contexts=tuple(sorted({role.context for role in roles} - {""})),
        made_with=tuple(_made(role, links[held[role.id].uri] if role.id in held else None) for role in roles),
        makes=tuple(_made(each.role, links[uri_of[each.product]]) for each in users),
        count=count,
        reference=reference,
    )


def _users(session: Session, reference: ProductDetails) -> tuple[list[query.Naming], int]:
    """The first files that name this reference and no other of the same name, and how many there are."""
    roles = query.roles_naming(session, reference.uri, reference.filename)
    held = query.held(session, roles)
    return query.naming(
        session, [role for role in roles if role.id in held and held[role.id].id == reference.id], MOST_SHOWN
    )


def _made(role: query.Role, link: FileLink | None) -> Made:
    kind = reference_type(role.mission, role.name, role.keyword)
    return Made(role.keyword, role.name, kind.label, kind.meaning, role.context, link)
