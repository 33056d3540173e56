"""API tokens: made, listed and revoked on a page."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.fixtures.holdings import NOW
from tests.fixtures.people import log_in, person
from tests.fixtures.visitor import words
from webapp import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

DAY = 86_400
FORM = {"name": "my notebook", "scope": ["read", "download"]}


@pytest.fixture
def name() -> str:
    """Of an account that no other test has."""
    return f"ada-{uuid4().hex[:10]}"


def new(visitor: Visitor, **form: object) -> Page:
    """Fill the form in and send it."""
    (hidden,) = visitor.get("/tokens").forms("/tokens")
    return visitor.post("/tokens", {**FORM, "newest": hidden["newest"], **form}, status=201)


def token_of(page: Page) -> str:
    return words(page.at("token"))


def one(site: Site, account_id: int, *scopes: str) -> str:
    return tokens.new(site.services, account_id, "a notebook", scopes or tokens.SCOPES)


def may(site: Site, header: str) -> Page:
    """What a program is answered that shows this header."""
    return site.visitor().get("/history", headers={"Authorization": header})


# The page


def test_a_stranger_is_led_to_the_login_and_back(shared: Site) -> None:
    page = shared.visitor().get("/tokens", status=401)
    assert page.all("a", href="/login?next=/tokens")


def test_a_new_token_works_as_it_is_shown(shared: Site, name: str) -> None:
    person(shared, name)
    page = new(log_in(shared.visitor(), name))
    assert page.headers["Cache-Control"] in {"no-store", "private, no-store"}
    assert name in may(shared, f"Bearer {token_of(page)}").words


def test_a_token_is_in_no_cookie_log_page_or_address_afterwards(
    shared: Site, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person(shared, name)
    visitor = log_in(shared.visitor(), name)
    page = new(visitor)
    word = token_of(page)
    assert word not in str(page.headers)
    assert word not in caplog.text
    assert word not in visitor.get("/tokens").text
    assert f"…{word[-4:]}" in visitor.get("/tokens").words


def test_the_same_form_sent_again_makes_no_other(site: Site) -> None:
    person(site)
    visitor = log_in(site.visitor())
    form = {**FORM, "newest": visitor.get("/tokens").forms("/tokens")[0]["newest"]}
    visitor.post("/tokens", form, status=201)
    page = visitor.post("/tokens", form, status=409)
    assert "A token was made since this form was shown" in page.words
    assert len(page.all("form", action="/tokens/1/revoke")) == 1
    visitor.post("/tokens", {**form, "newest": page.forms("/tokens")[0]["newest"]}, status=201)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "  "}, "A token needs a name"),
        ({"name": "x" * 101}, "A token needs a name"),
        ({"scope": []}, "A token is for one or more of"),
        ({"scope": ["read", "everything"]}, "A token is for one or more of"),
    ],
)
def test_a_form_that_says_too_little_comes_back_as_it_was(
    shared: Site, name: str, form: dict[str, object], sentence: str
) -> None:
    person(shared, name)
    page = log_in(shared.visitor(), name).post("/tokens", {**FORM, "newest": "0", **form}, status=422)
    assert sentence in page.words
    assert page.at("name").get("value") == {**FORM, **form}["name"]


def test_the_list_says_how_each_token_stands(lite: Site, at: Callable[[int], None]) -> None:
    ada = person(lite)
    for days, what in ((70, "old"), (50, "idle"), (3, "revoked"), (1, "fresh")):
        at(NOW - days * DAY)
        tokens.new(lite.services, ada, what, ["read"])
    tokens.revoke(lite.services, ada, 3)
    at(NOW)
    rows = [words(row) for row in log_in(lite.visitor()).get("/tokens").all("tr")[1:]]
    found = {
        what: state
        for row in rows
        for what in ("old", "idle", "fresh", "revoked")
        if row.startswith(what)
        for state in (tokens.WORKS, tokens.IDLE, tokens.EXPIRED, tokens.REVOKED)
        if f" {state} " in row.partition("read")[2]
    }
    assert found == {"fresh": "works", "idle": "not used for 10 days", "old": "expired", "revoked": "revoked"}


def test_a_revoked_token_stops_at_once(shared: Site, name: str) -> None:
    ada = person(shared, name)
    word, visitor = one(shared, ada), log_in(shared.visitor(), name)
    may(shared, f"Bearer {word}")
    (action,) = [each.get("action", "") for each in visitor.get("/tokens").all("form") if "revoke" in str(each.attrib)]
    visitor.post(action)
    page = shared.visitor().get("/history", status=401, headers={"Authorization": f"Bearer {word}"})
    assert "This token was revoked." in page.words


def test_nobody_revokes_the_token_of_another(shared: Site, name: str) -> None:
    ada = person(shared, name)
    person(shared, f"{name}-other")
    word = one(shared, ada)
    (row, *_), _ = tokens.listed(shared.services, ada)
    log_in(shared.visitor(), f"{name}-other").post(f"/tokens/{row.id}/revoke", status=404)
    may(shared, f"Bearer {word}")


def test_all_tokens_are_revoked_together(shared: Site, name: str) -> None:
    ada = person(shared, name)
    made = [one(shared, ada) for _ in range(2)]
    log_in(shared.visitor(), name).post("/tokens/revoke")
    for word in made:
        shared.visitor().get("/history", status=401, headers={"Authorization": f"Bearer {word}"})


def test_no_account_has_more_than_fifty_that_work(lite: Site) -> None:
    ada = person(lite)
    for _ in range(tokens.MOST):
        one(lite, ada)
    visitor = log_in(lite.visitor())
    page = visitor.post("/tokens", {**FORM, "newest": str(tokens.MOST)}, status=409)
    assert "50 tokens of this account work, and no more can." in page.words
    tokens.revoke(lite.services, ada, 7)
    visitor.post("/tokens", {**FORM, "newest": str(tokens.MOST)}, status=201)
