"""Deliveries ordered by the API: what is decided before, and that an order sent again is the same order."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import Session, func, select

from tests.fixtures.holdings import IMAGE, SECRET, WFPC2
from tests.fixtures.people import bearer, log_in, person
from tests.fixtures.programs import program
from webapp import tokens
from webapp.models import Delivery

if TYPE_CHECKING:
    from tests.fixtures.programs import Program, ProgramBasket
    from tests.fixtures.webapp import Site

CSV = {"method": "list", "format": "csv"}
KEY = "0f8e2c5e-6f0a-4b77-9f5b-1d6e2b7c9a10"
DROP = {**CSV, "on_problem": "drop"}


def deliveries_of(site: Site, basket: ProgramBasket) -> int:
    wanted = select(func.count()).select_from(Delivery).where(Delivery.basket_id == basket.id)
    with Session(site.services.engine) as session:
        return session.exec(wanted).one()


def ordered(who: Program, basket: ProgramBasket, body: dict[str, Any], key: str = KEY, status: int = 202) -> Any:
    return who.post(f"{basket.path}/deliveries", body, status, Idempotency_Key=key)


def test_an_order_says_where_its_delivery_is(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    answer = basket.holder.asked("POST", f"{basket.path}/deliveries", json=CSV)
    made = answer.json
    assert answer.status_code == 202
    assert made is not None
    assert sorted(made) == ["id", "url"]
    assert made["url"] == f"https://skybasket.example/deliveries/{made['id']}"
    assert answer.headers["Location"] == f"https://skybasket.example/api/v1/deliveries/{made['id']}"


def test_anybody_with_its_id_may_have_a_basket_delivered(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    program(shared).post(f"{basket.path}/deliveries", CSV, 202)


def test_a_token_that_may_not_download_orders_nothing(lite: Site) -> None:
    basket = program(lite).basket(IMAGE, select="")
    program(lite, **bearer(lite, person(lite), tokens.READ, tokens.WRITE)).post(f"{basket.path}/deliveries", CSV, 403)
    assert deliveries_of(lite, basket) == 0


def test_nothing_selected_is_a_problem(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    basket.post("deliveries", CSV, 422)
    basket.post("plan", CSV, 422)


@pytest.mark.parametrize("body", [{"method": "bundle", "format": "rar"}, {"method": "x", "format": "zip"}, {}])
def test_a_method_that_there_is_not_is_a_problem(shared: Site, body: dict[str, str]) -> None:
    basket = program(shared).basket(IMAGE, select="")
    basket.post("deliveries", body, 422)


@pytest.mark.parametrize("email", ["", " ", "x", "a b@sky.example", "a@sky.example\r\nBcc: b@sky.example", "x" * 301])
def test_mail_goes_to_addresses_only(shared: Site, email: str) -> None:
    basket = program(shared).basket(IMAGE, select="")
    basket.post("deliveries", {**CSV, "email": email}, 422)
    assert deliveries_of(shared, basket) == 0


def test_files_that_cannot_be_had_are_findings_and_nothing_is_made(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, SECRET, select="")
    for body in (CSV, {**CSV, "on_problem": "fail"}):
        said = basket.post("deliveries", body, 409)
        plan = basket.post("plan", CSV)
        assert (said["digest"], said["findings"]) == (plan["digest"], plan["findings"])
        (finding,) = said["findings"]
        assert (finding["code"], finding["blocks"], finding["files"]) == ("not_authorised", True, 1)
        assert sorted(finding) == ["blocks", "bytes", "code", "files", "hint", "list", "sentence"]
    assert deliveries_of(shared, basket) == 0


def test_files_that_cannot_be_had_are_left_out_where_that_is_said(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, SECRET, select="")
    made = basket.post("deliveries", DROP, 202)
    said = basket.holder.get(f"/deliveries/{made['id']}")
    assert (said["files"], said["omitted"]) == (1, 1)


def test_where_no_file_can_be_had_nothing_is_made_whatever_is_said(shared: Site) -> None:
    basket = program(shared).basket(SECRET, select="")
    assert basket.post("deliveries", DROP, 409)["findings"]
    assert deliveries_of(shared, basket) == 0


def test_those_who_may_read_exclusive_files_get_them(lite: Site) -> None:
    basket = program(lite).basket(SECRET, select="")
    ada = program(lite, **bearer(lite, person(lite, reads=("JWST", "4098"))))
    made = ada.post(f"{basket.path}/deliveries", CSV, 202)
    assert ada.get(f"/deliveries/{made['id']}")["files"] == 1


def test_the_digest_of_the_plan_is_what_is_expected(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    basket.post("deliveries", {**CSV, "expect": basket.post("plan", CSV)["digest"]}, 202)


@pytest.mark.parametrize("expect", ["", "0" * 64, "x", "\0"])
def test_another_plan_than_the_expected_one_makes_nothing_and_is_said(shared: Site, expect: str) -> None:
    basket = program(shared).basket(IMAGE, select="")
    said = basket.post("deliveries", {**CSV, "expect": expect}, 412)
    plan = basket.post("plan", CSV)
    assert {name: said[name] for name in ("digest", "files", "bytes")} == {
        name: plan[name] for name in ("digest", "files", "bytes")
    }
    assert deliveries_of(shared, basket) == 0


def test_a_selection_that_changed_is_not_the_expected_one(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    digest = basket.post("plan", CSV)["digest"]
    basket.post("selection", {"select": True, "filters": "mrp=0"})
    basket.post("deliveries", {**CSV, "expect": digest}, 412)
    assert deliveries_of(shared, basket) == 0


def test_an_order_sent_again_is_the_same_delivery(site: Site) -> None:
    basket = program(site).basket(IMAGE, select="")
    assert ordered(basket.holder, basket, CSV) == ordered(basket.holder, basket, CSV)
    assert deliveries_of(site, basket) == 1


def test_an_order_sent_again_is_the_same_though_the_basket_changed(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    first = ordered(basket.holder, basket, CSV)
    basket.post("remove", {"filters": "mrp=0"})
    assert ordered(basket.holder, basket, CSV) == first


def test_a_key_for_another_order_is_a_problem(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    ordered(basket.holder, basket, CSV)
    ordered(basket.holder, basket, {"method": "list", "format": "urls"}, status=422)
    ordered(basket.holder, basket, DROP, status=422)
    assert deliveries_of(shared, basket) == 1


def test_another_key_is_another_delivery(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    assert ordered(basket.holder, basket, CSV, "a")["id"] != ordered(basket.holder, basket, CSV, "b")["id"]


def test_a_key_is_its_user_s_own(lite: Site) -> None:
    basket = program(lite).basket(IMAGE, select="")
    ada, bob = (program(lite, **bearer(lite, person(lite, name))) for name in ("ada", "bob"))
    found = {ordered(who, basket, CSV)["id"] for who in (ada, bob, basket.holder, program(lite))}
    assert len(found) == 4


def test_a_key_of_somebody_who_is_logged_in_by_cookie_is_theirs(lite: Site) -> None:
    person(lite)
    ada = log_in(lite.visitor())
    basket = program(lite).basket(IMAGE, select="")
    path = f"/api/v1{basket.path}/deliveries"
    hers = ada.client.post(path, json=CSV, headers={"Idempotency-Key": KEY}).json["id"]
    assert ordered(program(lite), basket, CSV)["id"] != hers
    assert ada.client.post(path, json=CSV, headers={"Idempotency-Key": KEY}).json["id"] == hers


def test_a_stranger_elsewhere_who_guesses_a_key_gets_a_delivery_of_their_own(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    path, key = f"/api/v1{basket.path}/deliveries", {"Idempotency-Key": "nightly"}
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    made = [
        shared.visitor().client.post(path, json=CSV, headers=key, environ_overrides=each).json["id"]
        for each in ({}, elsewhere, elsewhere)
    ]
    assert made[0] != made[1] == made[2]


def test_strangers_who_lose_the_answer_get_the_same_delivery(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    assert ordered(program(shared), basket, CSV) == ordered(program(shared), basket, CSV)


def test_a_key_of_one_basket_means_nothing_in_another(shared: Site) -> None:
    one, other = (program(shared).basket(IMAGE, select="") for _ in range(2))
    assert ordered(program(shared), one, CSV)["id"] != ordered(program(shared), other, CSV)["id"]


def test_a_key_that_is_none_is_a_problem(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    for key in ("", " ", "a b", "x" * 256, "\xe9", "a\tb"):
        ordered(basket.holder, basket, CSV, key, 400)
    assert deliveries_of(shared, basket) == 0


def test_an_order_that_made_nothing_may_be_sent_again_with_its_key(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    ordered(basket.holder, basket, CSV, status=422)
    basket.post("selection", {"select": True, "filters": ""})
    ordered(basket.holder, basket, CSV)


@pytest.mark.parametrize("as_whom", ["the key's holder", "strangers"])
def test_two_at_once_are_one_delivery(site: Site, as_whom: str) -> None:
    basket = program(site).basket(IMAGE, WFPC2, select="")
    together, seen = threading.Barrier(4), []

    def order() -> None:
        who = program(site, **(basket.holder.headers if as_whom == "the key's holder" else {}))
        together.wait(10)
        seen.append(who.asked("POST", f"{basket.path}/deliveries", json=CSV, headers={"Idempotency-Key": KEY}))

    threads = [threading.Thread(target=order) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in seen] == [202] * 4
    assert len({answer.json["id"] for answer in seen if answer.json}) == 1
    assert deliveries_of(site, basket) == 1
    assert len(list((site.settings.spool / "deliveries").iterdir())) == 1


def test_a_share_can_be_delivered(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    share = basket.post("share", {}, 201)["url"].rpartition("/")[2]
    program(shared).post(f"/baskets/{share}/deliveries", CSV, 202)


def test_a_basket_that_is_not_there_cannot_be_delivered(shared: Site) -> None:
    program(shared).post("/baskets/nothing/deliveries", CSV, 404)
