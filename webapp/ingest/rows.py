"""Turns batches of cells into rows for staging: checked, with one spelling, and with small numbers for what repeats.

Kinds, rights, folders and observations are not looked up here: a row carries the number of a *claim*, what it says
about each of them, and merge.py settles the claims against the catalogue.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from webapp.ingest import addresses, columns, rights
from webapp.ingest.claims import META, NO_META, ObservationClaim, kind_claim
from webapp.ingest.errors import CellError, IngestError
from webapp.ingest.folders import REFERENCES, folder_of_name, folder_of_observation
from webapp.ingest.identity import Identities
from webapp.ingest.interning import Memo, Numbers
from webapp.ingest.kinds import Claim, derive
from webapp.ingest.names import base_name, extension, split_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from webapp.ingest.names import Missions
    from webapp.ingest.product_table import Batch, Table

STATES_FOLDER = 1
STATES_NAME = 2

_TEXTS = ("obs_id", "description", "dataproduct_type", "project", "pipeline_version", "target", "instrument", "filters")
_REALS = {"t_min": (0, columns.MAX_MJD), "t_max": (0, columns.MAX_MJD), "ra": (0, 360), "dec": (-90, 90)}
_JWST_PROGRAM = re.compile(r"jw0*(\d{1,5})", re.IGNORECASE)

Cells = Sequence[str | None]


class _Read(NamedTuple):
    """What is known of the rows of a batch, column by column."""

    cells: defaultdict[str, Cells]
    uris: list[str]
    names: list[str]
    missions: list[str]
    obs_ids: list[str | None]
    kinds: list[int]
    rights: list[int]


@dataclass
class Staged:
    """What one batch adds; staging.py names the columns."""

    products: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)  # seq of the product, number of the observation's claim
    references: list[tuple[int, int | None]] = field(default_factory=list)  # seq, number of the role; None: named none
    uses: list[tuple[int, int | None]] = field(default_factory=list)  # as these, with the product's id


class Rows:
    """Reads one table. After the last batch the claims are complete."""

    def __init__(self, table: Table, missions: Missions, *, mission: str | None, obs_id: str | None) -> None:
        self._table = table
        self._missions = missions
        self._identities = Identities(missions, mission)
        self._obs_id = obs_id
        self.rows = 0
        self.kinds: Numbers[Claim] = Numbers(kind_claim)
        self.rights: Numbers[rights.RightsClaim] = Numbers(lambda key: rights.claim(*key))
        self.folders: Numbers[tuple[str, str]] = Numbers(tuple)
        self.observations: Numbers[ObservationClaim] = Numbers(ObservationClaim._make)
        self.roles: Numbers[tuple[str, ...]] = Numbers(tuple)  # a mission, and what a Reference says
        self.late_sizes: dict[int, int] = {}  # the table said the size in a later row of the same product
        self._seqs: dict[str, int] = {}
        self._sizes: list[int | None] = []
        self._sha256: list[str | None] = []
        self._parse: dict[str, Memo[Any]] = {name: Memo(_text(name)) for name in _TEXTS}
        self._parse |= {name: Memo(_real(name, *limits)) for name, limits in _REALS.items()}
        self._parse["proposal_id"] = Memo(_proposal)
        self._is_reference = Memo(lambda number: self.kinds.made[number].fresh().category == "CALIBRATION")

    @property
    def products(self) -> int:
        """How many different products there are so far."""
        return len(self._seqs)

    def staged(self) -> Iterator[Staged]:
        """Each batch, checked. Raises IngestError naming file, row and column."""
        if self._table.observations is not None:
            self._claim(self._table.observations)
        for batch in self._table.batches:
            try:
                yield self._batch(batch)
            except CellError as error:
                raise self._located(error, batch) from error
            self.rows += batch.rows

    def _claim(self, batch: Batch) -> None:
        """What rows about observations say; first, so that it counts where a product's row says something else."""
        cells: defaultdict[str, Cells] = defaultdict(lambda: [None] * batch.rows, batch.cells)
        try:
            missions = [self._identities.mission(v or "") for v in cells["mission"]]
            obs_ids, proposals = self._parsed(cells, "obs_id"), self._parsed(cells, "proposal_id")
            numbers = [None if v is None else columns.number("obsid", v) for v in cells["obsid"]]
            right = [self.rights[k] for k in zip(missions, proposals, cells["rights"], cells["release"], strict=True)]
            meta = zip(*(self._parsed(cells, name) for name in META), strict=True)
        except CellError as error:
            raise IngestError(f"{self._table.file}: an observation's {error.column} {error}.") from error
        for mission, obs_id, number, rule, about in zip(missions, obs_ids, numbers, right, meta, strict=True):
            self.observations[mission, obs_id, number, None, rule, about]  # to look one up is to number it

    def _located(self, error: CellError, batch: Batch) -> IngestError:
        cells = batch.cells.get(error.column, [])
        at = error.at if error.at is not None else cells.index(error.value) if error.value in cells else 0
        return self._table.refusal(batch.first_row + at, error)

    def _batch(self, batch: Batch) -> Staged:
        cells: defaultdict[str, Cells] = defaultdict(lambda: [None] * batch.rows, batch.cells)
        uris, names, missions = self._identities.of(cells["uri"], cells["filename"], cells["url"], cells["mission"])
        obs_ids = self._obs_ids(cells, missions)
        proposals = self._parsed(cells, "proposal_id")
        kinds = self._kinds(cells, names, missions)
        right = [self.rights[k] for k in zip(missions, proposals, cells["rights"], cells["release"], strict=True)]
        sizes = [None if v is None else columns.size(v) for v in cells["size"]]
        sha256 = [None if v is None else columns.sha256(v) for v in cells["sha256"]]
        known = _Read(cells, uris, names, missions, obs_ids, kinds, right)
        own = self._own(known)
        states, folders = self._places(known, STATES_NAME if "filename" in batch.cells else 0)
        before = len(self._seqs)
        seqs = self._numbered(uris, sizes, sha256)
        products = zip(
            seqs,
            uris,
            missions,
            names,
            states,
            folders,
            kinds,
            right,
            own,
            sizes,
            sha256,
            [None if v is None else columns.crc32(v) for v in cells["crc32"]],
            self._locations(cells),
            self._parsed(cells, "description"),
            self._parsed(cells, "dataproduct_type"),
            proposals,
            self._parsed(cells, "project"),
            self._parsed(cells, "pipeline_version"),
            strict=True,
        )
        staged = Staged(_first_time(products, before), self._links(batch, seqs, missions, own))
        staged.uses = [
            (use.product_id, use.reference and self.roles[use.mission, *use.reference]) for use in batch.uses
        ]
        if batch.references is not None:
            staged.references = [
                (seq, role)
                for seq, of, named in zip(seqs, missions, batch.references, strict=True)
                for role in (*(self.roles[of, *each] for each in named), None)
            ]
        return staged

    def _parsed(self, cells: defaultdict[str, Cells], name: str) -> list[Any]:
        parse = self._parse[name]
        return [None if v is None else parse[v] for v in cells[name]]

    def _obs_ids(self, cells: defaultdict[str, Cells], missions: list[str]) -> list[str | None]:
        if self._obs_id is not None:
            return [self._obs_id] * len(missions)
        stated = self._parsed(cells, "obs_id")
        return [
            subdir if obs_id is None and subdir and self._missions[mission].has_name(subdir) else obs_id
            for obs_id, subdir, mission in zip(stated, cells["subdir"], missions, strict=True)
        ]

    def _kinds(self, cells: defaultdict[str, Cells], names: list[str], missions: list[str]) -> list[int]:
        says = "recommended" in self._table.names
        table, kinds = self._missions, self.kinds
        return [
            kinds[
                # The name need not be asked where the table says it all.
                None if says and c and level and (g or c == "PREVIEW") else derive(mission, name, table),
                mission,
                extension(name),
                c,
                g,
                level,
                (r or "") if says else None,
            ]
            for mission, name, c, g, level, r in zip(
                missions, names, cells["category"], cells["group"], cells["level"], cells["recommended"], strict=True
            )
        ]

    def _own(self, known: _Read) -> list[int | None]:
        """Claims about the products' own observations; a reference file belongs to none unless the table says so."""
        numbers = [None if v is None else columns.number("obsid", v) for v in known.cells["obsid"]]
        meta = zip(*(self._parsed(known.cells, name) for name in META), strict=True)
        found: list[int | None] = []
        for name, mission, obs_id, number, kind, rule, about in zip(
            known.names, known.missions, known.obs_ids, numbers, known.kinds, known.rights, meta, strict=True
        ):
            if obs_id is None and number is None and self._is_reference[kind]:
                found.append(None)
                continue
            fallback = None if obs_id is not None else self._stem(mission, name)
            found.append(self.observations[mission, obs_id, number, fallback, rule, about])
        return found

    def _stem(self, mission: str, name: str) -> str:
        split = split_name(mission, name, self._missions)
        return split[0] if split else base_name(name)

    def _places(self, known: _Read, named: int) -> tuple[list[int], list[int]]:
        """What each row states about its place, and its folder."""
        states, folders = [], []
        for uri, name, mission, obs_id, kind in zip(
            known.uris, known.names, known.missions, known.obs_ids, known.kinds, strict=True
        ):
            if self._is_reference[kind]:
                folder = REFERENCES
            elif obs_id is not None:
                folder = folder_of_observation(obs_id, name)
            else:
                folder = folder_of_name(mission, uri, name, self._missions)
            stated = obs_id is not None or folder is REFERENCES
            states.append(named | STATES_FOLDER if stated else named)
            folders.append(self.folders[mission, folder])
        return states, folders

    def _numbered(self, uris: list[str], sizes: list[int | None], sha256: list[str | None]) -> list[int]:
        """A number for each different product; one that comes again must not contradict itself."""
        seqs = []
        for at, uri in enumerate(uris):
            seq = self._seqs.setdefault(uri, len(self._sizes))
            seqs.append(seq)
            if seq == len(self._sizes):
                self._sizes.append(sizes[at])
                self._sha256.append(sha256[at])
            else:
                self._check_again(seq, at, uri, sizes[at], sha256[at])
        return seqs

    def _check_again(self, seq: int, at: int, uri: str, size: int | None, sha256: str | None) -> None:
        known = self._sizes[seq]
        if size is not None and known is None:
            self._sizes[seq] = self.late_sizes[seq] = size
        elif size is not None and size != known:
            raise CellError("size", None, f"has {size:,} bytes for {uri}, which had {known:,} in an earlier row", at=at)
        if sha256 is not None and self._sha256[seq] not in {None, sha256}:
            raise CellError("sha256", None, f"differs for {uri} from that in an earlier row", at=at)

    def _locations(self, cells: defaultdict[str, Cells]) -> Cells:
        if "location" in cells:  # from our own walk of a folder, never from a table
            return cells["location"]
        return [None if v is None else addresses.url(v) for v in cells["url"]]

    def _links(
        self, batch: Batch, seqs: list[int], missions: list[str], own: list[int | None]
    ) -> list[tuple[int, int]]:
        """Each product with its own observation and with those that list it."""
        links = [(seq, claim) for seq, claim in zip(seqs, own, strict=True) if claim is not None]
        for seq, mission, parent in zip(seqs, missions, batch.cells.get("parent", ()), strict=False):
            number = None if parent is None else columns.number("parent", parent)
            if number is not None:
                links.append((seq, self.observations[mission, None, number, None, None, NO_META]))
        for seq, mission, parents in zip(seqs, missions, batch.parents or (), strict=False):
            links += [(seq, self.observations[mission, name, None, None, None, NO_META]) for name in parents]
        return links


def _first_time(rows: Iterable[tuple[Any, ...]], before: int) -> list[tuple[Any, ...]]:
    """The rows whose product, numbered in the first place, is new from the number ``before`` on."""
    found: list[tuple[Any, ...]] = []
    for row in rows:
        if row[0] == before + len(found):
            found.append(row)
    return found


def _text(name: str) -> Callable[[str], str]:
    return lambda value: columns.text(name, value)


def _real(name: str, low: float, high: float) -> Callable[[str], float]:
    return lambda value: columns.real(name, value, low, high)


def _proposal(value: str) -> str:
    plain = columns.text("proposal_id", value)
    program = _JWST_PROGRAM.fullmatch(plain)
    return program[1] if program else plain
