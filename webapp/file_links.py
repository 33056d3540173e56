"""Links from one file to others: the address of each one's details in a basket's page, and whether it is in there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from webapp.urls import MOST_OPEN, address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.baskets import Opened
    from webapp.queries.associations import NamedProduct
    from webapp.urls import PageState


@dataclass(frozen=True)
class FileLink:
    """A file that the catalogue knows. ``place``: ``ticked``, ``inside`` (not ticked), ``outside`` or ``withdrawn``."""

    filename: str
    href: str
    place: str


def links_of(basket: Opened, state: PageState, files: Sequence[NamedProduct]) -> dict[str, FileLink]:
    """``{uri: link}`` of these files; one that is in the basket unfolds its folder."""
    rows = basket.inventory.row_of([each.id for each in files])
    links = {}
    for each, row in zip(files, rows.tolist(), strict=True):
        inside = row >= 0 and not basket.removed[row]
        place = "withdrawn" if each.withdrawn else "outside"
        if inside:
            place = "ticked" if basket.selection[row] else "inside"
        folder = f"{each.mission}/{each.folder}"
        unfolded = tuple(dict.fromkeys((*state.open, folder)))[-MOST_OPEN:] if inside else state.open
        links[each.uri] = FileLink(
            each.filename, address(basket.base, replace(state, file=each.uri, open=unfolded)), place
        )
    return links
