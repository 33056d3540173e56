"""Who may change a basket by the API, and baskets that nobody may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.people import bearer, log_in, person
from tests.fixtures.programs import API, WRITES, Program, every_write, program
from webapp import tokens

if TYPE_CHECKING:
    from tests.fixtures.programs import ProgramBasket
    from tests.fixtures.webapp import Site


def refused(basket: ProgramBasket, who: Program, write: str, status: int) -> None:
    before = basket.get("?mrp=0")
    said = who.post(f"{basket.path}/{write}", WRITES[write], status)
    assert basket.get("?mrp=0") == before
    assert said["detail"]


@every_write
def test_the_key_of_a_basket_changes_it(shared: Site, write: str) -> None:
    basket = program(shared).basket(IMAGE)
    basket.post(write, WRITES[write])


@every_write
def test_the_key_of_another_basket_does_not(shared: Site, write: str) -> None:
    refused(program(shared).basket(IMAGE), program(shared).basket(WFPC2).holder, write, 403)


@every_write
def test_somebody_who_only_knows_its_address_does_not(shared: Site, write: str) -> None:
    refused(program(shared).basket(IMAGE), program(shared), write, 403)


@every_write
def test_a_key_that_was_taken_back_does_not(shared: Site, write: str) -> None:
    visitor = shared.visitor()
    made = visitor.client.post(f"{API}/baskets", json={"observations": [IMAGE]}).json
    visitor.post(f"/baskets/{made['id']}/key/revoke")
    holder = program(shared, Authorization=f"Bearer {made['key']}")
    holder.post(f"/baskets/{made['id']}/{write}", WRITES[write], 401)


@every_write
def test_the_browser_session_that_owns_a_basket_changes_it(shared: Site, write: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    Program(visitor.client).post(f"{base}/{write}", WRITES[write])


def test_a_session_begins_with_the_first_basket(shared: Site) -> None:
    stranger = program(shared)
    basket = stranger.basket(IMAGE)
    stranger.post(f"{basket.path}/selection", WRITES["selection"])


def test_another_browser_session_does_not_change_it(shared: Site) -> None:
    other = shared.visitor()
    other.basket(IMAGE)
    refused(program(shared).basket(IMAGE), Program(other.client), "selection", 403)


def test_an_account_s_token_changes_the_account_s_baskets(lite: Site) -> None:
    headers = bearer(lite, person(lite))
    base = log_in(lite.visitor()).basket(IMAGE)
    for write, body in WRITES.items():
        program(lite, **headers).post(f"{base}/{write}", body)


def test_a_token_for_other_things_changes_nothing(lite: Site) -> None:
    headers = bearer(lite, person(lite), tokens.READ, tokens.DOWNLOAD)
    base = log_in(lite.visitor()).basket(IMAGE)
    for write, body in WRITES.items():
        said = program(lite, **headers).post(f"{base}/{write}", body, 403)
        assert "not for write" in said["title"]


def test_somebody_else_s_token_changes_nothing(lite: Site) -> None:
    person(lite)
    base = log_in(lite.visitor()).basket(IMAGE)
    bob = program(lite, **bearer(lite, person(lite, "bob")))
    for write, body in WRITES.items():
        bob.post(f"{base}/{write}", body, 403)


@pytest.mark.parametrize(
    "shown",
    ["Bearer", "Bearer sbt_nothing", "Bearer sbk_nothing", "Bearer a b", "sbk_nothing", "Basket x", "Bearer \xe9"],
)
def test_a_token_that_is_no_good_is_a_problem_even_for_reading(shared: Site, shown: str) -> None:
    basket = program(shared).basket(IMAGE)
    answer = program(shared, Authorization=shown).asked("GET", basket.path)
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_write_that_another_site_makes_a_browser_send_is_refused(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        Program(visitor.client, headers).post(f"{base}/selection", WRITES["selection"], 403)
    assert Program(visitor.client).get(base)["selected"]["files"] == 0


@every_write
def test_a_locked_basket_is_changed_by_nobody(shared: Site, write: str) -> None:
    visitor = shared.visitor()
    made = visitor.client.post(f"{API}/baskets", json={"observations": [IMAGE]}).json
    visitor.post(f"/baskets/{made['id']}/lock")
    for who in (Program(visitor.client), program(shared, Authorization=f"Bearer {made['key']}")):
        before = who.get(f"/baskets/{made['id']}")
        who.post(f"/baskets/{made['id']}/{write}", WRITES[write], 409)
        assert who.get(f"/baskets/{made['id']}") == before


def frozen(shared: Site) -> tuple[Program, str]:
    """A share, and who made it; its path."""
    basket = program(shared).basket(IMAGE, select="")
    url = basket.post("share", {}, 201)["url"]
    return basket.holder, f"/baskets/{url.rpartition('/')[2]}"


@every_write
def test_a_share_is_changed_by_nobody(shared: Site, write: str) -> None:
    maker, path = frozen(shared)
    maker.post(f"{path}/{write}", WRITES[write], 403)


def test_a_share_is_read_by_anybody(shared: Site) -> None:
    _, path = frozen(shared)
    said = program(shared).get(f"{path}?mrp=0")
    assert (said["files"], said["selected"]["files"]) == (len(shared.holdings.of(IMAGE)), 1)
    assert len(program(shared).get(f"{path}/files?mrp=0")["files"]) == said["files"]


@pytest.mark.parametrize("write", [None, *WRITES])
def test_a_deleted_basket_is_gone(shared: Site, write: str | None) -> None:
    visitor = shared.visitor()
    made = visitor.client.post(f"{API}/baskets", json={"observations": [IMAGE]}).json
    visitor.post(f"/baskets/{made['id']}/delete")
    who = Program(visitor.client)
    if write is None:
        who.get(f"/baskets/{made['id']}", 410)
        who.get(f"/baskets/{made['id']}/files", 410)
    else:
        who.post(f"/baskets/{made['id']}/{write}", WRITES[write], 410)


@pytest.mark.parametrize("path", ["", "/files"])
def test_a_share_that_was_revoked_is_gone(shared: Site, path: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    share = visitor.post(f"{base}/share", {"back": "mrp=0"}).location.rpartition("/")[2]
    visitor.post(f"/s/{share}/revoke")
    program(shared).get(f"/baskets/{share}{path}", 410)
