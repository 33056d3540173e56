"""Who may read a file: one rule, asked by every door, never stored as a fact about a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from webapp import clock
from webapp.db import reading
from webapp.queries.accounts import programmes
from webapp.queries.inventory import release_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from webapp.context import Services
    from webapp.inventory.inventory import Inventory


@dataclass(frozen=True)
class ReadRights:
    """The rule of a product: its programme, and the time from which all may read (None: no date is known)."""

    mission: str
    programme: str
    released_at: int | None


@dataclass(frozen=True)
class Who:
    """The one who asks. ``programmes`` are (mission, programme) that this user may read early."""

    programmes: frozenset[tuple[str, str]] = frozenset()


ANYBODY = Who()


def is_public(released_at: int | None, now: int) -> bool:
    """Whether all may read by now."""
    return released_at is not None and released_at <= now


def may_read(rights: ReadRights, who: Who, now: int) -> bool:
    """The one rule. ``now`` is in seconds since 1970 UTC."""
    return is_public(rights.released_at, now) or (rights.mission, rights.programme) in who.programmes


def who_of(services: Services, account_id: int) -> Who:
    """What an account may read early, by itself or by a team, as it is now."""
    with reading(services.engine) as session:
        return Who(programmes(session, account_id))


def public_rights(services: Services, inventory: Inventory) -> NDArray[np.bool_]:
    """For each of an inventory's ``rights_ids`` whether it is public now; bool, shape (len(rights_ids),)."""
    now = clock.now()
    with reading(services.engine) as session:
        times = release_times(session, inventory.rights_ids)
    return np.array([is_public(times.get(each), now) for each in inventory.rights_ids], np.bool_)
