"""Settles what rows say about observations: by name, by the archive's number, or only by what file names suggest.

A number that no row names is a *stub*, an observation called by its number, until some table names it: then the stub
takes that name, or, if the named observation is there already, gives it all its links.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, text

from webapp.ingest.claims import META

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from webapp.ingest.claims import ObservationClaim

FIELDS = ("mission", "obs_id", "obsid", "stub", *META, "rights_id")
_SOME = 5_000  # values in one IN (...)


@dataclass
class Observation:
    """An observation as it will be. ``known`` is its row as it is, None if it is new."""

    mission: str
    obs_id: str
    numbers: set[int] = field(default_factory=set)
    stub: bool = False
    id: int = 0
    known: dict[str, Any] | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    rights: list[int] = field(default_factory=list)  # claims
    claims: list[int] = field(default_factory=list)
    absorbed: list[int] = field(default_factory=list)  # ids of stubs that turn out to be this one

    def row(self, rights_id: int | None) -> dict[str, Any]:
        """The row as it will be; what the table does not say stays."""
        said = {"obsid": max(self.numbers, default=None), **self.meta, "rights_id": rights_id}
        known = self.known or {}
        kept = {name: known.get(name) if said.get(name) is None else said[name] for name in FIELDS}
        return kept | {"id": self.id, "mission": self.mission, "obs_id": self.obs_id, "stub": self.stub}


class Settled:
    """The observations that a table names. ``derived`` are claims that only new products need."""

    def __init__(self, connection: Connection, claims: Sequence[ObservationClaim], used: Collection[int]) -> None:
        self._connection = connection
        self._claims = claims
        self._named: dict[tuple[str, str], Observation] = {}
        self._stubs: dict[int, Observation] = {}
        self.derived = {i for i, c in enumerate(claims) if c.obs_id is None and c.number is None}
        live = [i for i in range(len(claims)) if i not in self.derived or i in used]
        numbers = {c.number for c in (claims[i] for i in live) if c.number is not None}
        self._by_number: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self._select("obsid", numbers):
            self._by_number[row["obsid"]].append(row)
        names = self._names_of_numbers(live)
        for i in live:
            self._join(i, names)
        self._find()

    @property
    def all(self) -> list[Observation]:
        """Every observation once."""
        return [*self._named.values(), *self._stubs.values()]

    def _names_of_numbers(self, live: Iterable[int]) -> dict[int, tuple[str, str]]:
        """The name of each number: as a row says, else as the catalogue knows, else as the file names suggest."""
        said: dict[int, set[tuple[str, str]]] = defaultdict(set)
        suggested: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for claim in (self._claims[i] for i in live):
            if claim.number is not None and claim.obs_id is not None:
                said[claim.number].add((claim.mission, claim.obs_id))
            elif claim.number is not None and claim.fallback is not None:
                suggested[claim.number].add((claim.mission, claim.fallback))
        names = {number: _plainest(found) for number, found in suggested.items()}
        for number, rows in self._by_number.items():
            known = {(row["mission"], row["obs_id"]) for row in rows if not row["stub"]}
            if known:
                names[number] = _plainest(known)
        return names | {number: _plainest(found) for number, found in said.items()}

    def _join(self, i: int, names: dict[int, tuple[str, str]]) -> None:
        claim = self._claims[i]
        if claim.obs_id is not None:
            name: tuple[str, str] | None = (claim.mission, claim.obs_id)
        elif claim.number is not None:
            name = names.get(claim.number)
        else:
            name = (claim.mission, claim.fallback or "")
        if name is not None:
            one = self._named.setdefault((name[0], name[1].lower()), Observation(*name))
            one.obs_id = min(one.obs_id, name[1])  # of two spellings always the same one
        else:
            number = claim.number or 0
            one = self._stubs.setdefault(number, Observation(claim.mission, str(number), stub=True))
            one.mission = min(one.mission, claim.mission)
        one.claims.append(i)
        if claim.number is not None:
            one.numbers.add(claim.number)
        if claim.rights is not None:
            one.rights.append(claim.rights)
        for key, value in zip(META, claim.meta, strict=True):
            if value is not None:
                one.meta.setdefault(key, value)

    def _find(self) -> None:
        """Find the rows that the catalogue has of them."""
        spellings = {
            each for _, one in self._named.items() for each in (one.obs_id, one.obs_id.lower(), one.obs_id.upper())
        }
        for row in self._select("obs_id", spellings):
            one = self._named.get((row["mission"], row["obs_id"].lower()))
            if one is not None and (one.known is None or row["obs_id"] == one.obs_id):
                one.id, one.known = row["id"], row
        for one in self._named.values():
            if one.known is not None:
                one.obs_id = one.known["obs_id"]
            for row in (row for number in sorted(one.numbers) for row in self._by_number[number] if row["stub"]):
                if one.known is None:
                    one.id, one.known = row["id"], row
                elif row["id"] != one.id:
                    one.absorbed.append(row["id"])
        for number, one in self._stubs.items():
            for row in self._by_number[number]:
                one.id, one.known = row["id"], row
                one.mission, one.obs_id, one.stub = row["mission"], row["obs_id"], row["stub"]

    def _select(self, column: str, values: Collection[Any]) -> list[dict[str, Any]]:
        ordered = sorted(values)
        names = ", ".join(("id", *FIELDS))
        query = text(f"SELECT {names} FROM observation WHERE {column} IN :values ORDER BY id")
        query = query.bindparams(bindparam("values", expanding=True))
        found: list[dict[str, Any]] = []
        for start in range(0, len(ordered), _SOME):
            rows = self._connection.execute(query, {"values": ordered[start : start + _SOME]})
            found += [dict(row) for row in rows.mappings()]
        return found


def _plainest(names: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Of several names the shortest, so that the order of rows does not matter."""
    return min(names, key=lambda name: (len(name[1]), name))
