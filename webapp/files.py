"""One product's bytes: found by its data URI, and only for those who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp import clock
from webapp.access import ANYBODY, may_read
from webapp.db import reading
from webapp.errors import UserError
from webapp.ingest.uris import UriError, canonical
from webapp.queries import products

if TYPE_CHECKING:
    from jobs.storage import Located, Remote
    from webapp.access import Who
    from webapp.context import Services


@dataclass(frozen=True)
class Found:
    """A product that may be read, and where its bytes are."""

    uri: str
    filename: str
    place: Located | Remote
    sha256: str | None
    revision: int


def find(services: Services, uri: str, who: Who = ANYBODY) -> Found:
    """The product of a URI. Raises UserError 400 (no URI), 403 (not theirs), 404 (unknown, withdrawn, no store)."""
    try:
        name = canonical(uri)
    except UriError as error:
        raise UserError(400, str(error), "A data URI looks like mast:JWST/product/name.fits.") from error
    with reading(services.engine) as session:
        product = products.details(session, name)
    if product is None:
        raise UserError(404, f"The archive has no product {name}.", "Check the URI; HST names are in lower case.")
    if not may_read(product.rights, who, clock.now()):
        raise UserError(
            403,
            f"{product.filename} is exclusive to programme {product.rights.programme or 'unknown'}.",
            "Only its members can read it before its release date.",
        )
    if product.withdrawn_at is not None:
        raise UserError(404, f"{product.filename} has been withdrawn from the archive.", "A newer version may exist.")
    place = services.stores.locate(name, product.location)
    if place is None:
        raise UserError(
            404, f"No store of this archive holds {product.filename}.", "Tell the archive which file it was."
        )
    return Found(name, product.filename, place, product.sha256, product.revision)
