"""Who may read a file: one rule, asked by every door, never stored as a fact about a file.

What somebody may know of a file that they may not read is settled here:

- its name, path, data URI, size, kind, dates, observation and programme, and from when on all may read it: yes, since
  nobody could plan with an archive that hid what it has;
- its bytes, in whole or in part; anything made of them, that is its preview, its header, its checksums (SHA-256,
  CRC-32); and what holds any of these, that is bundles, scripts, lists, receipts and staged copies: no.

A preview is a file too, so its own rights decide. Whoever shows a checksum takes it from ``shown_hash``; whoever sends
bytes has asked ``may_read`` for this very request, since rights come and go while a download waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from webapp import clock
from webapp.db import reading
from webapp.errors import UserError
from webapp.queries.accounts import programmes
from webapp.queries.inventory import rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from sqlalchemy import Engine

    from webapp.context import Services
    from webapp.inventory.inventory import Inventory

MOST_NAMED = 3  # programmes in one sentence
Hash = TypeVar("Hash", str, int)


@dataclass(frozen=True)
class ReadRights:
    """The rule of a product: its programme, and the time from which all may read (None: no date is known)."""

    mission: str
    programme: str
    released_at: int | None


@dataclass(frozen=True)
class Who:
    """The one who asks. ``programmes`` are (mission, programme) that this user may read early.

    ``known``: it is an account. A stranger may turn out to be somebody who may read, by logging in.
    """

    programmes: frozenset[tuple[str, str]] = frozenset()
    known: bool = False


ANYBODY = Who()


@dataclass(frozen=True, eq=False)
class RightsNow:
    """For each of an inventory's ``rights_ids``, bool: may everybody read it now, and may the one who asks."""

    public: NDArray[np.bool_]
    readable: NDArray[np.bool_]


def is_public(released_at: int | None, now: int) -> bool:
    """Whether all may read by now."""
    return released_at is not None and released_at <= now


def may_read(rights: ReadRights, who: Who, now: int) -> bool:
    """The one rule. ``now`` is in seconds since 1970 UTC."""
    return is_public(rights.released_at, now) or (rights.mission, rights.programme) in who.programmes


def who_of(engine: Engine, account_id: int) -> Who:
    """What an account may read early, by itself or by a team, as it is now."""
    with reading(engine) as session:
        return Who(programmes(session, account_id), known=True)


def rights_now(services: Services, inventory: Inventory, who: Who) -> RightsNow:
    """What may be read of an inventory now, by one query."""
    now = clock.now()
    with reading(services.engine) as session:
        found = rules(session, inventory.rights_ids)
    known = [ReadRights(*found[each]) if each in found else ReadRights("", "", None) for each in inventory.rights_ids]
    return RightsNow(
        np.array([is_public(each.released_at, now) for each in known], np.bool_),
        np.array([may_read(each, who, now) for each in known], np.bool_),
    )


def shown_hash(value: Hash | None, *, readable: bool) -> Hash | None:
    """A file's checksum for somebody who may read the file, or may not: it would tell them which file it is."""
    return value if readable else None


def named(programmes: Iterable[str]) -> str:
    """Whose files are exclusive: ``programme 4098``, ``programmes 2733 and 4098``, or how many programmes."""
    known = sorted({each for each in programmes if each})
    if len(known) == 1:
        return f"programme {known[0]}"
    if not known or len(known) > MOST_NAMED:
        return f"{len(known):,} programmes" if known else "a programme"
    return f"programmes {', '.join(known[:-1])} and {known[-1]}"


def refusal(who: Who, sentence: str, hint: str) -> UserError:
    """What a door answers to those who may not read.

    401 to a stranger, whom a log-in or a token may help, which is what MAST answers and what astroquery explains with
    "Please authenticate yourself"; 403 to somebody who has shown who they are. Our scripts take both for the final
    "Not authorised".
    """
    if who.known:
        return UserError(403, sentence, hint)
    return UserError(401, sentence, "Log in, or send a token, if you may read it before its release date.")
