from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.fixtures.holdings import NOW, RELEASE, SECRET, WFPC2
from webapp import baskets
from webapp.access import ANYBODY, ReadRights, Who, is_public, may_read, rights_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site

SOON, PAST, UNDATED = (ReadRights("JWST", "4098", at) for at in (NOW + 1, NOW, None))
MEMBER = Who(frozenset({("JWST", "4098")}))


@pytest.mark.parametrize("rights", [SOON, UNDATED])
def test_a_stranger_may_not_read_before_the_release(rights: ReadRights) -> None:
    assert not may_read(rights, ANYBODY, NOW)


@pytest.mark.parametrize("rights", [SOON, PAST, UNDATED])
def test_a_member_of_the_programme_may_always_read(rights: ReadRights) -> None:
    assert may_read(rights, MEMBER, NOW)


@pytest.mark.parametrize("who", [ANYBODY, MEMBER])
def test_all_may_read_from_the_second_of_the_release_on(who: Who) -> None:
    assert may_read(PAST, who, NOW)


@pytest.mark.parametrize("programme", [("HST", "4098"), ("JWST", "4099"), ("JWST", "")])
def test_a_member_of_another_programme_is_a_stranger(programme: tuple[str, str]) -> None:
    assert not may_read(SOON, Who(frozenset({programme})), NOW)


@pytest.mark.parametrize(("released_at", "public"), [(0, True), (NOW, True), (NOW + 1, False), (None, False)])
def test_a_file_is_public_from_its_date_on_and_never_without_one(released_at: int | None, *, public: bool) -> None:
    assert is_public(released_at, NOW) is public


def test_what_is_public_is_asked_anew_as_time_goes(site: Site, at: Callable[[int], None]) -> None:
    base = site.visitor().basket(SECRET, WFPC2)
    inventory = baskets.opened(site.services, base.removeprefix("/baskets/")).inventory
    before = rights_now(site.services, inventory, ANYBODY).public
    at(RELEASE)
    after = rights_now(site.services, inventory, ANYBODY).public
    assert (int(np.count_nonzero(before)), int(np.count_nonzero(after))) == (1, 2)
