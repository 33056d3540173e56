"""What a session leaves goes when nobody has used it for RETENTION_DAYS; the clock's chore.

A session is idle when its owner has changed no basket, asked for no delivery and made no share since. Then its baskets
and its history go together; what an account owns stays. A share outlives its owner, until it is revoked; a frozen
basket goes when nothing names it, a deleted one when it can no longer be brought back, whoever's it was.
Each step is a short transaction, so that nobody waits; one that is cut off is finished by the next.
"""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

from webapp import clock
from webapp.basket_problems import DELETED_DAYS
from webapp.db import reading, writing
from webapp.delivery_files import folder as delivery_folder
from webapp.queries import mail as mail_query
from webapp.queries import retention as query
from webapp.staging_room import folder_of

if TYPE_CHECKING:
    from webapp.context import Services

DAY = 86_400  # seconds; also for how long a deleted delivery can come back, and a new row may still be named by nobody
OWNERS, DELIVERIES, BASKETS = 20, 200, 200  # in one tick

log = logging.getLogger(__name__)


def retain(services: Services) -> None:
    """Delete what nobody will come back for."""
    now = clock.now()
    since = now - services.settings.retention_days * DAY
    with reading(services.engine) as session:
        owners = query.idle_owners(session, since, OWNERS)
        deleted = query.deleted_deliveries(session, now - DAY, DELIVERIES)
        gone = query.deleted_baskets(session, now - DELETED_DAYS * DAY, BASKETS)
    for delivery_id in deleted:
        _delete_delivery(services, delivery_id)
    for basket_id in gone:
        delete_basket(services, basket_id)
    for owner in owners:
        _delete_all_of(services, owner)
    with writing(services.engine) as session:
        query.delete_revoked_shares(session, since)
        mail_query.forget_before(session, now - DAY)
    with reading(services.engine) as session:
        unnamed = query.unnamed_baskets(session, now - DAY, BASKETS)
    for basket_id in unnamed:
        delete_basket(services, basket_id)
    with writing(services.engine) as session:
        query.delete_unnamed_snapshots(session, now - DAY)
        query.delete_unnamed_orders(session)


def _delete_all_of(services: Services, owner: str) -> None:
    with reading(services.engine) as session:
        deliveries = query.deliveries_of(session, owner, DELIVERIES)
        baskets = query.baskets_of(session, owner, BASKETS)
    for delivery_id in deliveries:
        _delete_delivery(services, delivery_id)
    for basket_id in baskets:
        delete_basket(services, basket_id)
    log.info("A session was idle: deleted %d baskets and %d deliveries.", len(baskets), len(deliveries))


def _delete_delivery(services: Services, delivery_id: str) -> None:
    """Folders first: what is left by a cut-off run is then found again by its row."""
    for folder in (folder_of(services.settings, delivery_id), delivery_folder(services, delivery_id)):
        if folder.exists():
            shutil.rmtree(folder)
    with writing(services.engine) as session:
        query.delete_delivery(session, delivery_id)


def delete_basket(services: Services, basket_id: str) -> None:
    """Delete a basket with all that is in it, in small transactions."""
    more = True
    while more:
        with writing(services.engine) as session:
            more = query.delete_members(session, basket_id)
            if not more:
                query.delete_basket(session, basket_id)
