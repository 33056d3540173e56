"""The plan of a delivery: what would be in it, and what there is to decide before. Making one makes nothing.

A plan looks at each selected file: whether it may be read, whether it is in its store with the size that the catalogue
says, whether its name must change. What it finds, and the digest of it all, is what the user agrees to.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jobs.manifest import Entry, Totals
from jobs.omitted import MISSING, NOT_AUTHORISED, NOT_IN_BATCH
from jobs.plan import folder_numbers, split
from jobs.preflight import Check
from webapp import clock
from webapp.access import ANYBODY, may_read, shown_hash
from webapp.basket_page import answer_panels
from webapp.db import reading
from webapp.errors import UserError
from webapp.layouts import layout_of, placed
from webapp.queries import products

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from jobs.plan import Part
    from jobs.storage import Located
    from webapp.access import ReadRights, Who
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.filters import Filters
    from webapp.layouts import Layout
    from webapp.queries.products import DeliveryRow

CHECK_SECONDS = 5.0  # for asking the stores while the user waits; the rest is asked while preparing
FIRST_BATCH, MOST_BATCH = 200, 20_000  # files between two looks at the clock


@dataclass(frozen=True)
class Wish:
    """How a selection is to be delivered. ``hidden`` says what filters hide: ``keep``, ``drop``, or not said yet.

    Raises UserError 422 for ``flat`` and ``crds`` at once.
    """

    method: str
    format: str
    flat: bool = False
    crds: bool = False
    hidden: str = ""
    filters: Filters | None = None  # what the user was looking at

    def __post_init__(self) -> None:
        layout_of(flat=self.flat, crds=self.crds)

    @property
    def layout(self) -> Layout:
        """Where the files go."""
        return layout_of(flat=self.flat, crds=self.crds)


class Size(NamedTuple):
    """A size that the catalogue does not have right, by the file's place in the plan."""

    was: int | None
    true: int


@dataclass(frozen=True, eq=False)
class Plan:
    """What a wish comes to. Arrays and lists are parallel: one element per selected file, in tree order."""

    wish: Wish
    who: Who
    basket: Opened
    rows: NDArray[np.int64]  # of the inventory
    entries: list[Entry]  # sizes are the stores' where they were asked
    rights: list[ReadRights]
    fates: dict[int, str]  # which cannot be delivered, and why: a word of receipts
    sentences: dict[int, str]  # more about some of these
    corrected: dict[int, Size]
    unchecked: int  # files that there was no time to ask for
    hidden: NDArray[np.bool_]  # which the filters hide, shape (n,)
    most_bytes: int
    most_files: int
    made_at: int

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all files and their fates: the same as long as the user would get the same."""
        content = hashlib.sha256()
        for i, each in enumerate(self.entries):
            fate = self.fates.get(i, "")
            line = json.dumps([each.uri, each.path, each.size, each.sha256, each.exclusive, fate])
            content.update(f"{line}\n".encode())
        return content.hexdigest()

    @property
    def kept(self) -> Iterator[int]:
        """The places of the files that can be delivered."""
        return (i for i in range(len(self.entries)) if i not in self.fates)

    @property
    def learned(self) -> dict[str, int]:
        """Sizes by URI that the catalogue did not know."""
        return {self.entries[i].uri: size.true for i, size in self.corrected.items() if size.was is None}

    @cached_property
    def totals(self) -> Totals:
        """Of the files that can be delivered."""
        sizes = [self.entries[i].size for i in self.kept]
        known = [size for size in sizes if size is not None]
        return Totals(len(sizes), sum(known), len(sizes) - len(known))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The bundles that it takes; one, or none, for what is not a bundle."""
        kept = [self.entries[i] for i in self.kept]
        if self.wish.method != "bundle" or not kept:
            return ()
        sizes = np.array([entry.size or 0 for entry in kept], np.int64)
        return split(
            sizes, folder_numbers(entry.path for entry in kept), most_bytes=self.most_bytes, most_files=self.most_files
        )


def make(services: Services, basket: Opened, wish: Wish, who: Who) -> Plan:
    """The plan for what is selected in a basket. Raises UserError 422 if nothing is."""
    now = clock.now()
    selected = basket.selection & ~basket.removed
    shown = np.ones(len(selected), np.bool_)
    if wish.filters is not None:
        shown = answer_panels(services, basket, wish.filters).shown
    if wish.hidden == "drop":
        selected &= shown
    rows = np.flatnonzero(selected)
    if not len(rows):
        raise UserError(422, "No file is selected, so there is nothing to download.", "Tick files or folders first.")
    with reading(services.engine) as session:
        found = list(products.delivery_rows(session, basket.inventory.product[rows].tolist()))
    entries = entries_of(found, wish.layout, now)
    judged = _judge(services, wish, found, who, now)
    for i, fate in judged.items():  # the digest of a plan is shown, and must not vouch for a guess
        if fate.word == NOT_AUTHORISED:
            entries[i] = entries[i]._replace(sha256=shown_hash(entries[i].sha256, readable=False), crc32=None)
    corrected, unchecked = _ask_stores(services, entries, judged)
    return Plan(
        wish=wish,
        who=who,
        basket=basket,
        rows=rows,
        entries=entries,
        rights=[row.rights for row in found],
        fates={i: fate.word for i, fate in judged.items()},
        sentences={i: fate.sentence for i, fate in judged.items() if fate.sentence},
        corrected=corrected,
        unchecked=unchecked,
        hidden=~shown[rows],
        most_bytes=services.settings.bundle_bytes,
        most_files=services.settings.part_files,
        made_at=now,
    )


def entries_of(rows: list[DeliveryRow], layout: Layout, now: int) -> list[Entry]:
    """What a manifest says of these products at this time (seconds since 1970 UTC)."""
    wanted, paths = placed([row.path for row in rows], layout)
    return [
        Entry(
            uri=row.uri,
            path=path,
            size=row.size,
            sha256=row.sha256,
            crc32=row.crc32,
            exclusive=not may_read(row.rights, ANYBODY, now),
            location=row.location,
            wanted=wish,
        )
        for row, wish, path in zip(rows, wanted, paths, strict=True)
    ]


class _Fate(NamedTuple):
    word: str
    sentence: str = ""


def _judge(services: Services, wish: Wish, found: list[DeliveryRow], who: Who, now: int) -> dict[int, _Fate]:
    """What the catalogue alone knows: who may read, what is withdrawn, what cannot go by batch."""
    missions = services.settings.batch_missions
    limited = wish.method == "batch" and "*" not in missions
    fates = {}
    for i, row in enumerate(found):
        if not may_read(row.rights, who, now):
            fates[i] = _Fate(NOT_AUTHORISED)
        elif row.withdrawn:
            fates[i] = _Fate(MISSING, "It has been withdrawn from the archive.")
        elif limited and row.path.partition("/")[0] not in missions:
            fates[i] = _Fate(NOT_IN_BATCH)
    return fates


def _ask_stores(services: Services, entries: list[Entry], fates: dict[int, _Fate]) -> tuple[dict[int, Size], int]:
    """Whether each file is there, with its size, as far as the time allows. Adds to ``fates`` and corrects ``entries``.

    Returns the corrected sizes, and how many files were not asked for. Stores further away are left to the job: one
    that does not answer would hold the page.
    """
    stores = services.stores
    wanted = [i for i in range(len(entries)) if i not in fates]
    asked = [i for i in wanted if not _is_remote(stores.locate(entries[i].uri, entries[i].location))]
    places = {entries[i].uri: i for i in asked}
    corrected: dict[int, Size] = {}
    end = time.monotonic() + CHECK_SECONDS
    done, batch = 0, FIRST_BATCH
    while done < len(asked) and (left := end - time.monotonic()) > 0:
        started = time.monotonic()
        now = asked[done : done + batch]
        check = Check(stores)
        check.run((entries[i] for i in now), len(now))
        for finding in check.findings:
            i = places[finding.uri]
            if finding.true_size is None:
                fates[i] = _Fate(MISSING, finding.problem)
            else:
                corrected[i] = Size(entries[i].size, finding.true_size)
        for i, entry in zip(now, list(check.entries(entries[i] for i in now)), strict=True):
            entries[i] = entry
        done += len(now)
        if time.monotonic() - started < left / 4:
            batch = min(2 * batch, MOST_BATCH)
    return corrected, len(wanted) - done


def _is_remote(place: Located | None) -> bool:
    return place is not None and place.store.remote
