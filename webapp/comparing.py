"""Two baskets compared: what only one of them holds, and what both do; and what can be done with each group."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from webapp import baskets, ticks
from webapp.basket_content import content_changed, insert_additions, must_write
from webapp.baskets import Opened, is_editable, opened
from webapp.db import reading, writing
from webapp.errors import UserError
from webapp.inventory.panels import Totals
from webapp.owners import NOBODY
from webapp.queries import rules as name_query
from webapp.queries import shares as share_query
from webapp.template_filters import files

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from webapp.context import Services

GROUPS = ("a", "both", "b")
MOST_LISTED = 200  # paths of a group
MOST_NAMED = 5  # withdrawn files, in a message
ID = r"[A-Za-z0-9_-]{1,64}"
_ADDRESS = re.compile(rf"(?:https?://[^/\s]+)?/(?:baskets|s)/({ID})(?:[/?#]\S*)?|({ID})")


@dataclass(frozen=True, eq=False)
class Parts:
    """Where the files of two baskets are: bool over A's rows for ``a`` and ``both``, over B's for ``b``."""

    a: NDArray[np.bool_]
    both: NDArray[np.bool_]
    b: NDArray[np.bool_]


@dataclass(frozen=True)
class Group:
    """One of the three; ``folders`` are (MISSION/folder, names) of the first 200 files, ``more`` is how many follow."""

    which: str
    title: str
    totals: Totals
    folders: tuple[tuple[str, tuple[str, ...]], ...]
    more: int


@dataclass(frozen=True)
class Side:
    """A basket as the page names it; ``editable``: by whoever asks."""

    id: str
    title: str
    href: str
    files: int
    editable: bool


@dataclass(frozen=True)
class Comparison:
    """What the page shows."""

    a: Side
    b: Side
    groups: tuple[Group, ...]

    @property
    def identical(self) -> bool:
        """Whether both hold the same files."""
        return not any(group.totals.files for group in self.groups if group.which != "both")


@dataclass(frozen=True)
class Made:
    """A new basket, and the names of what could not come along."""

    basket_id: str
    files: int
    withdrawn: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What to tell."""
        said = f"Put {files(self.files)} into a new basket."
        if not self.withdrawn:
            return said
        named, more = ", ".join(self.withdrawn[:MOST_NAMED]), len(self.withdrawn) - MOST_NAMED
        return f"{said} Left out, as withdrawn from the archive: {named}{f' and {more:,} more' if more > 0 else ''}."


@dataclass(frozen=True)
class Chosen:
    """A group of a comparison. Raises UserError 400 for one that there is not."""

    a: str
    b: str
    group: str

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise UserError(400, f"There is no group of files called {self.group[:40]!r}.", "Use the page's buttons.")


def basket_id(text: str) -> str:
    """The id in the address of a basket or a share, or the id itself. Raises UserError 400 for anything else."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        raise UserError(
            400,
            f"{text.strip()[:60]!r} is not the address of a basket or a share.",
            "Open the other basket, and copy what the address bar shows.",
        )
    return found[1] or found[2]


def parts(a: Opened, b: Opened) -> Parts:
    """Compare what two baskets hold, removed files left out."""
    in_a, in_b = ~a.removed, ~b.removed
    both = in_a & _holds(b, a.inventory.product)
    return Parts(in_a & ~both, both, in_b & ~_holds(a, b.inventory.product))


def compare(services: Services, a_id: str, b_id: str, owner: str | None) -> Comparison:
    """Two baskets, shares among them. Raises UserError 404, 410."""
    a, b = opened(services, a_id), opened(services, b_id)
    found, sides = parts(a, b), (_side(services, a, owner), _side(services, b, owner))
    groups = (
        _group("a", f"Only in {sides[0].title}", a, found.a),
        _group("both", "In both", a, found.both),
        _group("b", f"Only in {sides[1].title}", b, found.b),
    )
    return Comparison(*sides, groups)


def side(services: Services, basket_id_: str, owner: str | None) -> Side:
    """One of the baskets. Raises UserError 404, 410."""
    return _side(services, opened(services, basket_id_), owner)


def select(services: Services, group: Chosen, into: str, owner: str | None) -> baskets.Done:
    """Make a group the selection of ``into``, which is one of the two.

    Raises UserError 400, 403, 404, 409; 422 where that basket has none of the files.
    """
    if into not in {group.a, group.b}:
        raise UserError(400, "Files can be selected in one of the two baskets only.", "Use the page's buttons.")
    wanted = _products(services, group)

    def chosen(basket: Opened) -> NDArray[np.bool_]:
        return np.isin(basket.inventory.product, wanted)

    return ticks.select_exactly(
        services, into, owner, chosen, lambda count: f"Selected just {files(count)} out of a comparison."
    )


def put_into_new(services: Services, group: Chosen, owner: str) -> Made:
    """A new basket with a group's files as additions.

    Raises UserError 404; 422 where the group is empty or too large for a basket.
    """
    wanted, limit = _products(services, group), services.settings.basket_files
    if not len(wanted):
        raise UserError(422, "There is no such file now, so no basket was made.", "Look at the comparison again.")
    if len(wanted) > limit:
        raise UserError(422, f"These are {files(len(wanted))}; one basket holds {limit:,}.", "Filter a copy instead.")
    new_id = baskets.create(services, owner)
    with writing(services.engine) as session:
        must_write(session, new_id, owner)
        insert_additions(session, new_id, wanted.tolist())
        content_changed(session, new_id)
    arrived = opened(services, new_id).inventory.product
    left = np.setdiff1d(wanted, arrived)
    with reading(services.engine) as session:
        names = name_query.names(session, left.tolist()) if len(left) else {}
    return Made(new_id, len(arrived), tuple(sorted(name for _, name in names.values())))


def _products(services: Services, group: Chosen) -> NDArray[np.int64]:
    a, b = opened(services, group.a), opened(services, group.b)
    rows: NDArray[np.bool_] = getattr(parts(a, b), group.group)
    return (b if group.group == "b" else a).inventory.product[rows]


def _holds(basket: Opened, products: NDArray[np.int64]) -> NDArray[np.bool_]:
    rows = basket.inventory.row_of(products)
    there = rows >= 0
    there[there] = ~basket.removed[rows[there]]
    return there


def _side(services: Services, basket: Opened, owner: str | None) -> Side:
    row = basket.row
    title = row.title
    if row.owner == NOBODY:
        with reading(services.engine) as session:
            share = share_query.share(session, row.id)
        title = (share.title if share else "") or "Shared files"
    elif row.frozen:
        title = row.name or "Files of a download"
    return Side(row.id, title, basket.base, int(np.count_nonzero(~basket.removed)), is_editable(row, owner))


def _group(which: str, title: str, basket: Opened, rows: NDArray[np.bool_]) -> Group:
    inventory = basket.inventory
    size = inventory.size[rows]
    totals = Totals(len(size), int(size[size >= 0].sum()), int(np.count_nonzero(size < 0)))
    first = np.flatnonzero(rows)[:MOST_LISTED].tolist()
    by_folder = groupby(first, key=lambda row: "/".join(inventory.folders[inventory.folder_of(row)]))
    folders = tuple((folder, tuple(inventory.name(row) for row in members)) for folder, members in by_folder)
    return Group(which, title, totals, folders, len(size) - len(first))
