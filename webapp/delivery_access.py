"""Who may fetch what a delivery made: everybody who knows its address, unless files in it are exclusive by now.

Scripts, lists and receipts too, since they hold checksums. Who ordered it does not matter, only who asks.

Asked for each range. What was public when it was ordered may be closed later: an ingest can correct a release date.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jobs.manifest import MANIFEST_FILE
from webapp import clock
from webapp.access import is_public, may_read, named, refusal
from webapp.db import reading
from webapp.delivery_files import GONE, entries_in, folder_in
from webapp.errors import UserError
from webapp.queries import baskets as basket_query
from webapp.queries.inventory import catalogue_version
from webapp.queries.products import rights_of
from webapp.template_filters import date

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from webapp.access import ReadRights, Who
    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord
    from webapp.settings import Settings

KEPT_RULES = 256  # deliveries whose rules are remembered; a few hundred bytes each


def must_read(services: Services, record: DeliveryRecord, who: Who) -> None:
    """Raises UserError 401, 403 if it holds a file that ``who`` may not read now; 410 if nobody knows that."""
    rules = _rules_now(services.settings, services.engine, record)
    if rules is None:
        raise UserError(410, GONE)
    now = clock.now()
    if not _all_may_be_read(rules, record, who, now):
        raise refusal(
            who,
            "Some of the files in this download are exclusive to their programme.",
            "Only its members can fetch it before their release date. Order the others anew.",
        )


def is_open(settings: Settings, engine: Engine, record: DeliveryRecord, who: Who) -> bool:
    """Whether ``who`` may read every file of a delivery now."""
    now = clock.now()
    rules = _rules_now(settings, engine, record)
    return rules is not None and _all_may_be_read(rules, record, who, now)


def standing(services: Services, record: DeliveryRecord, who: Who) -> tuple[bool, str]:
    """Whether ``who`` may fetch a delivery now, and who can, in a sentence; that is empty if everybody can."""
    now = clock.now()
    rules = _rules_now(services.settings, services.engine, record)
    if not rules:
        gone = bool(record.exclusive)
        return not gone, "Files in it were exclusive, and the list of them is gone." if gone else ""
    closed = {each for each in rules if not is_public(each.released_at, now)}
    if not closed:
        return True, ""
    times = [each.released_at for each in closed if each.released_at is not None]
    until = f" From {date(max(times))} on everybody can." if len(times) == len(closed) else ""
    sentence = f"It holds files that are exclusive to {named(each.programme for each in closed)}"
    return (
        all(may_read(each, who, now) for each in closed),
        f"{sentence}: only those can fetch it who may read all of them.{until}",
    )


def _all_may_be_read(rules: frozenset[ReadRights], record: DeliveryRecord, who: Who, now: int) -> bool:
    return all(may_read(rule, who, now) for rule in rules) if rules else not record.exclusive


def _rules_now(settings: Settings, engine: Engine, record: DeliveryRecord) -> frozenset[ReadRights] | None:
    """The rules of a delivery's files; none where all was public when it was ordered, and nothing has changed since.

    None where they are not known: the list of its files is gone, perhaps with a disk that will come back.
    """
    with reading(engine) as session:
        version = catalogue_version(session)
        frozen = basket_query.basket(session, record.files_id) if record.files_id else None
    if not record.exclusive and frozen is not None and frozen.digest_for == f"1:{version}":
        return frozenset()
    try:
        return _rules(engine, folder_in(settings, record.id), version)
    except LookupError:  # which is not remembered
        return None


@lru_cache(maxsize=KEPT_RULES)
def _rules(engine: Engine, place: Path, _version: int) -> frozenset[ReadRights]:
    """The distinct rules of a delivery's files in one version of the catalogue; a million files take seconds, once.

    Raises LookupError where the list of its files is gone.
    """
    if not (place / MANIFEST_FILE).exists():
        raise LookupError(place)
    uris = [entry.uri for entry in entries_in(place)]
    with reading(engine) as session:
        return rights_of(session, uris)
