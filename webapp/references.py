"""The calibration references of what is selected in a basket: which, used by which files, and putting them in too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from webapp import baskets
from webapp.basket_content import content_changed, insert_additions, must_have_room_for, must_write
from webapp.baskets import Bits, Done, opened
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.ingest.uris import UriError, canonical
from webapp.inventory.inventory import UNKNOWN_SIZE
from webapp.inventory.panels import Totals
from webapp.queries import baskets as basket_query
from webapp.queries import references as query
from webapp.steps import add_step
from webapp.template_filters import files as count_files
from webapp.template_filters import volume as format_volume
from webapp.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.arrays import Bools, Ints
    from webapp.reference_index import Reference, ReferenceIndex


class Used(NamedTuple):
    """A reference of the selected files. ``files``: how many of them name it. ``there``: it is in the basket."""

    number: int
    reference: Reference
    files: int
    there: bool

    @property
    def addable(self) -> bool:
        """Whether it can be added."""
        return not self.there and not self.reference.problem


@dataclass(frozen=True, eq=False)
class References:
    """The references of what is selected in a basket. ``chosen``: the selected files, bool (n,)."""

    basket: Opened
    index: ReferenceIndex
    chosen: Bools

    @cached_property
    def used(self) -> tuple[Used, ...]:
        """Those that the selected files name, in tree order."""
        counts = self.index.links.users(self.chosen)
        numbers = np.flatnonzero(counts).tolist()
        found = [self.index.references[i] for i in numbers]
        rows = self.basket.inventory.row_of([-1 if each.product is None else each.product for each in found])
        there = (rows >= 0) & ~self.basket.removed[rows] if len(self.basket.removed) else rows >= 0
        return tuple(map(Used, numbers, found, counts[numbers].tolist(), there.tolist()))

    @property
    def missing(self) -> tuple[Used, ...]:
        """Those that cannot be had."""
        return tuple(each for each in self.used if each.reference.problem)

    @property
    def files(self) -> int:
        """How many files are selected."""
        return int(np.count_nonzero(self.chosen))

    @property
    def naming(self) -> int:
        """How many of them name any reference."""
        return int(np.count_nonzero(self.chosen & self.index.links.named))


def of_selected(services: Services, basket: Opened, chosen: Bools | None = None) -> References:
    """The references of the selected files of a basket, or of any of its files that are ``chosen`` (bool (n,))."""
    index = services.reference_indexes.of(services, basket.inventory)
    return References(basket, index, basket.selection & ~basket.removed if chosen is None else chosen)


def add(
    services: Services, basket_id: str, owner: str | None, uris: Sequence[str], *, version: int | None = None
) -> Done:
    """Put reference files into a basket, and tick them; those that are there already are ticked. Undo takes them back.

    Raises UserError 403, 404, 409; 412 unless at ``version``; 422 for a URI that is no calibration reference of this
    archive, or when the basket would hold too many files: then nothing was changed.
    """
    ids, sizes = _ids(services, uris)
    before = opened(services, basket_id)
    _must_be_had(services, before, ids)
    rows = before.inventory.row_of(ids)
    inside = rows >= 0
    fresh, there = ids[~inside], rows[inside]
    masked = ids[inside][before.removed[there]]
    unticked = ids[inside][~(before.removed | before.selection)[there]]
    must_have_room_for(services, before.row.files + len(fresh) + len(masked))
    with writing(services.engine) as session:
        baskets.must_be(must_write(session, basket_id, owner), version)
        new = np.setdiff1d(fresh, np.array(basket_query.addition_ids(session, basket_id), np.int64))
        said = _said(sizes[np.isin(ids, [*new, *masked])], len(unticked), len(ids))
        if not (len(new) or len(masked) or len(unticked)):
            return Done(said)
        step = add_step(session, basket_id, said, Undo(drop_products=new, hide=masked, unselect=unticked))
        if len(new):
            insert_additions(session, basket_id, new.tolist())
            content_changed(session, basket_id)

    def tick(now: Opened) -> Bits:
        wanted = np.isin(now.inventory.product, ids)
        return Bits(now.selection | wanted, now.removed & ~wanted)

    baskets.change(services, basket_id, owner, tick)
    return Done(said, step, len(new) + len(masked))


def _must_be_had(services: Services, basket: Opened, ids: Ints) -> None:
    """Raises UserError 422 for a reference that is known to be missing."""
    wanted = set(ids.tolist())
    lost = [
        each
        for each in services.reference_indexes.of(services, basket.inventory).references
        if each.problem and each.product in wanted
    ]
    if lost:
        raise UserError(
            422,
            f"{lost[0].name} cannot be added: {lost[0].problem}",
            "Nothing was added.",
            more={"missing_uris": [each.key for each in lost[:1000]]},
        )


def _said(sizes: Ints, ticked: int, asked: int) -> str:
    """What became of the files asked for: ``sizes`` are of those that came, -1 for an unknown one."""
    came = len(sizes)
    if came:
        unknown = sizes < 0
        volume = format_volume(Totals(came, int(sizes[~unknown].sum()), int(np.count_nonzero(unknown))))
        here = asked - came
        more = f" {count_files(here)} {'was' if here == 1 else 'were'} in the basket already." if here else ""
        return f"Added {_count(came)} ({volume}), ticked.{more}"
    if ticked:
        return f"Ticked {_count(ticked)} that {'was' if ticked == 1 else 'were'} in the basket already."
    return "Nothing was added: all of them were in the basket already." if asked else "Nothing was added."


def _count(files: int) -> str:
    return f"{files:,} reference {'file' if files == 1 else 'files'}"


def _ids(services: Services, uris: Sequence[str]) -> tuple[Ints, Ints]:
    """The products of these URIs, each once, and their sizes in bytes, -1 where unknown."""
    names = list(dict.fromkeys(_canonical(uri) for uri in uris))
    with reading(services.engine) as session:
        found = query.calibration_files(session, names)
    unknown = [uri for uri in names if uri not in found]
    if unknown:
        more = f", and {len(unknown) - 1:,} more" if len(unknown) > 1 else ""
        raise UserError(
            422,
            f"{unknown[0]}{more}: no calibration reference of this archive, so nothing was added.",
            "The references of a basket list those that can be added, by their data URIs.",
            more={"unknown_uris": unknown[:1000]},
        )
    sizes = [UNKNOWN_SIZE if found[uri][1] is None else found[uri][1] for uri in names]
    return np.array([found[uri][0] for uri in names], np.int64), np.array(sizes, np.int64)


def _canonical(uri: str) -> str:
    try:
        return canonical(uri)
    except UriError as error:
        raise UserError(422, f"{uri[:200]!r} is no data URI: {error}", "Nothing was added.") from error
