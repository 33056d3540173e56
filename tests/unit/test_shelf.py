"""What is done to a basket as a whole while it is being changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import WFPC2
from webapp import basket_content, baskets, shelf
from webapp.baskets import Bits
from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site
    from webapp.baskets import Opened
    from webapp.context import Services

OWNER = "a session of tests"


@pytest.fixture
def basket_id(site: Site) -> str:
    made = baskets.create(site.services, OWNER)
    basket_content.add_observations(site.services, made, OWNER, [site.holdings.observations[WFPC2]])
    return made


@pytest.mark.parametrize(("meanwhile", "status"), [(shelf.lock, 409), (shelf.delete, 410)])
def test_a_change_under_way_sees_what_its_owner_does_meanwhile(
    site: Site, basket_id: str, meanwhile: Callable[[Services, str, str], str], status: int
) -> None:
    def tick_all(found: Opened) -> Bits:
        meanwhile(site.services, basket_id, OWNER)
        return Bits(~found.selection, found.removed)

    with pytest.raises(UserError) as refused:
        baskets.change(site.services, basket_id, OWNER, tick_all)
    assert refused.value.status == status


def test_renaming_is_no_change_that_another_tab_has_to_look_at(site: Site, basket_id: str) -> None:
    before = baskets.row(site.services, basket_id)
    shelf.rename(site.services, basket_id, OWNER, "Comets")
    after = baskets.row(site.services, basket_id)
    assert (after.name, after.version, after.changed_at) == ("Comets", before.version, before.changed_at)


def test_locking_twice_keeps_the_first_time(site: Site, basket_id: str, at: Callable[[int], None]) -> None:
    at(1000)
    shelf.lock(site.services, basket_id, OWNER)
    at(2000)
    shelf.lock(site.services, basket_id, OWNER)
    assert baskets.row(site.services, basket_id).locked_at == 1000
