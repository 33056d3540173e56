"""A bundle or a script of the files that a list of data URIs names, for clients that know no baskets.

It is a delivery like any other: in the history of whoever asks, with a page of its own.

A bundle ends at MAST's limits, so that nobody waits for what cannot be streamed; a script has none but its basket's.
Refused in words, nothing made: URIs that the archive does not have, and files that whoever asks may not read. A file
that is gone from its store is named in the bundle's MANIFEST.HTML as missing; a script tries it and says so.
"""

from __future__ import annotations

import time
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

import numpy as np

from webapp import basket_content, baskets, clock, deliveries, orders, snapshots
from webapp.access import may_read, named, refusal
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.ingest.uris import UriError, canonical
from webapp.one_click import passing_basket
from webapp.orders import Order
from webapp.plans import Wish
from webapp.queries import products
from webapp.template_filters import files as count_files
from webapp.template_filters import size as format_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.access import Who
    from webapp.context import Services
    from webapp.deliveries import Status
    from webapp.queries.products import NamedFile

MOST_FILES = 20_000  # of a bundle, as at MAST
MOST_NAMED = 3  # files in one sentence
WAIT_SECONDS = 20.0  # for a delivery to be prepared; a client's own patience is often 30
SHORTEST_LOOK, LONGEST_LOOK = 0.05, 0.5  # seconds between two looks
INSTEAD = "Take them by bundle.sh, a script that goes on where it was stopped, or file by file."
MOST_WAITING = 64  # of one process's 256 threads; whoever comes then asks again instead of waiting
LOADED = frozenset({"Ready", "Finished with problems"})

_waiting = BoundedSemaphore(MOST_WAITING)


def order(services: Services, uris: Sequence[str], form: str, owner: str, who: Who) -> str:
    """Have it prepared; returns the delivery's id. ``form`` is ``sh`` or a format of bundles.

    Raises UserError 400 (a URI is none), 401 or 403 (not theirs), 404 (unknown), 409 (just changed), 413 (too much),
    422 (no URI).
    """
    script = form == "sh"
    found = _found(services, uris, script=script)
    _must_be_theirs(found, who)
    size = sum(each.size or 0 for each in found)
    if not script and size > services.settings.bundle_bytes:
        most = format_size(services.settings.bundle_bytes)
        raise UserError(413, f"These files are {format_size(size)}; one bundle holds {most}.", INSTEAD)
    with passing_basket(services) as (basket_id, passing):
        with writing(services.engine) as session:
            basket_content.must_write(session, basket_id, passing)
            basket_content.insert_additions(session, basket_id, [each.id for each in found])
            basket_content.content_changed(session, basket_id)
        basket = baskets.opened(services, basket_id)
        if len(basket.inventory) != len(found):  # withdrawn in this moment
            raise UserError(409, "The archive has just changed, so nothing was made.", "Ask again.")
        chosen = np.ones(len(basket.inventory), np.bool_)
        frozen = snapshots.freeze(services, basket, chosen, chosen, owner)
    wish = Wish("script" if script else "bundle", form)
    made = orders.create(services, frozen, owner, Order(wish, drop=True, asks=False, try_missing=script), who)
    if not isinstance(made, str):
        raise UserError(404, f"None of the {count_files(len(found))} is in its store.", "Tell the archive.")
    return made


def wait(services: Services, delivery_id: str) -> Status:
    """The delivery once it can be loaded. Raises UserError 413 (several bundles), 500 (failed), 503 (not yet)."""
    address = f"{services.settings.base_url}/deliveries/{delivery_id}"
    found = _ended(services, delivery_id)
    if not found.final:
        raise UserError(503, "This is still being prepared.", f"In a while it is at {address}.")
    if found.state not in LOADED or not found.artefacts:
        raise UserError(500, f"This could not be prepared. {found.sentence}".strip(), f"See {address}.")
    if len(found.artefacts) > 1:
        raise UserError(413, f"These files take {len(found.artefacts)} bundles.", f"They are at {address}. {INSTEAD}")
    return found


def _ended(services: Services, delivery_id: str) -> Status:
    """The delivery when it is over, or when there is no more time to wait."""
    found = deliveries.status(services, delivery_id)
    if found.final or not _waiting.acquire(blocking=False):
        return found
    try:
        end, pause = time.monotonic() + WAIT_SECONDS, SHORTEST_LOOK
        while not found.final and time.monotonic() < end:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_LOOK)
            found = deliveries.status(services, delivery_id)
    finally:
        _waiting.release()
    return found


def _found(services: Services, uris: Sequence[str], *, script: bool) -> list[NamedFile]:
    try:
        wanted = list(dict.fromkeys(canonical(uri) for uri in uris))
    except UriError as error:
        raise UserError(400, str(error), "A data URI looks like mast:JWST/product/name.fits.") from error
    if not wanted:
        raise UserError(422, "No file is named.", "Send the field uri once for each file.")
    most = services.settings.basket_files if script else MOST_FILES
    if len(wanted) > most:
        hint = "Take them in several scripts." if script else INSTEAD
        raise UserError(413, f"These are {count_files(len(wanted))}; at most {most:,} go at once.", hint)
    with reading(services.engine) as session:
        found = products.by_uris(session, wanted)
    unknown = [uri for uri in wanted if uri not in found]
    if unknown:
        raise UserError(404, f"The archive does not have {_listed(unknown)}.", "Ask again without; nothing was made.")
    return [found[uri] for uri in wanted]


def _must_be_theirs(found: Sequence[NamedFile], who: Who) -> None:
    now = clock.now()
    closed = [each for each in found if not may_read(each.rights, who, now)]
    if closed:
        whose = named(each.rights.programme for each in closed)
        raise refusal(
            who,
            f"Exclusive to {whose}: {_listed([each.filename for each in closed])}.",
            "Ask again without; nothing was made.",
        )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
