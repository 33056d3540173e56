"""The client against servers that answer as servers do on bad days."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from skybasket_client import Skybasket, SkybasketError
from skybasket_client.words import query
from tests.fixtures.crooked import TOKEN, Answer, Crooked, problem, said

if TYPE_CHECKING:
    from pathlib import Path

TOTALS = {"files": 1, "bytes": 2, "unknown_size": 0}


def test_words_become_a_query_string_as_the_page_writes_it() -> None:
    assert query("?mrp=0", ext=["fits", "fits.gz"], selected=True, name=None) == "mrp=0&ext=fits&ext=fits.gz&selected=1"


def test_a_refusal_has_a_sentence_a_hint_a_status_and_all_members(crooked: Crooked) -> None:
    crooked.will(problem(422, "nope is not here.", missing=["nope"]))
    with crooked.sky() as sky, pytest.raises(SkybasketError) as caught:
        sky.new_basket(["nope"])
    error = caught.value
    assert (error.sentence, error.hint, error.status) == ("nope is not here.", "Do this.", 422)
    assert error.problem["missing"] == ["nope"]


def test_a_page_in_place_of_json_is_an_error_without_the_page(crooked: Crooked) -> None:
    crooked.will(Answer(500, b"<html>Oh</html>"))
    with (
        crooked.sky() as sky,
        pytest.raises(SkybasketError, match=r"^The server answered 500"),
    ):
        sky.basket("b").show()


@pytest.mark.parametrize("body", [b"<html>Log in first</html>", b"[]", b""])
def test_another_program_at_that_address_is_told_from_skybasket(crooked: Crooked, body: bytes) -> None:
    crooked.will(Answer(200, body))
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="does not answer as Skybasket does"):
        sky.basket("b").show()


def test_where_no_server_answers_the_error_has_no_status(crooked: Crooked) -> None:
    url = crooked.url.replace(str(crooked.http.server_port), "1")
    with Skybasket(url, token="", patience=0.1) as sky, pytest.raises(SkybasketError) as caught:
        sky.basket("b").show()
    assert caught.value.status is None


@pytest.mark.parametrize(
    "url", ["archive.example", "file:///x", "http://ada:secret@archive.example", "http://[", "http://a:99999"]
)
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(SkybasketError, match="is not the address of a server"):
        Skybasket(url, token="")


def test_the_token_comes_from_the_environment_and_is_never_shown(
    crooked: Crooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKYBASKET_TOKEN", TOKEN)
    crooked.will(problem(403))
    with Skybasket(crooked.url) as sky, pytest.raises(SkybasketError) as caught:
        sky.basket("b").show()
    assert crooked.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in f"{caught.value!r} {sky!r} {sky.basket('b')!r}"


def test_a_request_that_is_put_off_is_asked_again_after_the_time_that_the_server_asks_for(crooked: Crooked) -> None:
    crooked.will(problem(429, "Too many.", ("Retry-After", "1")), said(id="b", version=2, **TOTALS))
    with crooked.sky() as sky:
        assert sky.basket("b").select()["version"] == 2
    assert [each.line.split()[0] for each in crooked.asked] == ["POST", "POST"]


def test_nobody_waits_longer_than_their_patience(crooked: Crooked) -> None:
    crooked.will(problem(429, "Too many.", ("Retry-After", "3600")))
    with crooked.sky(patience=5.0) as sky, pytest.raises(SkybasketError, match="Too many") as caught:
        sky.basket("b").show()
    assert caught.value.status == 429


@pytest.mark.parametrize("failure", [None, problem(503, "Later.", ("Retry-After", "0"))])
def test_a_question_that_got_no_answer_is_asked_again(crooked: Crooked, failure: Answer | None) -> None:
    crooked.will(failure, said(id="b", version=2, **TOTALS))
    with crooked.sky() as sky:
        assert sky.basket("b").show()["version"] == 2


@pytest.mark.parametrize("failure", [None, problem(503, "Later.", ("Retry-After", "0"))])
def test_a_change_that_got_no_answer_is_not_made_twice(crooked: Crooked, failure: Answer | None) -> None:
    crooked.will(failure)
    with crooked.sky() as sky, pytest.raises(SkybasketError):
        sky.basket("b").remove("mrp=0")
    assert len(crooked.asked) == 1


def test_an_order_that_got_no_answer_is_sent_again_with_the_same_key(crooked: Crooked) -> None:
    crooked.will(None, said(id="d", url="there"))
    with crooked.sky() as sky:
        assert sky.basket("b").deliver().id == "d"
    first, second = (each.headers["Idempotency-Key"] for each in crooked.asked)
    assert first == second


def test_the_token_does_not_follow_to_another_server(crooked: Crooked, other_crooked: Crooked) -> None:
    crooked.will(Answer(307, headers=(("Location", f"{other_crooked.url}/api/v1/baskets/b"),)))
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="another address"):
        sky.basket("b").show()
    assert other_crooked.asked == []


def test_a_part_is_fetched_from_the_server_that_was_named_whatever_the_address_says(
    crooked: Crooked, other_crooked: Crooked, tmp_path: Path
) -> None:
    parts = [{"url": f"{other_crooked.url}/deliveries/d/x.zip", "name": "x.zip", "bytes": 3}]
    crooked.will(said(id="d", state="Ready", parts=parts), Answer(body=b"zip"))
    with crooked.sky() as sky:
        (file,) = sky.delivery("d").download(tmp_path)
    assert file.read_bytes() == b"zip"
    assert other_crooked.asked == []


def test_no_cookie_is_sent_back(crooked: Crooked) -> None:
    first = said(id="b", version=1, **TOTALS)
    crooked.will(first._replace(headers=(("Set-Cookie", "session=1; Path=/"),)), first)
    with crooked.sky() as sky:
        sky.basket("b").show()
        sky.basket("b").show()
    assert "Cookie" not in crooked.asked[1].headers


def test_a_page_is_asked_for_when_the_one_before_has_been_read(crooked: Crooked) -> None:
    rows = [{"obs_id": "a"}, {"obs_id": "b"}]
    crooked.will(said(observations=rows, next="n&1"), said(observations=rows[:1], next=None))
    with crooked.sky() as sky:
        found = sky.observations(mission="JWST", proposal=["1", "2"])
        assert [each["obs_id"] for each in islice(found, 2)] == ["a", "b"]
        assert len(crooked.asked) == 1
        assert [each["obs_id"] for each in found] == ["a"]
    assert "mission=JWST&proposal=1&proposal=2&limit=1000&after=n%261" in crooked.asked[1].line


@pytest.mark.parametrize("basket", ["b", "https://archive.example/baskets/b?mrp=0"])
def test_a_basket_is_named_by_its_id_or_by_its_page(crooked: Crooked, basket: str) -> None:
    with crooked.sky() as sky:
        assert sky.basket(basket).id == "b"


def test_a_condition_travels_with_a_change(crooked: Crooked) -> None:
    crooked.will(problem(412))
    with crooked.sky() as sky, pytest.raises(SkybasketError):
        sky.basket("b", key="sbk_1").unselect("mrp=0", paths=["JWST/"], if_version=7)
    asked = crooked.asked[0]
    assert (asked.headers["If-Match"], asked.headers["Authorization"]) == ('"7"', "Bearer sbk_1")
    assert json.loads(asked.body) == {"select": False, "filters": "mrp=0", "paths": ["JWST/"]}


def test_waiting_ends_with_what_went_wrong(crooked: Crooked) -> None:
    crooked.will(said(state="Preparing", progress=None), said(state="Failed", sentence="A file is gone."))
    with crooked.sky() as sky, pytest.raises(SkybasketError, match=r"Failed\. A file is gone\."):
        sky.delivery("d").wait()


def test_waiting_has_an_end_and_the_delivery_goes_on(crooked: Crooked) -> None:
    crooked.will(said(state="Preparing"))
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="is preparing still"):
        sky.delivery("d").wait(timeout=0.1)


@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_that_unpacks_to_more_than_anybody_wants_is_refused(crooked: Crooked, status: int) -> None:
    bomb = gzip.compress(b'{"a": "' + b" " * 20_000_000 + b'"}')
    crooked.will(Answer(status, bomb, (("Content-Encoding", "gzip"),)))
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="longer than 16,000,000 bytes"):
        sky.basket("b").show()


def test_an_answer_may_come_packed(crooked: Crooked) -> None:
    crooked.will(Answer(200, gzip.compress(b'{"version": 3}'), (("Content-Encoding", "gzip"),)))
    with crooked.sky() as sky:
        assert sky.basket("b").version == 3


def test_an_answer_that_drips_is_not_waited_for(crooked: Crooked) -> None:
    crooked.will(Answer(200, b" " * 100_000, drip=0.01))
    with crooked.sky(timeout=1.0, patience=0.1) as sky, pytest.raises(SkybasketError, match="did not answer in time"):
        sky.basket("b").show()


@pytest.mark.parametrize(
    "pages",
    [
        [said(files=[{}], next="a"), said(files=[{}], next="b"), said(files=[{}], next="a")],
        [said(files=[], next="a")],
        [said(files=5, next=None)],
        [said(files=[5], next=None)],
        [said(files=[{}], next=5)],
        [said(next=None)],
    ],
    ids=["repeats", "empty", "number", "of numbers", "no cursor", "no list"],
)
def test_a_list_that_goes_round_or_has_another_form_ends(crooked: Crooked, pages: list[Answer]) -> None:
    crooked.will(*pages)
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="not understood"):
        list(sky.basket("b").files())
    assert crooked.answers == []


@pytest.mark.parametrize("answer", [said(id="b"), said(id=5, key="k"), said(key="k")])
def test_an_answer_of_another_form_is_an_error_of_the_client(crooked: Crooked, answer: Answer) -> None:
    crooked.will(answer)
    with crooked.sky() as sky, pytest.raises(SkybasketError, match="not understood") as caught:
        sky.new_basket(["a"])
    assert caught.value.why == "silent"
