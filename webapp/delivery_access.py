"""Who may fetch what a delivery made: everybody who knows its address, unless files in it are exclusive by now.

Asked for each range. What was public when it was ordered may be closed later: an ingest can correct a release date.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from webapp import clock
from webapp.access import may_read
from webapp.db import reading
from webapp.delivery_files import entries_in, folder_in
from webapp.errors import UserError
from webapp.queries import baskets as basket_query
from webapp.queries.inventory import catalogue_version
from webapp.queries.products import rights_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from webapp.access import ReadRights, Who
    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord
    from webapp.settings import Settings

KEPT_RULES = 256  # deliveries whose rules are remembered; a few hundred bytes each


def must_read(services: Services, record: DeliveryRecord, who: Who) -> None:
    """Raises UserError 403 if the delivery holds a file that ``who`` may not read now."""
    if not is_open(services.settings, services.engine, record, who):
        raise UserError(
            403,
            "Some of the files in this download are exclusive to their programme.",
            "Only its members can fetch it before their release date. Order the others anew.",
        )


def is_open(settings: Settings, engine: Engine, record: DeliveryRecord, who: Who) -> bool:
    """Whether ``who`` may read every file of a delivery now."""
    with reading(engine) as session:
        version = catalogue_version(session)
        frozen = basket_query.basket(session, record.files_id) if record.files_id else None
    if not record.exclusive and frozen is not None and frozen.digest_for == f"1:{version}":
        return True  # all was public when it was ordered, and the catalogue has not changed since
    now = clock.now()
    rules = _rules(engine, folder_in(settings, record.id), version)
    return all(may_read(rule, who, now) for rule in rules) if rules else not record.exclusive


@lru_cache(maxsize=KEPT_RULES)
def _rules(engine: Engine, place: Path, _version: int) -> frozenset[ReadRights]:
    """The distinct rules of a delivery's files in one version of the catalogue; a million files take seconds, once.

    None at all where the list of its files is gone.
    """
    uris = [entry.uri for entry in entries_in(place)]
    with reading(engine) as session:
        return rights_of(session, uris)
