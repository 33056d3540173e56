"""Limits to what a stranger may try."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from tests.fixtures.holdings import NOW
from tests.fixtures.people import PASSWORD, person
from tests.fixtures.visitor import Visitor
from tests.fixtures.webapp import application
from webapp import account_chores, logins, throttle
from webapp.db import reading
from webapp.models import Login, LoginAttempt

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page
    from tests.fixtures.webapp import Site

HERE, THERE = "192.0.2.1", "192.0.2.2"


def visitor_at(site: Site, address: str) -> Visitor:
    visitor = site.visitor()
    visitor.client.environ_base["REMOTE_ADDR"] = address
    return visitor


def fails(site: Site, times: int, name: str = "ada", address: str = HERE) -> None:
    """Failed logins, counted as the form counts them, without the time that a hash takes."""
    for _ in range(times):
        throttle.log_in(site.services, name, address)


def logs_in(site: Site, status: int, name: str = "ada", address: str = HERE, password: str = PASSWORD) -> Page:
    return visitor_at(site, address).post("/login", {"name": name, "password": password}, status=status)


def test_after_five_wrong_passwords_even_the_right_one_waits(site: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    person(site)
    for _ in range(5):
        logs_in(site, 403, password="not this one")  # noqa: S106 - as it says
    at(NOW + 60)
    page = logs_in(site, 429)
    assert "There were too many failed logins. Try again in 14 min." in page.words
    assert page.headers["Retry-After"] == "840"


def test_who_waited_gets_in(lite: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    person(lite)
    fails(lite, 5)
    at(NOW + 15 * 60)
    logs_in(lite, 303)


def test_an_unknown_name_is_limited_alike(lite: Site) -> None:
    person(lite)
    for name in ("ada", "nobody"):
        fails(lite, 5, name)
    known, unknown = logs_in(lite, 429), logs_in(lite, 429, "nobody")
    assert known.text.replace("ada", "nobody") == unknown.text


def test_who_is_refused_takes_no_time_of_a_hash(lite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    person(lite)
    fails(lite, 5)
    monkeypatch.setattr("webapp.passwords._hasher", None)  # whoever uses it now fails
    logs_in(lite, 429)


def test_another_name_from_there_and_that_name_from_elsewhere_are_let_in(lite: Site) -> None:
    person(lite)
    person(lite, "bob")
    fails(lite, 5)
    logs_in(lite, 303, "bob")
    logs_in(lite, 303, address=THERE)


def test_a_success_forgets_what_failed_with_that_name_from_there(lite: Site) -> None:
    person(lite)
    fails(lite, 4)
    logs_in(lite, 303)
    fails(lite, 4)
    logs_in(lite, 303)


def test_one_address_cannot_try_many_names(lite: Site) -> None:
    for number in range(30):
        fails(lite, 1, f"name{number}")
    person(lite)
    logs_in(lite, 429)
    logs_in(lite, 303, address=THERE)


def test_many_addresses_cannot_try_one_name(lite: Site) -> None:
    person(lite)
    for number in range(100):
        fails(lite, 1, address=f"198.51.100.{number}")
    logs_in(lite, 429, address=THERE)


def test_addresses_of_one_ipv6_network_are_one() -> None:
    assert throttle.network("2001:db8::1") == throttle.network("2001:db8:0:0:9::7") == "2001:db8::/64"
    assert throttle.network("2001:db8:0:1::1") != throttle.network("2001:db8::1")
    assert throttle.network("::ffff:192.0.2.1") == "192.0.2.1"


@pytest.mark.parametrize("name", ["x" * 5_000, " sign-up"])
def test_any_name_can_be_counted(site: Site, name: str) -> None:
    logs_in(site, 403, name)


def test_nobody_is_believed_about_where_they_are(lite: Site) -> None:
    person(lite)
    fails(lite, 5)
    headers = {"X-Forwarded-For": THERE}
    visitor_at(lite, HERE).post("/login", {"name": "ada", "password": PASSWORD}, status=429, headers=headers)


def test_a_proxy_that_the_settings_name_is_believed(lite: Site) -> None:
    person(lite)
    fails(lite, 5)
    visitor = Visitor(application(replace(lite.settings, proxies=1)))
    headers = {"X-Forwarded-For": f"{HERE}, {THERE}"}  # the client's own lie, and what the proxy added
    visitor.post("/login", {"name": "ada", "password": PASSWORD}, headers=headers)


def test_the_clock_forgets_what_counts_no_more(lite: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    account = person(lite)
    fails(lite, 3)
    logins.begin(lite.services, account, "old")
    at(NOW + 29 * 86_400)
    fails(lite, 1)
    logins.begin(lite.services, account, "new")
    at(NOW + 30 * 86_400 - 1)
    account_chores.forget_old(lite.services)
    with reading(lite.services.engine) as session:
        assert len(session.exec(select(LoginAttempt)).all()) == 1
        assert len(session.exec(select(Login)).all()) == 2
    at(NOW + 30 * 86_400)
    account_chores.forget_old(lite.services)
    with reading(lite.services.engine) as session:
        assert [each.agent for each in session.exec(select(Login))] == ["new"]
