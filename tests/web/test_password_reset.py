"""A forgotten password: a link by mail, good once and for an hour, and no word about who has an account."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import NOW, WFPC2
from tests.fixtures.people import PASSWORD, log_in, person
from tests.fixtures.webapp import Site, application
from webapp import accounts, new_passwords, throttle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.mail import Post
    from tests.fixtures.visitor import Page

NEW = "another set of words"
LINK = re.compile(r"https://skybasket\.example(/login/reset/\S+)")


@pytest.fixture
def mailing(lite: Site, post: Post) -> Site:
    """One that sends mail."""
    settings = replace(lite.settings, smtp_url=f"smtp://127.0.0.1:{post.port}", mail_from="sky@archive.example")
    return Site(application(settings), settings, lite.holdings)


def asks(site: Site, name: str, status: int = 200) -> Page:
    """Ask for a link, and wait until it is sent, if it is."""
    page = site.visitor().post("/login/forgot", {"name": name}, status=status)
    new_passwords.postman.submit(lambda: None).result(30)
    return page


def link(post: Post) -> str:
    found = LINK.search(post.mail[-1].get_content())
    assert found
    return found[1]


def test_a_link_is_mailed_and_sets_a_password(mailing: Site, post: Post) -> None:
    person(mailing)
    asks(mailing, "Ada")
    assert post.to == [["ada@example.org"]]
    assert post.mail[0]["Subject"] == "[Skybasket] A new password"
    visitor = mailing.visitor()
    assert "A new password for ada" in visitor.get(link(post)).words
    page = visitor.follow(visitor.post(link(post), {"password": NEW}))
    assert "you are logged out everywhere" in page.words
    visitor.post("/login", {"name": "ada", "password": PASSWORD}, status=403)
    visitor.post("/login", {"name": "ada", "password": NEW})


def test_a_mail_address_will_do_whatever_its_case(mailing: Site, post: Post) -> None:
    person(mailing)
    asks(mailing, "ADA@example.org ")
    assert post.to == [["ada@example.org"]]


def test_all_accounts_of_an_address_are_written_to(mailing: Site, post: Post) -> None:
    for name in ("ada", "ada2"):
        accounts.create(mailing.services, name, PASSWORD, email="ada@example.org")
    asks(mailing, "ada@example.org")
    assert len(post.mail) == 2


def test_the_answer_tells_nobody_whether_there_is_an_account(mailing: Site, post: Post) -> None:
    person(mailing)
    found = [asks(mailing, name) for name in ("ada", "nobody", "ada@example.org", "")]
    assert len({page.text for page in found}) == 1
    assert len({tuple(page.headers.items()) for page in found}) == 1
    assert len(post.mail) == 2


def test_a_failed_login_tells_nobody_either(mailing: Site) -> None:
    person(mailing)
    visitor = mailing.visitor()
    known, unknown = (visitor.post("/login", {"name": n, "password": "x"}, status=403) for n in ("ada", "abc"))
    assert known.text.replace("ada", "abc") == unknown.text
    assert list(known.headers.items()) == list(unknown.headers.items())


def test_a_link_works_once(mailing: Site, post: Post) -> None:
    person(mailing)
    asks(mailing, "ada")
    mailing.visitor().post(link(post), {"password": NEW})
    page = mailing.visitor().post(link(post), {"password": "yet another one"}, status=410)
    assert "This link is not good any more." in page.words
    mailing.visitor().get(link(post), status=410)


def test_a_link_works_for_an_hour(mailing: Site, post: Post, at: Callable[[int], None]) -> None:
    at(NOW)
    person(mailing)
    asks(mailing, "ada")
    at(NOW + 3_599)
    mailing.visitor().get(link(post))
    at(NOW + 3_600)
    mailing.visitor().get(link(post), status=410)


def test_a_password_that_will_not_do_does_not_use_up_the_link(mailing: Site, post: Post) -> None:
    person(mailing)
    asks(mailing, "ada")
    page = mailing.visitor().post(link(post), {"password": "short"}, status=422)
    assert "A password has 10 to 1,000 characters" in page.words
    mailing.visitor().post(link(post), {"password": NEW})


def test_a_new_password_ends_all_logins_and_other_links(mailing: Site, post: Post) -> None:
    person(mailing)
    elsewhere = log_in(mailing.visitor())
    asks(mailing, "ada")
    other = link(post)
    asks(mailing, "ada")
    mailing.visitor().post(link(post), {"password": NEW})
    elsewhere.get("/account", status=401)
    mailing.visitor().get(other, status=410)


def test_the_browser_that_sets_it_logs_in_anew(mailing: Site, post: Post) -> None:
    person(mailing)
    visitor = log_in(mailing.visitor())
    asks(mailing, "ada")
    visitor.post(link(post), {"password": NEW})
    assert "Log in" in visitor.get("/").words


def test_a_new_password_leaves_a_stranger_s_basket_alone(mailing: Site, post: Post) -> None:
    person(mailing)
    visitor = mailing.visitor()
    base = visitor.basket(WFPC2)
    asks(mailing, "ada")
    visitor.post(link(post), {"password": NEW})
    assert visitor.get("/basket", status=302).location == base


def test_the_address_of_the_link_goes_nowhere(mailing: Site, post: Post, caplog: pytest.LogCaptureFixture) -> None:
    person(mailing)
    with caplog.at_level(logging.DEBUG, "webapp"):
        asks(mailing, "ada")
        page = mailing.visitor().get(link(post))
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert link(post).rpartition("/")[2] not in caplog.text


def test_a_page_without_referrer_can_send_its_form(mailing: Site, post: Post) -> None:
    person(mailing)
    asks(mailing, "ada")
    mailing.visitor().post(link(post), {"password": NEW}, headers={"Origin": "null"})


def test_an_account_is_written_to_three_times_an_hour(mailing: Site, post: Post, at: Callable[[int], None]) -> None:
    at(NOW)
    person(mailing)
    for _ in range(4):
        asks(mailing, "ada")
    assert len(post.mail) == 3
    at(NOW + 3_600)
    asks(mailing, "ada")
    assert len(post.mail) == 4


def test_an_address_may_ask_ten_times_an_hour(mailing: Site) -> None:
    for _ in range(10):
        throttle.ask_for_mail(mailing.services, "127.0.0.1")
    page = asks(mailing, "ada", status=429)
    assert page.headers["Retry-After"] == "3600"


def test_no_mail_goes_to_who_has_no_password_or_is_switched_off(mailing: Site, post: Post) -> None:
    for name, values in (("ada", {"password": None}), ("bob", {"disabled_at": NOW}), ("eve", {"email": ""})):
        accounts.set_values(mailing.services, person(mailing, name), **values)  # type: ignore[arg-type]  # of any kind
        asks(mailing, name)
    assert not post.mail


def test_a_mail_server_that_is_down_changes_nothing_of_the_answer(mailing: Site, post: Post) -> None:
    person(mailing)
    post.answers = ["550 no"]
    assert asks(mailing, "ada").text == asks(mailing, "nobody").text


def test_without_mail_the_page_says_whom_to_ask(shared: Site) -> None:
    page = shared.visitor().get("/login/forgot")
    assert "This archive sends no mail" in page.words
    assert page.all("a", href="mailto:help@skybasket.example")
