"""The FITS headers of a product, as the details pane shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.errors import JobError
from webapp.errors import UserError
from webapp.files import find
from webapp.fits_cards import Hdu, NotFits, read_headers

if TYPE_CHECKING:
    from webapp.access import Who
    from webapp.context import Services

MOST_QUERY = 100


@dataclass(frozen=True)
class HeaderView:
    """Headers whose cards match a search text, or a sentence why there are none."""

    uri: str
    filename: str
    query: str
    hdus: tuple[Hdu, ...]
    more: bool
    sentence: str
    total: int  # cards before the search


def headers(services: Services, uri: str, query: str, who: Who) -> HeaderView:
    """Read the headers of a file. Raises UserError 401, 403 or 404 as the file's own door does."""
    found = find(services, uri, who)
    query = query[:MOST_QUERY].strip()
    if found.place.url is not None:
        raise UserError(404, f"{found.filename} is not in a store of this archive.", "Its headers cannot be read here.")
    store, path = found.place.store, found.place.path
    try:
        size = store.stat(path).size
        read = read_headers(lambda start, end: b"".join(store.read(path, start, end)), size)
    except NotFits as error:
        return HeaderView(uri, found.filename, query, (), more=False, sentence=str(error), total=0)
    except JobError as error:
        raise UserError(404, str(error), "Tell the archive which file it was.") from error
    total = sum(len(hdu.cards) for hdu in read.hdus)
    hdus = read.hdus
    if query:
        wanted = query.casefold()
        kept = (
            Hdu(hdu.number, hdu.name, tuple(card for card in hdu.cards if wanted in card.casefold())) for hdu in hdus
        )
        hdus = tuple(hdu for hdu in kept if hdu.cards)
    return HeaderView(uri, found.filename, query, hdus, more=read.more, sentence="", total=total)
