"""Observations by the names that people and archives write: obs ids, ``MISSION:obs_id``, the archive's numbers.

A name counts as it is written, else whatever its case if that leaves one observation. A name that several observations
answer to is ambiguous, and nothing is chosen for the user.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.errors import UserError
from webapp.queries import observations as query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlmodel import Session

    from webapp.queries.observations import NameRow

MOST_NAMES = 100_000
LONGEST_NAME = 300
LARGEST_NUMBER = 2**63 - 1
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Ambiguous:
    """A name of several observations, and how to write each so that it is clear."""

    name: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Resolved:
    """What became of a list of names: each in the list's order, an observation once."""

    ids: tuple[int, ...]
    missing: tuple[str, ...]
    ambiguous: tuple[Ambiguous, ...]


def split_names(text: str) -> list[str]:
    """The distinct names of a pasted or uploaded list: separated by white space and commas, quotes taken off.

    Raises UserError 413 for more than 100,000.
    """
    names = list(dict.fromkeys(name for each in re.split(r"[\s,;]+", text) if (name := each.strip("\"'\ufeff"))))
    if len(names) > MOST_NAMES:
        raise UserError(
            413,
            f"This list has {len(names):,} observation ids; one list can have {MOST_NAMES:,}.",
            "Split it, or search and select all that match.",
        )
    return names


def resolve(session: Session, names: Iterable[str]) -> Resolved:
    """Find the observations that names mean; two queries at most, whatever their number."""
    wanted = [name for name in dict.fromkeys(names) if name]
    usable = [name for name in wanted if len(name) <= LONGEST_NAME and "\0" not in name]
    bare = {name.partition(":")[2] for name in usable if ":" in name}
    known = _Known(query.by_names(session, sorted({name.lower() for name in bare.union(usable)})) if usable else [])
    found = {name: known.answers(name) for name in usable}
    numbers = [name for name in usable if not found[name] and _number(name) is not None]
    if numbers:
        for row in query.by_numbers(session, sorted({int(name) for name in numbers})):
            found.setdefault(str(row.obsid), []).append(row)
    return Resolved(
        ids=tuple(dict.fromkeys(found[name][0].id for name in usable if len(found[name]) == 1)),
        missing=tuple(name for name in wanted if not found.get(name)),
        ambiguous=tuple(
            Ambiguous(name, tuple(f"{row.mission}:{row.obs_id}" for row in found[name]))
            for name in usable
            if len(found[name]) > 1
        ),
    )


class _Known:
    """The observations that may be meant, by their lower-case obs id."""

    def __init__(self, rows: Sequence[NameRow]) -> None:
        self._rows: dict[str, list[NameRow]] = {}
        for row in rows:
            self._rows.setdefault(row.obs_id.lower(), []).append(row)

    def answers(self, name: str) -> list[NameRow]:
        """All observations of that name: as written if there are any, else in any case."""
        rows = self._rows.get(name.lower(), [])
        exact = [row for row in rows if row.obs_id == name]
        if exact or rows:
            return exact or rows
        mission, colon, obs_id = name.partition(":")
        there = [row for row in self._rows.get(obs_id.lower(), []) if row.mission.lower() == mission.lower()]
        exact = [row for row in there if row.obs_id == obs_id]
        return (exact or there) if colon else []


def _number(name: str) -> int | None:
    return int(name) if _NUMBER.fullmatch(name) and int(name) <= LARGEST_NUMBER else None
