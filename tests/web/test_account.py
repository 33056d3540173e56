"""The account page: mail address, password, and where one is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, NOW
from tests.fixtures.people import PASSWORD, bearer, log_in, person
from tests.fixtures.visitor import words
from webapp import accounts, secret_words, user_agents
from webapp.identity import LOGIN_COOKIE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

NEW = "another set of words"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E1 Safari/604.1"
PAGES = ("/account", "/account/export", "/account/delete")
POSTS = ("delete", "email", "password", "logout", "logout-everywhere")


def changes(visitor: Visitor, old: str = PASSWORD, new: str = NEW, status: int = 303) -> Page:
    return visitor.post("/account/password", {"old": old, "new": new}, status=status)


def cookie(visitor: Visitor) -> str:
    found = visitor.client.get_cookie(LOGIN_COOKIE)
    assert found is not None
    return found.value


def logins(page: Page) -> list[str]:
    return [words(row) for row in page.all("tr")[1:]]


def test_a_stranger_is_asked_to_log_in(shared: Site) -> None:
    visitor = shared.visitor()
    for path in PAGES:
        visitor.get(path, status=401)
    for path in POSTS:
        visitor.post(f"/account/{path}", status=401)


def test_a_token_can_do_nothing_here(lite: Site) -> None:
    headers = bearer(lite, person(lite))
    visitor = lite.visitor()
    for path in PAGES:
        visitor.get(path, status=403, headers=headers)
    for path in POSTS:
        visitor.post(f"/account/{path}", status=403, headers=headers)


def test_the_mail_address_can_be_changed(site: Site) -> None:
    person(site)
    visitor = log_in(site.visitor())
    page = visitor.follow(visitor.post("/account/email", {"email": " me@sky.example ", "password": PASSWORD}))
    assert page.messages[-1] == "Your mail address is saved."
    assert page.at("email").get("value") == "me@sky.example"


def test_a_mail_address_is_not_changed_without_the_password(lite: Site) -> None:
    person(lite)
    log_in(lite.visitor()).post("/account/email", {"email": "thief@sky.example", "password": "a guess"}, status=403)
    assert accounts.called(lite.services, "ada").email == "ada@example.org"


def test_a_mail_address_that_is_none_is_kept_to_be_mended(lite: Site) -> None:
    person(lite)
    page = log_in(lite.visitor()).post("/account/email", {"email": "me"}, status=422)
    assert "'me' is no mail address." in page.words
    assert page.at("email").get("value") == "me"
    assert accounts.called(lite.services, "ada").email == "ada@example.org"


def test_a_new_password_logs_out_everywhere_else_and_gives_this_browser_a_new_login(site: Site) -> None:
    person(site)
    visitor, elsewhere = log_in(site.visitor()), log_in(site.visitor())
    before = cookie(visitor)
    page = visitor.follow(changes(visitor))
    assert page.messages[-1] == "Your password is changed. You are logged out everywhere else."
    assert cookie(visitor) != before
    elsewhere.get("/account", status=401)
    thief = site.visitor()
    thief.client.set_cookie(LOGIN_COOKIE, before)
    thief.get("/account", status=401)
    site.visitor().post("/login", {"name": "ada", "password": NEW})
    site.visitor().post("/login", {"name": "ada", "password": PASSWORD}, status=403)


@pytest.mark.parametrize(
    ("old", "new", "status", "sentence"),
    [
        ("not this one", NEW, 403, "That is not your password, so nothing was changed."),
        (PASSWORD, "short", 422, "A password has 10 to 1,000 characters; this one has 5."),
    ],
    ids=["old", "new"],
)
def test_a_password_that_will_not_do_changes_nothing(
    lite: Site, old: str, new: str, status: int, sentence: str
) -> None:
    person(lite)
    visitor, elsewhere = log_in(lite.visitor()), log_in(lite.visitor())
    page = changes(visitor, old, new, status)
    assert sentence in page.words
    assert PASSWORD not in page.text
    elsewhere.get("/account")


def test_who_has_anothers_browser_cannot_try_passwords_for_ever(lite: Site) -> None:
    person(lite)
    visitor = log_in(lite.visitor())
    for _ in range(10):
        changes(visitor, "not this one", status=403)
    page = changes(visitor, status=429)
    assert "There were too many wrong passwords." in page.words
    assert page.headers["Retry-After"]


def test_strangers_who_fail_to_log_in_keep_nobody_from_changing_the_password(lite: Site) -> None:
    person(lite)
    visitor = log_in(lite.visitor())
    for _ in range(5):
        lite.visitor().post("/login", {"name": "ada", "password": "not this one"}, status=403)
    changes(visitor)


def test_the_browsers_are_listed_in_short_words(lite: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    person(lite)
    phone = lite.visitor()
    phone.client.environ_base["HTTP_USER_AGENT"] = PHONE
    log_in(phone)
    at(NOW + 3_600)
    page = log_in(lite.visitor()).get("/account")
    first, second = logins(page)
    assert "this one" in first
    assert second.startswith("Safari on an iPhone2027-01-15")
    assert page.all("span", title=PHONE)


def test_one_browser_can_be_logged_out(lite: Site) -> None:
    person(lite)
    visitor, other = log_in(lite.visitor()), log_in(lite.visitor())
    page = visitor.follow(visitor.post("/account/logout", {"login": secret_words.digest(cookie(other))}))
    assert page.messages[-1] == "That browser is logged out."
    assert len(logins(page)) == 1
    other.get("/account", status=401)
    assert visitor.post("/account/logout", page.forms("/account/logout")[0]).location == "/login"


def test_nobody_logs_out_somebody_else(lite: Site) -> None:
    person(lite)
    person(lite, "bob")
    visitor = log_in(lite.visitor())
    (form,) = visitor.get("/account").forms("/account/logout")
    bob = log_in(lite.visitor(), "bob")
    assert bob.follow(bob.post("/account/logout", form)).messages[-1] == "That browser was logged out already."
    visitor.get("/account")


def test_log_out_everywhere_means_here_too(lite: Site) -> None:
    person(lite)
    visitor, other = log_in(lite.visitor()), log_in(lite.visitor())
    page = visitor.follow(visitor.post("/account/logout-everywhere"))
    assert "You are logged out everywhere." in page.words
    for each in (visitor, other):
        each.get("/account", status=401)


def test_nothing_that_is_private_is_kept_by_a_browser(lite: Site) -> None:
    person(lite)
    visitor = log_in(lite.visitor())
    base = visitor.basket(IMAGE)
    for url, target in (("/account", None), (base, None), (base, "workspace"), ("/history", "history")):
        assert visitor.get(url, target=target).headers["Cache-Control"] == "private, no-store", url
    with visitor.client.get("/account/export") as zipped:
        assert zipped.headers["Cache-Control"] == "private, no-store"
    body = {"method": "list", "format": "csv", "filters": "mrp=0"}
    answer = visitor.client.post(f"/api/v1{base}/plan", json=body)
    assert (answer.is_json, answer.headers["Cache-Control"]) == (True, "private, no-store")


def test_logging_in_has_the_browser_forget_the_pages_of_a_stranger(lite: Site) -> None:
    person(lite)
    answer = lite.visitor().post("/login", {"name": "ada", "password": PASSWORD})
    assert answer.headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/129.0 Safari/537.36 Edg/129.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/129.0 Safari/537.36",
            "Chrome on a Mac",
        ),
        (PHONE, "Safari on an iPhone"),
        ("curl/8.9.1", "curl"),
        ("Mozilla/9", "A browser"),
        ("", "A program"),
    ],
)
def test_a_browser_is_known_by_what_it_calls_itself(agent: str, said: str) -> None:
    assert user_agents.browser(agent) == said
