"""One product's bytes: found by its data URI, and only for those who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp import clock
from webapp.access import is_public, may_read, refusal
from webapp.db import reading
from webapp.errors import UserError
from webapp.ingest.uris import UriError, canonical
from webapp.queries import products

if TYPE_CHECKING:
    from jobs.storage import Located
    from webapp.access import Who
    from webapp.context import Services


@dataclass(frozen=True)
class Found:
    """A product that may be read, and where its bytes are."""

    uri: str
    filename: str
    place: Located
    sha256: str | None
    revision: int
    public: bool

    @property
    def redirect(self) -> str | None:
        """The address of another server that its reader is sent to, since sending it through here costs twice.

        None for what is in a store of this archive, and for exclusive files: who may read them is asked here only.
        """
        return self.place.url if self.public else None


def find(services: Services, uri: str, who: Who) -> Found:
    """The product of a URI.

    Raises UserError 400 (no URI), 401 or 403 (not theirs), 404 (unknown, withdrawn, no store).
    """
    try:
        name = canonical(uri)
    except UriError as error:
        raise UserError(400, str(error), "A data URI looks like mast:JWST/product/name.fits.") from error
    with reading(services.engine) as session:
        product = products.stored_file(session, name)
    if product is None:
        raise UserError(404, f"The archive has no product {name}.", "Check the URI; HST names are in lower case.")
    now = clock.now()
    if not may_read(product.rights, who, now):
        raise refusal(
            who,
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
    public = is_public(product.rights.released_at, now)
    return Found(name, product.filename, place, product.sha256, product.revision, public)
