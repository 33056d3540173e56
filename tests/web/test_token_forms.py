"""How a token is shown, and what it may do: each right form is taken and no wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.fixtures.holdings import IMAGE, NOW, SECRET, WFPC2
from tests.fixtures.people import bearer, log_in, person
from tests.fixtures.visitor import words
from tests.fixtures.webapp import counted
from webapp import admin, secret_words, tokens
from webapp.db import writing
from webapp.models import Basket

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page
    from tests.fixtures.webapp import Site

DAY = 86_400
PLAIN = f"{IMAGE}_i2d.fits"
EXCLUSIVE = f"{SECRET}_s3d.fits"
FORM = {"name": "my notebook", "scope": ["read", "download"]}


@pytest.fixture(scope="module")
def good(shared: Site) -> str:
    """A token that works, of an account that lasts: hashing a password takes a while."""
    return one(shared, person(shared, "grace-of-tokens"))


def one(site: Site, account_id: int, *scopes: str) -> str:
    return tokens.new(site.services, account_id, "a notebook", scopes or tokens.SCOPES)


def may(site: Site, header: str) -> Page:
    """What a program is answered that shows this header."""
    return site.visitor().get("/history", headers={"Authorization": header})


def refused(site: Site, header: str) -> Page:
    """It is refused, wherever it is shown, and nothing is written down."""
    with counted(site.services.engine) as sent:
        page = site.visitor().get("/history", status=401, headers={"Authorization": header})
        other = site.visitor().client.post(
            f"/api/v1/baskets/{'A' * 22}/plan", json={}, headers={"Authorization": header}
        )
        door = site.visitor().get(site.holdings[PLAIN].door, status=401, headers={"Authorization": header})
    assert not [each for each in sent if not each.startswith("SELECT")]
    assert page.headers["WWW-Authenticate"] == other.headers["WWW-Authenticate"] == "Bearer"
    assert (other.status_code, other.mimetype) == (401, "application/problem+json")
    assert other.get_json()["title"] == words(page.all("h1")[0]) == words(door.all("h1")[0])
    return page


# How a token is shown


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "token", "Token", "TOKEN"])
def test_both_schemes_are_taken_in_any_letter_case(shared: Site, good: str, scheme: str) -> None:
    assert "grace-of-tokens" in may(shared, f"{scheme} {good}").words


WRONG: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "spaces": lambda _: "   ",
    "no token": lambda _: "Bearer",
    "a space for a token": lambda _: "Bearer ",
    "two tokens": lambda word: f"Bearer {word} {word}",
    "two tokens with a comma": lambda word: f"Bearer {word}, Bearer {word}",
    "no scheme": lambda word: word,
    "another scheme": lambda word: f"Secret {word}",
    "a colon": lambda word: f"Bearer: {word}",
    "another prefix": lambda word: f"Bearer sbx_{word[4:]}",
    "no prefix": lambda word: f"Bearer {word[4:]}",
    "a basket's prefix": lambda word: f"Bearer {secret_words.KEY}{word[4:]}",
    "cut off": lambda word: f"Bearer {word[:-1]}",
    "longer": lambda word: f"Bearer {word}A",
    "not ASCII": lambda word: f"Bearer {word[:-1]}é",
    "10 kB": lambda word: f"Bearer {word * 200}",
    "quoted": lambda word: f'Bearer "{word}"',
    "lower case": lambda word: f"Bearer {word.lower()}",
    "upper case": lambda word: f"Bearer {word.upper()}",
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_token_in_a_wrong_form_is_refused(shared: Site, good: str, wrong: Callable[[str], str]) -> None:
    assert good not in refused(shared, wrong(good)).text


@pytest.mark.parametrize(("days", "used"), [(60, 9), (10, None)], ids=["60 days", "10 idle days"])
def test_a_token_whose_time_is_over_is_refused(
    lite: Site, at: Callable[[int], None], days: int, used: int | None
) -> None:
    at(NOW)
    word = one(lite, person(lite))
    for day in range(used or days, days, used or days):
        at(NOW + day * DAY)
        may(lite, f"Bearer {word}")
    at(NOW + days * DAY - 1)
    if used:
        may(lite, f"Bearer {word}")
    at(NOW + days * DAY)
    refused(lite, f"Bearer {word}")


def test_the_ten_idle_days_begin_anew_with_each_use(lite: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    word = one(lite, person(lite))
    for day in (9, 18, 27):
        at(NOW + day * DAY)
        may(lite, f"Bearer {word}")


def test_a_token_of_a_disabled_account_is_refused(lite: Site) -> None:
    ada = person(lite)
    word = one(lite, ada)
    admin.disable(lite.services, ada, "a test")
    refused(lite, f"Bearer {word}")


def test_a_basket_key_that_was_taken_back_is_refused(lite: Site) -> None:
    key = secret_words.new(secret_words.KEY)
    base = lite.visitor().basket(WFPC2)
    for kept in (secret_words.digest(key), None):
        with writing(lite.services.engine) as session:
            session.execute(update(Basket).where(col(Basket.id) == base.rpartition("/")[2]).values(key_hash=kept))
        if kept:
            may(lite, f"Bearer {key}")
    refused(lite, f"Bearer {key}")


@pytest.mark.parametrize("field", ["token", "access_token", "Authorization"])
def test_a_token_in_an_address_counts_for_nothing(shared: Site, good: str, field: str) -> None:
    page = shared.visitor().get(f"/shares?{field}={good}")
    assert "grace-of-tokens" not in page.words
    assert "Log in" in page.words


# What a token may do


def test_a_token_that_may_read_cannot_tick(lite: Site) -> None:
    ada = person(lite)
    base = log_in(lite.visitor()).basket(WFPC2)
    for scopes, status in ((("read", "download"), 403), (("read", "write"), 303)):
        lite.visitor().post(
            f"{base}/selection", {"set": "matching", "back": "mrp=0"}, status=status, headers=bearer(lite, ada, *scopes)
        )


@pytest.mark.parametrize("file", [PLAIN, EXCLUSIVE])
def test_a_token_without_download_gets_no_file(lite: Site, file: str) -> None:
    ada = person(lite, reads=("JWST", "4098"))
    for scopes, status in ((("read", "write"), 403), (("download",), 200)):
        with lite.visitor().client.get(lite.holdings[file].door, headers=bearer(lite, ada, *scopes)) as answer:
            assert answer.status_code == status


@pytest.mark.parametrize("url", ["/tokens", "/admin"])
def test_a_token_is_not_for_pages_of_secrets(lite: Site, url: str) -> None:
    headers = bearer(lite, person(lite, admin=True))
    assert "so a token cannot do it" in lite.visitor().get(url, status=403, headers=headers).words


def test_a_token_makes_no_token(lite: Site) -> None:
    ada = person(lite)
    lite.visitor().post("/tokens", {**FORM, "newest": "1"}, status=403, headers=bearer(lite, ada))
    assert len(tokens.listed(lite.services, ada)[0]) == 1


def test_a_use_is_noted_once_a_minute(lite: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    ada = person(lite)
    word = one(lite, ada)
    noted = []
    for second in (0, 59, 60):
        at(NOW + second)
        may(lite, f"Bearer {word}")
        noted.append(tokens.listed(lite.services, ada)[0][0].used_at)
    assert noted == [NOW, NOW, NOW + 60]
