"""Ticking files: sets of files and paths, as the pages and the API both do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from webapp import baskets
from webapp.basket_page import answer_panels
from webapp.errors import UserError
from webapp.inventory import selection as bits
from webapp.inventory.tree import path_rows
from webapp.template_filters import files
from webapp.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.filters import Filters
    from webapp.inventory.panels import Panels

SETS = ("matching", "hidden", "none")


def select_set(services: Services, basket_id: str, owner: str | None, filters: Filters, name: str) -> baskets.Done:
    """Select all ``matching`` files, drop those ``hidden`` by the filters, or select ``none``. Raises UserError.

    What unticks files is a step that can be undone.
    """
    if name not in SETS:
        raise UserError(400, f"There is no set of files called {name[:40]!r}.", "Use the page's buttons.")

    def operation(basket: Opened) -> baskets.Bits:
        if name == "none":
            return changed(basket, np.zeros_like(basket.selection), f"Unticked {_count(basket.selection)}.")
        shown = answer_panels(services, basket, filters).shown
        if name == "matching":
            return baskets.Bits(basket.selection | shown, basket.removed)
        said = f"Unticked {_count(basket.selection & ~shown)} hidden by filters."
        return changed(basket, basket.selection & shown, said)

    return baskets.change(services, basket_id, owner, operation)


def select_exactly(
    services: Services,
    basket_id: str,
    owner: str | None,
    chosen: Callable[[Opened], NDArray[np.bool_]],
    sentence: Callable[[int], str],
) -> baskets.Done:
    """Tick ``chosen`` and nothing else; Undo ticks and unticks what this did. ``sentence`` takes how many are ticked.

    Raises UserError 403, 404, 409; 422 where nothing is chosen.
    """

    def operation(basket: Opened) -> baskets.Bits:
        selection = chosen(basket) & ~basket.removed
        if not selection.any():
            raise UserError(422, "There is no such file in this basket now, so nothing was selected.", "Look again.")
        return changed(basket, selection, sentence(int(np.count_nonzero(selection))))

    return baskets.change(services, basket_id, owner, operation)


def select_path(  # noqa: PLR0917 - who, where, what
    services: Services,
    basket_id: str,
    owner: str | None,
    filters: Filters,
    path: str,
    on: bool | None,  # noqa: FBT001 - as the form says
) -> None:
    """Tick (``on``) or untick what a path means: the shown files below ``…/``, or one file whatever the filters.

    ``on`` None is a click on its box: untick if all its shown files are ticked, else tick them all. Raises UserError
    404 for a path that the basket does not have.
    """

    def operation(basket: Opened) -> baskets.Bits:
        answer = answer_panels(services, basket, filters)
        rows = _rows(basket, answer, path)
        if on is None:
            selection = bits.tick(basket.selection, basket.removed, rows, rows)
        else:
            selection = bits.select(basket.selection, rows, on)
        return baskets.Bits(selection, basket.removed)

    baskets.change(services, basket_id, owner, operation)


def changed(basket: Opened, selection: NDArray[np.bool_], sentence: str) -> baskets.Bits:
    """A new selection with its Undo; no step where nothing changes."""
    products = basket.inventory.product
    undo = Undo(
        select=products[basket.selection & ~selection],
        unselect=products[selection & ~basket.selection],
    )
    return baskets.Bits(selection, basket.removed, undo, sentence if undo.bits else "")


def _count(rows: NDArray[np.bool_]) -> str:
    return files(int(np.count_nonzero(rows)))


def _rows(basket: Opened, answer: Panels, path: str) -> NDArray[np.bool_]:
    rows = path_rows(basket.inventory, answer, path)
    if rows is None:
        raise UserError(404, f"This basket has no {path[:200]!r} any more.", "The list has been brought up to date.")
    return rows & ~basket.removed
