"""Files taken out of a basket and put back: a mask over its inventory, so that neither builds anything anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from webapp.baskets import Bits, Done, change, must_be, must_be_live
from webapp.template_filters import files
from webapp.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from webapp.baskets import Opened
    from webapp.context import Services


def remove(
    services: Services,
    basket_id: str,
    owner: str | None,
    chosen: Callable[[Opened], NDArray[np.bool_]],
    *,
    version: int | None = None,
) -> Done:
    """Take files out of a basket; they can come back by Undo. Raises UserError 403, 404; 412 unless at ``version``."""

    def operation(basket: Opened) -> Bits:
        must_be_live(basket.row)
        must_be(basket.row, version)
        rows = chosen(basket) & ~basket.removed
        products = basket.inventory.product
        undo = Undo(take_back=products[rows], tick=products[rows & basket.selection])
        sentence = f"Removed {files(int(np.count_nonzero(rows)))}."
        return Bits(basket.selection & ~rows, basket.removed | rows, undo, sentence)

    return change(services, basket_id, owner, operation)


def bring_back(
    services: Services,
    basket_id: str,
    owner: str | None,
    chosen: Callable[[Opened], NDArray[np.bool_]],
    *,
    version: int | None = None,
) -> Done:
    """Put removed files back into a basket, unticked. Raises UserError 403, 404; 412 unless at ``version``."""

    def operation(basket: Opened) -> Bits:
        must_be_live(basket.row)
        must_be(basket.row, version)
        rows = chosen(basket) & basket.removed
        undo = Undo(hide=basket.inventory.product[rows])
        sentence = f"Put back {files(int(np.count_nonzero(rows)))}."
        return Bits(basket.selection, basket.removed & ~rows, undo, sentence)

    return change(services, basket_id, owner, operation)
