"""Who MAST's clients are: a token in a cookie, at the addresses made for them and nowhere else."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.fixtures.holdings import IMAGE, NOW, SECRET
from tests.fixtures.people import bearer, log_in, person
from webapp import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

S3D, I2D = f"{SECRET}_s3d.fits", f"{IMAGE}_i2d.fits"


class Person(NamedTuple):
    id: int
    name: str


@pytest.fixture
def ada(shared: Site, at: Callable[[int], None]) -> Person:
    """Somebody new who may read the exclusive files."""
    at(NOW)
    name = f"ada-{secrets.token_hex(8)}"
    return Person(person(shared, name, reads=("JWST", "4098")), name)


def with_cookie(site: Site, word: str) -> Visitor:
    visitor = site.visitor()
    visitor.client.set_cookie("mast_token", word)
    return visitor


def token(site: Site, whose: Person, *scopes: str) -> str:
    return bearer(site, whose.id, *scopes)["Authorization"].removeprefix("Bearer ")


def test_whoami_says_whose_token_it_is(shared: Site, ada: Person) -> None:
    said = with_cookie(shared, token(shared, ada, tokens.DOWNLOAD)).client.get("/whoami")
    assert said.json == {
        "anon": False,
        "ezid": ada.name,
        "eppn": ada.name,
        "scopes": ["download"],
        "attrib": {"display_name": ada.name, "eppn": ada.name},
    }
    assert said.headers["Cache-Control"] == "private, no-store"


def test_whoami_takes_a_token_that_is_no_good_for_none(shared: Site) -> None:
    for word in ("", "sbt_nothing", "another archive's", "sbk_nothing"):
        assert with_cookie(shared, word).client.get("/whoami").json["anon"] is True, word


def test_whoami_refuses_a_token_that_is_no_good_in_a_header(shared: Site) -> None:
    assert shared.visitor().client.get("/whoami", headers={"Authorization": "token sbt_x"}).status_code == 401


def test_whoami_knows_who_is_logged_in(shared: Site, ada: Person) -> None:
    assert log_in(shared.visitor(), ada.name).client.get("/whoami").json["eppn"] == ada.name


def test_the_cookie_opens_an_exclusive_file(shared: Site, ada: Person) -> None:
    with with_cookie(shared, token(shared, ada)).client.get(shared.holdings[S3D].door) as answer:
        assert (answer.status_code, answer.data) == (200, shared.holdings[S3D].content)


def test_a_cookie_without_the_scope_opens_no_file(shared: Site, ada: Person) -> None:
    assert with_cookie(shared, token(shared, ada, tokens.READ)).client.get(shared.holdings[I2D].door).status_code == 403


def test_a_revoked_token_in_the_cookie_is_refused_like_one_in_a_header(shared: Site, ada: Person) -> None:
    word = token(shared, ada)
    tokens.revoke_all(shared.services, ada.id)
    assert with_cookie(shared, word).client.get(shared.holdings[S3D].door).status_code == 401


def test_a_cookie_of_another_archive_is_nothing_to_us(shared: Site) -> None:
    with with_cookie(shared, "0123456789abcdef").client.get(shared.holdings[I2D].door) as answer:
        assert answer.status_code == 200


def test_the_cookie_is_nothing_to_pages_and_the_api(shared: Site, ada: Person) -> None:
    mine = log_in(shared.visitor(), ada.name)
    base = mine.basket(IMAGE)
    visitor = with_cookie(shared, token(shared, ada))
    assert ada.name not in visitor.get("/").text
    assert visitor.client.get("/account").status_code == 401
    visitor.post(f"{base}/selection", {"back": "", "set": "matching"}, status=403)
    assert visitor.client.post(f"/api/v1{base}/observations", json={"add": [SECRET]}).status_code == 403


def test_a_header_goes_over_the_cookie(shared: Site, ada: Person) -> None:
    visitor = with_cookie(shared, token(shared, ada))
    name = ada.name.replace("ada", "bob")
    bob = bearer(shared, person(shared, name))
    assert visitor.client.get("/whoami", headers=bob).json["eppn"] == name


def test_those_without_a_token_are_led_to_where_they_make_one(shared: Site) -> None:
    assert shared.visitor().get("/token", status=302).location == "/tokens"
