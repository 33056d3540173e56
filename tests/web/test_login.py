"""Logging in with a password, and out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.people import PASSWORD, log_in, person
from webapp import logins
from webapp.identity import LOGIN_COOKIE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site

C0F = f"HST/{WFPC2}/{WFPC2}_c0f.fits"


def test_who_logs_in_is_greeted_by_name(site: Site) -> None:
    person(site)
    visitor = site.visitor()
    page = visitor.follow(visitor.post("/login", {"name": " Ada ", "password": PASSWORD}))
    assert page.messages == ["Logged in as ada."]
    assert "Log out" in page.words


@pytest.mark.parametrize("name", ["ada", "nobody", "", "ada' OR 1=1 --"])
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(site: Site, name: str) -> None:
    person(site)
    page = site.visitor().post("/login", {"name": name, "password": "not this one"}, status=403)
    assert "Name and password do not belong together." in page.words


def test_what_was_begun_before_comes_along_with_its_numbers(site: Site) -> None:
    person(site)
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    visitor.post(f"{base}/share", {"back": ""})
    page = visitor.follow(visitor.post("/login", {"name": "ada", "password": PASSWORD, "next": base}))
    assert page.messages[-1] == "Logged in as ada. Brought into your account: 1 basket, 1 share."
    assert visitor.get(f"{base}?mrp=0&open={WFPC2}").states[C0F] == "true"


def test_a_selection_goes_on_after_logging_in(site: Site) -> None:
    person(site)
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    log_in(visitor)
    visitor.tick(base, f"HST/{WFPC2}/{WFPC2}_trl.fits")
    assert "2 selected" in visitor.get(base).words


def test_an_account_has_its_basket_on_another_machine(site: Site) -> None:
    person(site)
    base = log_in(site.visitor()).basket(WFPC2)
    assert log_in(site.visitor()).get("/basket", status=302).location == base


def test_after_logging_out_the_browser_knows_nothing(site: Site) -> None:
    person(site)
    visitor = log_in(site.visitor())
    base = visitor.basket(WFPC2)
    answer = visitor.post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert visitor.client.get_cookie(LOGIN_COOKIE) is None
    assert "Your basket is empty" in visitor.get("/basket").words
    visitor.post(f"{base}/remove", {"what": "all"}, status=403)


def test_a_copied_cookie_is_of_no_use_after_logging_out(site: Site) -> None:
    person(site)
    visitor, thief = log_in(site.visitor()), site.visitor()
    cookie = visitor.client.get_cookie(LOGIN_COOKIE)
    assert cookie is not None
    thief.client.set_cookie(LOGIN_COOKIE, cookie.value)
    visitor.post("/logout")
    assert "Log in" in thief.get("/").words


def test_a_session_planted_before_the_login_is_worth_nothing_afterwards(site: Site) -> None:
    person(site)
    attacker, victim = site.visitor(), site.visitor()
    base = attacker.basket(WFPC2)
    planted = attacker.client.get_cookie("skybasket")
    assert planted is not None
    victim.client.set_cookie("skybasket", planted.value)
    log_in(victim)
    attacker.post(f"{base}/remove", {"what": "all"}, status=403)
    assert "Log in" in attacker.get("/").words


def test_each_login_has_a_cookie_of_its_own(site: Site) -> None:
    person(site)
    visitor = site.visitor()
    cookies = [log_in(visitor).client.get_cookie(LOGIN_COOKIE) for _ in range(2)]
    assert len({each.value for each in cookies if each}) == 2


def test_a_late_answer_of_the_old_session_does_not_undo_the_login(site: Site) -> None:
    person(site)
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    old = visitor.client.get_cookie("skybasket")
    assert old is not None
    log_in(visitor)
    visitor.client.set_cookie("skybasket", old.value)
    visitor.post("/basket/add", {"obs": IMAGE})
    assert "Log out" in visitor.get("/").words
    assert "Observations in this basket (2)" in visitor.get(base).words


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"])
def test_a_login_leads_nowhere_else(site: Site, after: str) -> None:
    person(site)
    answer = site.visitor().post("/login", {"name": "ada", "password": PASSWORD, "next": after})
    assert answer.location == "/"


def test_pages_of_somebody_who_is_logged_in_are_not_kept_by_the_browser(site: Site) -> None:
    person(site)
    assert log_in(site.visitor()).get("/").headers["Cache-Control"] == "private, no-store"


class Held(io.BytesIO):
    """The rest of a request, which comes only after something has happened."""

    def __init__(self, content: bytes, happens: Callable[[], object]) -> None:
        super().__init__(content)
        self.happens = happens

    def read(self, size: int | None = -1) -> bytes:
        self.happens()
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        self.happens()
        return super().readinto(buffer)


def test_a_request_whose_rest_is_held_back_until_after_a_logout_does_nothing(site: Site) -> None:
    account_id = person(site)
    visitor = log_in(site.visitor())
    form = b"name=later&scope=read"
    held = Held(form, lambda: logins.end_all(site.services, account_id))
    kind = "application/x-www-form-urlencoded"
    answer = visitor.client.post("/tokens", input_stream=held, content_length=len(form), content_type=kind)
    assert answer.status_code == 401


def test_a_login_is_of_its_own_request_whatever_surrounds_it(site: Site) -> None:
    person(site)
    with site.app.app_context():  # as where a server would nest requests: Flask's g is then the same for all
        log_in(site.visitor())
        stranger = site.visitor()
        assert "Log in" in stranger.get("/").words
        assert stranger.client.get_cookie(LOGIN_COOKIE) is None
