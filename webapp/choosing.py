"""Files chosen by filters and paths, as programs choose them: what is ticked, removed and put back by the API.

Without paths all matching files are meant. A path that ends in ``/`` means the matching files below it, any other one
that file whatever the filters. One unknown path, and nothing is done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from webapp import baskets, removing
from webapp.basket_page import answer_panels
from webapp.errors import UserError
from webapp.inventory import selection as bits
from webapp.inventory.tree import paths_rows
from webapp.template_filters import files
from webapp.ticks import changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.filters import Filters

NAMED = 5  # unknown paths in a sentence
LONGEST_PATH = 200  # characters of one in it


@dataclass(frozen=True)
class Choice:
    """``paths`` None: all that match."""

    filters: Filters
    paths: Sequence[str] | None = None

    def rows(self, services: Services, basket: Opened) -> NDArray[np.bool_]:
        """What is meant of a basket, bool (n,). Raises UserError 422 naming the paths that it does not have."""
        answer = answer_panels(services, basket, self.filters)
        if self.paths is None:
            return answer.shown
        rows, unknown = paths_rows(basket.inventory, answer, self.paths)
        if unknown:
            some = ", ".join(repr(path[:LONGEST_PATH]) for path in unknown[:NAMED])
            more = f" and {len(unknown) - NAMED:,} more" if len(unknown) > NAMED else ""
            raise UserError(
                422,
                f"This basket has no {some}{more}, so nothing was changed.",
                "Paths are those that its files have: MISSION/folder/file, or MISSION/folder/ for all below.",
                more={"unknown_paths": unknown[:1000]},
            )
        return rows


def select(  # noqa: PLR0917 - who, where, what
    services: Services,
    basket_id: str,
    owner: str | None,
    choice: Choice,
    on: bool,  # noqa: FBT001 - as the body says
    version: int | None = None,
) -> baskets.Done:
    """Tick (``on``) or untick. Raises UserError 403, 404, 422; 412 unless the basket is at ``version``."""

    def operation(basket: Opened) -> baskets.Bits:
        baskets.must_be(basket.row, version)
        rows = choice.rows(services, basket) & ~basket.removed
        selection = bits.select(basket.selection, rows, on)
        if on:  # as on the page, only what unticks can be undone
            return baskets.Bits(selection, basket.removed)
        return changed(basket, selection, f"Unticked {files(int(np.count_nonzero(basket.selection & rows)))}.")

    return baskets.change(services, basket_id, owner, operation)


def remove(
    services: Services, basket_id: str, owner: str | None, choice: Choice, version: int | None = None
) -> baskets.Done:
    """Take files out. Raises UserError 403, 404, 409, 422; 412 unless the basket is at ``version``."""
    return removing.remove(services, basket_id, owner, lambda basket: choice.rows(services, basket), version=version)


def restore(
    services: Services, basket_id: str, owner: str | None, choice: Choice, version: int | None = None
) -> baskets.Done:
    """Put removed files back; the filters look at those alone. Raises as ``remove`` does."""

    def removed(basket: Opened) -> NDArray[np.bool_]:
        nothing = np.zeros_like(basket.selection)
        return choice.rows(services, replace(basket, removed=~basket.removed, selection=nothing))

    return removing.bring_back(services, basket_id, owner, removed, version=version)
