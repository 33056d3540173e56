"""Who MAST's clients are: a token in a cookie, at the addresses made for them and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, NOW, SECRET
from tests.fixtures.people import bearer, log_in, person
from webapp import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

S3D, I2D = f"{SECRET}_s3d.fits", f"{IMAGE}_i2d.fits"


@pytest.fixture
def ada(lite: Site, at: Callable[[int], None]) -> int:
    at(NOW)
    return person(lite, "ada", reads=("JWST", "4098"))


def with_cookie(site: Site, word: str) -> Visitor:
    visitor = site.visitor()
    visitor.client.set_cookie("mast_token", word)
    return visitor


def token(site: Site, account: int, *scopes: str) -> str:
    return bearer(site, account, *scopes)["Authorization"].removeprefix("Bearer ")


def test_whoami_says_whose_token_it_is(lite: Site, ada: int) -> None:
    said = with_cookie(lite, token(lite, ada, tokens.DOWNLOAD)).client.get("/whoami")
    assert said.json == {
        "anon": False,
        "ezid": "ada",
        "eppn": "ada",
        "scopes": ["download"],
        "attrib": {"display_name": "ada", "eppn": "ada", "email": "ada@example.org"},
    }
    assert said.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("word", ["", "sbt_nothing", "another archive's", "sbk_nothing"])
def test_whoami_takes_a_token_that_is_no_good_for_none(lite: Site, ada: int, word: str) -> None:  # noqa: ARG001 - there is somebody
    assert with_cookie(lite, word).client.get("/whoami").json["anon"] is True


def test_whoami_refuses_a_token_that_is_no_good_in_a_header(lite: Site) -> None:
    assert lite.visitor().client.get("/whoami", headers={"Authorization": "token sbt_x"}).status_code == 401


def test_whoami_knows_who_is_logged_in(lite: Site, ada: int) -> None:  # noqa: ARG001 - it is she
    assert log_in(lite.visitor()).client.get("/whoami").json["eppn"] == "ada"


def test_the_cookie_opens_an_exclusive_file(lite: Site, ada: int) -> None:
    with with_cookie(lite, token(lite, ada)).client.get(lite.holdings[S3D].door) as answer:
        assert (answer.status_code, answer.data) == (200, lite.holdings[S3D].content)


def test_a_cookie_without_the_scope_opens_no_file(lite: Site, ada: int) -> None:
    assert with_cookie(lite, token(lite, ada, tokens.READ)).client.get(lite.holdings[I2D].door).status_code == 403


def test_a_revoked_token_in_the_cookie_is_refused_like_one_in_a_header(lite: Site, ada: int) -> None:
    word = token(lite, ada)
    tokens.revoke_all(lite.services, ada)
    assert with_cookie(lite, word).client.get(lite.holdings[S3D].door).status_code == 401


def test_a_cookie_of_another_archive_is_nothing_to_us(lite: Site) -> None:
    with with_cookie(lite, "0123456789abcdef").client.get(lite.holdings[I2D].door) as answer:
        assert answer.status_code == 200


def test_the_cookie_is_nothing_to_pages_and_the_api(lite: Site, ada: int) -> None:
    mine = log_in(lite.visitor())
    base = mine.basket(IMAGE)
    visitor = with_cookie(lite, token(lite, ada))
    assert "ada" not in visitor.get("/").text
    assert visitor.client.get("/account").status_code == 401
    visitor.post(f"{base}/selection", {"back": "", "set": "matching"}, status=403)
    assert visitor.client.post(f"/api/v1{base}/observations", json={"add": [SECRET]}).status_code == 403


def test_a_header_goes_over_the_cookie(lite: Site, ada: int) -> None:
    visitor = with_cookie(lite, token(lite, ada))
    bob = bearer(lite, person(lite, "bob"))
    assert visitor.client.get("/whoami", headers=bob).json["eppn"] == "bob"


def test_those_without_a_token_are_led_to_where_they_make_one(lite: Site) -> None:
    assert lite.visitor().get("/token", status=302).location == "/tokens"
