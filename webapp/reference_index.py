"""What the files of an inventory name: built from SQL once per state of the catalogue, kept in memory, bounded."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from jobs.errors import NO_STORE, NOT_THERE, MissingFile, StoreError
from webapp.db import reading
from webapp.ingest.folders import REFERENCES
from webapp.inventory.links import NOTHING, Links, once
from webapp.queries import references as query
from webapp.queries.inventory import catalogue_version
from webapp.reference_types import reference_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from webapp.context import Services
    from webapp.inventory.inventory import Inventory, Kind
    from webapp.queries.references import Held, Role
    from webapp.reference_types import ReferenceType

MOST_BYTES = 256 * 10**6  # of all that is kept: those of a million files that share sets take 10 MB
REFERENCE_BYTES = 1_000  # of one with its names
FRESH = 300  # seconds for which what the stores said is believed
ASK_SECONDS = 2.0  # for asking the stores while somebody waits; the plan of a delivery asks again
WITHDRAWN = "It has been withdrawn from the archive."
NOT_IN_ARCHIVE = "No file of this name is in the archive."


@dataclass(frozen=True)
class Reference:
    """One calibration reference file that files name, whether the archive has it or not.

    ``key``: its data URI, or where the archive has no such file its bare name. ``problem``: why it is missing, else
    empty.
    """

    key: str
    name: str
    mission: str
    type: ReferenceType
    keywords: tuple[str, ...]
    contexts: tuple[str, ...]
    product: int | None
    size: int | None
    description: str | None
    problem: str
    folder: str = REFERENCES

    @property
    def path(self) -> str:
        """Where it stands in the tree."""
        return f"{self.mission}/{self.folder}/{self.name}"


@dataclass(frozen=True, eq=False)
class ReferenceIndex:
    """All that the files of one inventory name. ``references`` stand in the order of the panel's tree."""

    references: tuple[Reference, ...]
    types: tuple[ReferenceType, ...]
    contexts: tuple[str, ...]
    links: Links
    made_at: float = field(default_factory=time.monotonic)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, about."""
        return self.links.nbytes + REFERENCE_BYTES * len(self.references)


class ReferenceIndexes:
    """The cache of one process. Safe for threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], ReferenceIndex] = OrderedDict()
        self._lock = threading.Lock()
        self._building = threading.Lock()  # one at a time, as with inventories

    def of(self, services: Services, inventory: Inventory) -> ReferenceIndex:
        """The index of an inventory, as the catalogue is now."""
        with reading(services.engine) as session:
            key = (inventory.digest, catalogue_version(session))
        if found := self._get(key):
            return found
        with self._building:
            if found := self._get(key):  # whoever built before us may have built the same
                return found
            built = _build(services, inventory)
            with self._lock:
                for old in [each for each in self._kept if each[1] < key[1]]:  # of what the catalogue was before
                    del self._kept[old]
                self._kept[key] = built
                self._kept.move_to_end(key)
                while len(self._kept) > 1 and sum(each.nbytes for each in self._kept.values()) > MOST_BYTES:
                    self._kept.popitem(last=False)
            return built

    def _get(self, key: tuple[str, int]) -> ReferenceIndex | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None or time.monotonic() - found.made_at > FRESH:
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
            return found


def _build(services: Services, inventory: Inventory) -> ReferenceIndex:
    with reading(services.engine) as session:
        found = query.sets(session, np.sort(inventory.product))
        row = inventory.row_of(found.product)
        inside = row >= 0
        member = np.isin(found.member_of, found.set_of[inside])
        role = found.role[member]
        roles = query.roles(session, np.flatnonzero(np.bincount(role)).tolist())
        held = query.held(session, roles)
    problems = _problems(services, held.values())
    references, number_of = _references(roles, held, problems)
    types = {each: number for number, each in enumerate(dict.fromkeys(each.type for each in references))}
    instruments = {name: number for number, name in enumerate(sorted({each.instrument for each in types} - {""}))}
    contexts, context_of = _contexts(roles)
    set_of = np.full(len(inventory), NOTHING, np.int32)
    set_of[row[inside]] = found.set_of[inside]
    member_of = found.member_of[member]
    context = _by_role(role, context_of)
    told = context != NOTHING  # a role may tell none
    context_of_set, context = once(member_of[told], context[told])
    links = Links(
        set_of,
        *once(member_of, _by_role(role, number_of)),
        type=np.array([types[each.type] for each in references], np.int32),
        instrument=np.array([instruments.get(each.type.instrument, NOTHING) for each in references], np.int32),
        basic=np.array([each.basic for each in types], np.bool_),
        context_of=context_of_set,
        context=context,
        kind=_kinds(inventory),
    )
    if links.gaps:  # seldom: then it is worth to ask which detectors, as CRDS' instruments may have several
        links = replace(links, kind=_by_detector(services, inventory, links.kind))
    return ReferenceIndex(references, tuple(types), contexts, links)


def _kinds(inventory: Inventory) -> NDArray[np.int32]:
    """A number for what each file is, int32 (n,): its kind, whether it is recommended or not."""
    numbers: dict[Kind, int] = {}
    return np.array(
        [numbers.setdefault(replace(kind, recommended=False), len(numbers)) for kind in inventory.kinds], np.int32
    )[inventory.kind]


def _by_detector(services: Services, inventory: Inventory, kind: NDArray[np.int32]) -> NDArray[np.int32]:
    """A number for each kind of files and detector or mode: an infrared detector has no bias, its neighbour has."""
    with reading(services.engine) as session:
        found = query.instruments(session, np.sort(inventory.product))
    detector = np.zeros(len(inventory), np.int32)
    for number, products in enumerate(found.values(), 1):
        rows = inventory.row_of(products)
        detector[rows[rows >= 0]] = number
    return (kind * (len(found) + 1) + detector).astype(np.int32)


def _by_role(role: NDArray[np.int64], numbers: Mapping[int, int]) -> NDArray[np.int32]:
    """The number of each role, which are ids of the catalogue."""
    table = np.zeros(max(numbers, default=0) + 1, np.int32)
    table[list(numbers)] = list(numbers.values())
    return table[role]


def _contexts(roles: Iterable[Role]) -> tuple[tuple[str, ...], dict[int, int]]:
    """The CRDS contexts, and which one each role (by id) has."""
    names = sorted({role.context for role in roles} - {""})
    return tuple(names), {role.id: names.index(role.context) if role.context else NOTHING for role in roles}


def _references(
    roles: Iterable[Role], held: Mapping[int, Held], problems: Mapping[int, str]
) -> tuple[tuple[Reference, ...], dict[int, int]]:
    """What the roles name, each file once, and which one each role (by id) means."""
    same: dict[int | str, list[Role]] = {}
    for role in roles:
        same.setdefault(held[role.id].id if role.id in held else role.name, []).append(role)
    made = sorted(
        ((_reference(alike, held, problems), alike) for alike in same.values()), key=lambda each: _order(*each)
    )
    return tuple(each for each, _ in made), {role.id: n for n, (_, alike) in enumerate(made) for role in alike}


def _reference(alike: list[Role], held: Mapping[int, Held], problems: Mapping[int, str]) -> Reference:
    file = held.get(alike[0].id)

    def type_by(role: Role) -> ReferenceType:
        return reference_type((file or role).mission, (file or role).name, role.keyword)

    first = min(alike, key=lambda role: (not type_by(role).instrument, role.keyword, role.id))  # what tells most
    name, mission = (file.name, file.mission) if file else (first.name, first.mission)
    return Reference(
        key=file.uri if file else name,
        name=name,
        mission=mission,
        type=type_by(first),
        keywords=tuple(sorted({role.keyword for role in alike})),
        contexts=tuple(sorted({role.context for role in alike} - {""})),
        product=file.id if file else None,
        size=file.size if file else None,
        description=file.description if file else None,
        problem=problems.get(file.id, "") if file else NOT_IN_ARCHIVE,
        folder=file.folder if file else REFERENCES,
    )


def _order(found: Reference, _roles: list[Role]) -> tuple[str, ...]:
    last = "\x7f"  # what tells no instrument stands behind those that do
    return found.mission, found.type.instrument or last, found.type.name, found.name


def _problems(services: Services, files: Iterable[Held]) -> dict[int, str]:
    """What is wrong with files of the catalogue, by product. Stores further away are not asked: it would take long."""
    stores = services.stores
    found = {}
    end = time.monotonic() + ASK_SECONDS
    for file in {each.id: each for each in files}.values():
        place = stores.locate(file.uri, file.location)
        if file.withdrawn:
            found[file.id] = WITHDRAWN
        elif place is None:
            found[file.id] = NO_STORE
        elif not place.store.remote and time.monotonic() < end:
            try:
                place.store.stat(place.path)
            except MissingFile:
                found[file.id] = NOT_THERE
            except StoreError as error:
                found[file.id] = str(error)
    return found
