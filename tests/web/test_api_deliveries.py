"""Deliveries by the API: their state and what there is to fetch; cancelled, extended, made again by their owners."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.fixtures.holdings import IMAGE, NOW, SECRET, WFPC2
from tests.fixtures.house import DAY
from tests.fixtures.people import bearer, person
from tests.fixtures.programs import program

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.programs import Program, ProgramBasket
    from tests.fixtures.webapp import Site

FIELDS = ["bytes", "expires", "files", "id", "omitted", "parts", "progress", "receipt_url", "sentence", "state"]
SCRIPT, ZIP, BATCH = (
    {"method": method, "format": kind} for method, kind in (("script", "sh"), ("bundle", "zip"), ("batch", "files"))
)


def ordered(basket: ProgramBasket, body: dict[str, Any], who: Program | None = None) -> str:
    """The path of a new delivery."""
    made = (who or basket.holder).post(f"{basket.path}/deliveries", body, 202)
    return f"/deliveries/{made['id']}"


def fetched(who: Program, url: str) -> bytes:
    with who.client.get(urlsplit(url).path, headers=dict(who.headers)) as answer:
        assert answer.status_code == 200
        return bytes(answer.data)


def test_a_delivery_has_the_fields_of_the_contract(place: Site) -> None:
    basket = program(place).basket(IMAGE, select="")
    path = ordered(basket, SCRIPT)
    said = basket.holder.get(path)
    assert sorted(said) == FIELDS
    made = place.holdings[f"{IMAGE}_i2d.fits"]
    assert (said["state"], said["files"], said["bytes"], said["omitted"]) == ("Queued", 1, made.size, 0)
    assert (said["parts"], said["receipt_url"], said["expires"]) == ([], None, None)


def test_a_delivery_is_ready_with_parts_once_it_is_prepared(place: Site) -> None:
    basket = program(place).basket(IMAGE, select="")
    path = ordered(basket, SCRIPT)
    place.work()
    said = basket.holder.get(path)
    (part,) = said["parts"]
    assert (said["state"], sorted(part)) == ("Ready", ["bytes", "name", "sha256", "url"])
    assert part["url"].startswith(f"https://skybasket.example{path}/")
    content = fetched(basket.holder, part["url"])
    assert content.startswith(b"#!")
    assert (len(content), hashlib.sha256(content).hexdigest()) == (part["bytes"], part["sha256"])


def test_a_bundle_is_as_long_as_it_says(place: Site) -> None:
    basket = program(place).basket(IMAGE, WFPC2, select="")
    path = ordered(basket, ZIP)
    place.work()
    (part,) = basket.holder.get(path)["parts"]
    assert len(fetched(basket.holder, part["url"])) == part["bytes"]


def test_what_was_staged_says_its_receipt_and_until_when_it_is_there(place: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    basket = program(place).basket(IMAGE, select="")
    path = ordered(basket, BATCH)
    place.work()
    said = basket.holder.get(path)
    assert (said["state"], said["expires"]) == ("Ready", "2027-01-22T08:00:00Z")
    assert said["receipt_url"] == f"https://skybasket.example{path}/receipt.csv"
    assert b"OK" in fetched(basket.holder, said["receipt_url"])
    wanted = place.holdings[f"{IMAGE}_i2d.fits"]
    assert fetched(basket.holder, f"{path}/{wanted.path}") == wanted.content
    assert {each["name"] for each in said["parts"]} == {"receipt.csv", "MANIFEST.HTML"}


def test_what_was_left_out_is_omitted_and_does_not_spoil_it(place: Site) -> None:
    basket = program(place).basket(IMAGE, SECRET, select="")
    path = ordered(basket, {**SCRIPT, "on_problem": "drop"})
    place.work()
    said = basket.holder.get(path)
    assert (said["state"], said["files"], said["omitted"]) == ("Ready", 1, 1)


def test_a_file_that_goes_meanwhile_is_a_problem(queued: Site) -> None:
    basket = program(queued).basket(IMAGE, WFPC2, select="")
    path = ordered(basket, BATCH)
    queued.holdings.place(queued.holdings[f"{WFPC2}_c0f.fits"]).unlink()
    queued.work()
    said = basket.holder.get(path)
    assert said["state"] == "Finished with problems"
    assert said["sentence"]


def test_anybody_with_its_id_sees_a_delivery(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    path = ordered(basket, SCRIPT)
    assert program(shared).get(path) == basket.holder.get(path)


def test_its_owner_cancels_a_delivery(place: Site) -> None:
    basket = program(place).basket(IMAGE, select="")
    path = ordered(basket, ZIP)
    said = basket.holder.post(f"{path}/cancel")
    assert (sorted(said), said["state"]) == (FIELDS, "Cancelled")
    assert basket.holder.get(path) == said
    basket.holder.post(f"{path}/cancel", status=409)


def test_a_delivery_that_was_cancelled_is_made_again(place: Site) -> None:
    basket = program(place).basket(IMAGE, select="")
    path = ordered(basket, SCRIPT)
    basket.holder.post(f"{path}/cancel")
    assert basket.holder.post(f"{path}/retry")["state"] == "Queued"
    place.work()
    assert basket.holder.get(path)["state"] == "Ready"
    basket.holder.post(f"{path}/retry", status=409)


def test_a_staged_delivery_is_kept_for_a_week_more_once(place: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    basket = program(place).basket(IMAGE, select="")
    path = ordered(basket, BATCH)
    basket.holder.post(f"{path}/extend", status=409)  # nothing is there yet
    place.work()
    basket.holder.get(path)
    at(NOW + DAY)
    assert basket.holder.post(f"{path}/extend")["expires"] == "2027-01-29T08:00:00Z"
    basket.holder.post(f"{path}/extend", status=409)


@pytest.mark.parametrize("change", ["cancel", "extend", "retry"])
def test_somebody_else_changes_nothing(place: Site, change: str) -> None:
    basket, other = (program(place).basket(IMAGE, select="") for _ in range(2))
    path = ordered(basket, BATCH)
    before = basket.holder.get(path)
    for who in (program(place), other.holder):
        who.post(f"{path}/{change}", status=403)
    assert basket.holder.get(path) == before


def test_a_delivery_that_is_not_there_is_a_problem(shared: Site) -> None:
    for name in ("nothing", "x" * 200, "a%2fb", "-"):
        program(shared).get(f"/deliveries/{name}", 404)
        for change in ("cancel", "extend", "retry"):
            program(shared).post(f"/deliveries/{name}/{change}", status=404)


def test_an_account_s_token_cancels_what_it_ordered(queued: Site) -> None:
    ada = program(queued, **bearer(queued, person(queued)))
    path = ordered(program(queued).basket(IMAGE, select=""), SCRIPT, ada)
    assert ada.post(f"{path}/cancel")["state"] == "Cancelled"


def test_a_stranger_cancels_what_the_same_session_ordered(place: Site) -> None:
    stranger = program(place)
    path = ordered(program(place).basket(IMAGE, select=""), SCRIPT, stranger)
    assert stranger.post(f"{path}/cancel")["state"] == "Cancelled"


def test_exclusive_files_are_fetched_by_those_who_may_read_them(queued: Site) -> None:
    ada = program(queued, **bearer(queued, person(queued, reads=("JWST", "4098"))))
    path = ordered(program(queued).basket(SECRET, select=""), ZIP, ada)
    queued.work()
    (part,) = program(queued).get(path)["parts"]
    assert program(queued).client.get(urlsplit(part["url"]).path).status_code == 401
    assert len(fetched(ada, part["url"])) == part["bytes"]
