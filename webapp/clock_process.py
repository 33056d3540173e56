"""The clock: asks again and again for what is due, such as harvesting the results of jobs.

A chore that fails is logged in one line and tried again; it keeps no other chore from running. A repeated failure is
logged once, so that a queue that is down for an hour is one line and not a thousand.
"""

from __future__ import annotations

import logging
import time
from functools import wraps
from typing import TYPE_CHECKING

from webapp import account_chores, deliveries, expiry, retention, spool
from webapp.mail.sending import mailing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from webapp.context import Services

    Chore = Callable[[Services], object]

EVERY_SECONDS = 5.0
SELDOM_SECONDS = 300.0  # between two runs of what looks at every folder or every row

log = logging.getLogger(__name__)


def seldom(chore: Chore) -> Chore:
    """The chore, done at most once in SELDOM_SECONDS; one that failed is tried at the next tick."""
    last: list[float] = []

    @wraps(chore)
    def now_and_then(services: Services) -> None:
        if last and time.monotonic() - last[0] < SELDOM_SECONDS:
            return
        chore(services)
        last[:] = [time.monotonic()]

    return now_and_then


CHORES: tuple[Chore, ...] = (
    deliveries.harvest_all,
    mailing(),
    expiry.expire,
    seldom(spool.evict),
    seldom(retention.retain),
    seldom(account_chores.forget_old),
)


def run(services: Services) -> None:
    """Do all chores every few seconds, until the process is told to end."""
    failures: dict[Chore, str] = {}
    while True:
        tick(services, CHORES, failures)
        time.sleep(EVERY_SECONDS)


def tick(services: Services, chores: Sequence[Chore], failures: dict[Chore, str]) -> None:
    """Do each chore once. ``failures`` remembers between ticks what was said about whom."""
    for chore in chores:
        name = chore.__name__
        try:
            chore(services)
        except Exception as error:  # noqa: BLE001 - one chore's fault must not stop the others
            said = f"{type(error).__name__}: {error}".replace("\n", " ")
            if failures.get(chore) != said:
                log.error("%s failed and will be tried again: %s", name, said)  # noqa: TRY400 - one line, as promised
            failures[chore] = said
        else:
            if failures.pop(chore, None):
                log.info("%s works again.", name)
