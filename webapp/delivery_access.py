"""Who may fetch what a delivery made: everybody who knows its address, unless files in it are exclusive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp import clock
from webapp.access import may_read
from webapp.db import reading
from webapp.delivery_files import manifest_entries
from webapp.errors import UserError
from webapp.queries.products import rights_of

if TYPE_CHECKING:
    from webapp.access import Who
    from webapp.context import Services
    from webapp.queries.deliveries import DeliveryRecord


def must_read(services: Services, record: DeliveryRecord, who: Who) -> None:
    """Raises UserError 403 if the delivery holds a file that ``who`` may not read now."""
    if not record.exclusive:
        return
    uris = [entry.uri for entry in manifest_entries(services, record.id) if entry.exclusive]
    with reading(services.engine) as session:
        rules = rights_of(session, uris)
    now = clock.now()
    closed = sum(not may_read(rule, who, now) for rule in rules)
    if closed or len(rules) < record.exclusive:
        raise UserError(
            403,
            f"{max(closed, 1):,} of the files in this download are exclusive to their programme.",
            "Only its members can fetch it before their release date. A script can fetch the others.",
        )
