"""Accounts that people make for themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import WFPC2
from tests.fixtures.people import PASSWORD, log_in, person
from tests.fixtures.webapp import Site, application
from webapp import accounts, throttle

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page

EVE = {"name": "eve", "password": PASSWORD, "email": "eve@sky.example"}


@pytest.fixture
def open_site(lite: Site) -> Site:
    """One where people may sign up."""
    settings = replace(lite.settings, signup=True)
    return Site(application(settings), settings, lite.holdings)


def signs_up(site: Site, status: int = 303, **form: str) -> Page:
    return site.visitor().post("/signup", EVE | form, status=status)


def test_who_signs_up_is_logged_in_and_brings_what_was_begun(open_site: Site) -> None:
    visitor = open_site.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.follow(visitor.post("/signup", EVE | {"next": base}))
    assert page.messages[-1] == "Logged in as eve. Brought into your account: 1 basket."
    log_in(open_site.visitor(), "eve").post(f"{base}/remove", {"what": "all"})


def test_where_sign_up_is_closed_a_sentence_says_whom_to_ask(shared: Site) -> None:
    for page in (shared.visitor().get("/signup", status=404), signs_up(shared, 404)):
        assert "Nobody can sign up here." in page.words
        assert "Ask help@skybasket.example for an account." in page.words


def test_the_login_page_leads_there_only_where_it_is_open(open_site: Site, shared: Site) -> None:
    assert open_site.visitor().get("/login").all("a", href="/signup?next=/")
    assert "Make an account" not in shared.visitor().get("/login").words


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"password": "short"}, 422, "A password has 10 to 1,000 characters; this one has 5."),
        ({"name": "Eve Smith"}, 422, "A name has 2 to 100 characters"),
        ({"name": "long-enough", "password": "Long-Enough"}, 422, "The password is the same as the name."),
        ({"email": "eve"}, 422, "'eve' is no mail address."),
        ({"name": "Ada"}, 409, "There is an account called ada already."),
    ],
    ids=["short", "name", "same", "mail", "taken"],
)
def test_an_error_keeps_what_was_typed_but_the_password(
    open_site: Site, form: dict[str, str], status: int, sentence: str
) -> None:
    person(open_site)
    page = signs_up(open_site, status, **form)
    typed = EVE | form
    assert sentence in page.words
    assert page.at("name").get("value") == typed["name"]
    assert page.at("email").get("value") == typed["email"]
    assert page.at("password").get("value") is None
    assert PASSWORD not in page.text


def test_twenty_accounts_of_one_address_are_enough_for_a_day(open_site: Site) -> None:
    for _ in range(20):
        throttle.sign_up(open_site.services, "127.0.0.1")
    page = signs_up(open_site, 429)
    assert "There were too many new accounts from where you are. Try again in 24 h 0 min." in page.words
    assert page.headers["Retry-After"] == "86400"


def test_a_mistake_is_not_counted_as_an_account(open_site: Site) -> None:
    for _ in range(19):
        throttle.sign_up(open_site.services, "127.0.0.1")
    signs_up(open_site, 422, password="short")  # noqa: S106 - of nobody
    signs_up(open_site)
    assert accounts.called(open_site.services, "eve").email == "eve@sky.example"


def test_who_is_logged_in_needs_no_second_account(open_site: Site) -> None:
    person(open_site)
    assert log_in(open_site.visitor()).get("/signup?next=/history", status=302).location == "/history"
