"""``skybasket ingest mast`` and a server whose answers fail, never end, are too large, or make no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.ingest_mast import OBSERVATIONS, PRODUCTS, PROGRAMME, answered

if TYPE_CHECKING:
    from tests.fixtures.ingest_mast import Ingest
    from tests.fixtures.replay_mast import Replay


FAULTS = ["cut", "503 0", *(pytest.param(each, marks=pytest.mark.long) for each in ("500", "429", "half", "html"))]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_fails_once_is_asked_for_again(ingest: Ingest, replay: Replay, fault: str) -> None:
    replay.only, replay.faults = {PRODUCTS}, [fault]
    done = ingest(*PROGRAMME)
    assert (done.exit_code, len(replay.questions(PRODUCTS))) == (0, 2)
    assert "23 new" in done.stdout
    assert "Trying again" in done.stderr


STRANGE = {
    "null": b"null",
    "list": b"[]",
    "number": b"17",
    "nothing": b"",
    "no rows": b'{"status": "COMPLETE"}',
    "wrong rows": b'{"status": "COMPLETE", "data": [7], "fields": [{"name": "x", "type": "int"}]}',
    "wrong fields": b'{"status": "COMPLETE", "data": [{"a": [1, 2]}], "fields": [{"name": "a", "type": "int"}]}',
    "another table": b'{"status": "COMPLETE", "data": [{"a": "1"}], "fields": [{"name": "a", "type": "string"}]}',
    "large number": b'{"status": "COMPLETE", "data": [{"a": 1%s}], "fields": [{"name": "a", "type": "int"}]}'
    % (b"0" * 40),
    "endless pages": b'{"status": "COMPLETE", "data": [], "fields": [], "paging": {"page": 1, "pagesFiltered": "x"}}',
    "deep": b"[" * 100_000,
    "not text": b"\xff\xfe\x00",
}


@pytest.mark.long
@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("service", [OBSERVATIONS, PRODUCTS])
def test_a_strange_answer_is_a_sentence(ingest: Ingest, replay: Replay, body: bytes, service: str) -> None:
    replay.only, replay.always, replay.instead = {service}, "instead", body
    done = ingest("U9O40504M")
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert "127.0.0.1 " in done.stderr.splitlines()[-1] or "MAST's list of" in done.stderr


@pytest.mark.parametrize(
    ("pages", "sentence", "asked"),
    [
        (10**9, "says that its answer has 1,000,000,000 pages or more.", 1),
        (9, "sent the same page of products again.", 2),
    ],
)
def test_pages_without_end_are_given_up(ingest: Ingest, replay: Replay, pages: int, sentence: str, asked: int) -> None:
    replay.only, replay.always = {PRODUCTS}, "instead"
    replay.instead = answered(replay.products[0], {"page": 1, "pagesFiltered": pages})
    done = ingest("U9O40504M")
    assert (done.exit_code, len(replay.questions(PRODUCTS))) == (1, asked)
    assert f"Left out: U9O40504M: 127.0.0.1 {sentence}" in done.stderr.splitlines()


def test_a_list_of_observations_that_repeats_itself_ends(ingest: Ingest, replay: Replay) -> None:
    replay.only, replay.always = {OBSERVATIONS}, "instead"
    replay.instead = answered({"Column1": "1000000"} | replay.observations[0])
    done = ingest(*PROGRAMME, "--yes")
    assert (done.exit_code, len(replay.questions(OBSERVATIONS))) == (1, 3)  # the count, and two pages
    assert "127.0.0.1 listed 999,999 observations fewer than it counted; ask again later." in done.stderr


def test_an_answer_that_unpacks_to_too_much_is_not_asked_for_again(
    ingest: Ingest, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.ingest.mast_wire.MOST_BYTES", 4_000_000)
    replay.only, replay.always = {PRODUCTS}, "bomb"
    done = ingest("U9O40504M")
    assert (done.exit_code, len(replay.questions(PRODUCTS))) == (1, 1)
    assert "Left out: U9O40504M: 127.0.0.1 sent an answer of more than" in done.stderr


def test_an_answer_that_is_still_being_made_is_waited_for(ingest: Ingest, replay: Replay) -> None:
    replay.faults = ["EXECUTING"] * 3
    assert "23 new" in ingest(*PROGRAMME).stdout


def test_answers_in_pages_come_whole(ingest: Ingest, replay: Replay) -> None:
    replay.page_rows = 2
    done = ingest(*PROGRAMME)
    assert (done.exit_code, done.stdout.split(",")[0]) == (0, "127.0.0.1: 5 observations; 23 new")


@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        pytest.param({"obsid": "9" * 400}, "its number is '999", marks=pytest.mark.long),
        ({"obsid": "1,2,3"}, "its number is '1,2,3'."),
        pytest.param({"obsid": "7\x1b[2J"}, "its number is '7\\x1b[2J'.", marks=pytest.mark.long),
        pytest.param({"obs_id": "x" * 1_000_000}, "its name is 'xxx", marks=pytest.mark.long),
        ({"obs_id": "a\x1b]0;b\x07"}, "its name is 'a\\x1b]0;b\\x07'."),
        ({"obs_id": {"a": 1}}, "its name is \"{'a': 1}\"."),
    ],
    ids=lambda each: str(each)[:30],
)
def test_an_observation_that_makes_no_sense_is_left_out_in_words(
    ingest: Ingest, replay: Replay, odd: dict[str, Any], sentence: str
) -> None:
    row = next(each for each in replay.observations if each["proposal_id"] == "4426")
    row |= odd
    done = ingest(*PROGRAMME)
    assert (done.exit_code, done.stdout.split(";")[0]) == (1, "127.0.0.1: 4 observations")
    (said,) = (line for line in done.stderr.splitlines() if line.startswith("Left out: "))
    assert sentence in said
    assert said.isprintable()
    assert len(said) < 200


def test_a_count_below_nothing_is_a_sentence(ingest: Ingest, replay: Replay) -> None:
    replay.only, replay.always, replay.instead = {OBSERVATIONS}, "instead", answered({"Column1": "-5"})
    done = ingest(*PROGRAMME)
    assert done.exit_code == 2
    assert done.stderr == "127.0.0.1 sent a count of observations that cannot be.\n"


def test_words_of_the_server_do_not_steer_the_terminal(ingest: Ingest, replay: Replay) -> None:
    row = next(each for each in replay.products if each["parent_obsid"] == "139257240")
    row["dataURI"] = "mast:JWST/product/\x1b]0;b\x07" + "x" * 100_000
    done = ingest(*PROGRAMME)
    assert done.exit_code == 1
    assert all(line.isprintable() and len(line) < 2_000 for line in done.stderr.splitlines())
