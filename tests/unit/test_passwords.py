"""Passwords: what a new one has to be, and how one is kept and compared."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from webapp import passwords
from webapp.errors import UserError

WORDS = "three words together"
REAL = passwords._hasher  # before tests/conftest.py puts a light one there


@pytest.fixture(autouse=True)
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", REAL)


def test_a_hash_takes_the_memory_and_the_rounds_of_rfc_9106() -> None:
    assert KEPT.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_password_is_kept_as_a_hash_of_its_own_each_time() -> None:
    first, second = passwords.hashed(WORDS), passwords.hashed(WORDS)
    assert first != second
    assert first.startswith("$argon2id$")
    assert passwords.is_right(WORDS, first)
    assert passwords.is_right(WORDS, second)


@pytest.mark.parametrize("other", ["", "Three words together", f"{WORDS} ", "x" * 100_000, "\udcff\0"])
def test_any_other_password_is_wrong(other: str) -> None:
    assert not passwords.is_right(other, KEPT)


def test_nothing_is_the_password_where_there_is_none() -> None:
    assert not passwords.is_right("", None)
    assert not passwords.is_right("what is compared where there is nothing to compare", None)


def test_what_is_kept_and_is_no_hash_lets_nobody_in() -> None:
    assert not passwords.is_right(WORDS, "x")


@pytest.mark.parametrize(("length", "fits"), [(9, False), (10, True), (1_000, True), (1_001, False)])
def test_a_password_has_10_to_1000_characters(length: int, fits: bool) -> None:  # noqa: FBT001 - a case
    if fits:
        passwords.hashed("é" * length)
        return
    with pytest.raises(UserError, match=f"10 to 1,000 characters; this one has {length:,}"):
        passwords.hashed("é" * length)


def test_a_password_is_not_the_name() -> None:
    with pytest.raises(UserError, match="same as the name"):
        passwords.hashed("Ada-Lovelace", name="ada-lovelace")


def test_a_hash_of_other_parameters_is_known_and_still_good() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(WORDS)
    assert passwords.is_dated(old)
    assert not passwords.is_dated(KEPT)
    assert passwords.is_right(WORDS, old)


def test_who_waits_too_long_for_a_turn_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    with passwords._Turn(), passwords._Turn(), pytest.raises(UserError, match="Too many people are logging in at once"):
        passwords.is_right(WORDS, KEPT)


KEPT = passwords.hashed(WORDS)
