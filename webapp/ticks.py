"""Ticking files: sets of files and paths, as the pages and the API both do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from webapp import baskets
from webapp.basket_page import answer_panels
from webapp.errors import UserError
from webapp.inventory import selection as bits
from webapp.inventory.tree import path_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.filters import Filters
    from webapp.inventory.panels import Panels

SETS = ("matching", "hidden", "none")


def select_set(services: Services, basket_id: str, owner: str | None, filters: Filters, name: str) -> None:
    """Select all ``matching`` files, drop those ``hidden`` by the filters, or select ``none``. Raises UserError."""
    if name not in SETS:
        raise UserError(400, f"There is no set of files called {name[:40]!r}.", "Use the page's buttons.")

    def operation(basket: Opened) -> baskets.Bits:
        if name == "none":
            return baskets.Bits(np.zeros_like(basket.selection), basket.removed)
        shown = answer_panels(services, basket, filters).shown
        selection = basket.selection | shown if name == "matching" else basket.selection & shown
        return baskets.Bits(selection, basket.removed)

    baskets.change(services, basket_id, owner, operation)


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


def _rows(basket: Opened, answer: Panels, path: str) -> NDArray[np.bool_]:
    rows = path_rows(basket.inventory, answer, path)
    if rows is None:
        raise UserError(404, f"This basket has no {path[:200]!r} any more.", "The list has been brought up to date.")
    return rows & ~basket.removed
