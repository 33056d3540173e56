"""A thousand random ranges of a prepared bundle, through the application, against the whole."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, WFPC2
from tests.web.test_bundles import fetched, ready

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

NAMES = (
    *(f"{IMAGE}_{end}" for end in ("i2d.fits", "i2d.jpg", "cat.ecsv", "pool.csv")),
    *(f"{EXPOSURE}_{end}.fits" for end in ("cal", "rate", "uncal")),
    *(f"{WFPC2}_{end}" for end in ("c0f.fits", "d0f.fits", "trl.fits", "c0f.jpg")),
)


@pytest.mark.parametrize("form", ["zip", "tar"])
@pytest.mark.parametrize("flat", ["", "1"])
def test_a_thousand_ranges_are_those_of_the_whole(queued: Site, form: str, flat: str) -> None:
    visitor, address = ready(queued, *NAMES, flat=flat, **{"as": f"bundle/{form}"})
    whole, dice = fetched(visitor, address), random.Random(f"{form}{flat}")  # noqa: S311 - to choose, not to hide
    for _ in range(1000):
        start = dice.randrange(len(whole))
        end = min(start + int(dice.choice((1, 30, 512, 4096, len(whole))) * dice.random()), len(whole) - 1)
        with visitor.client.get(address, headers={"Range": f"bytes={start}-{end}"}) as answer:
            assert (answer.status_code, answer.data) == (206, whole[start : end + 1])
