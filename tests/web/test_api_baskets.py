"""Baskets by the API: made, looked at, with the fields and defaults that the contract names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import Session, func, select

from tests.fixtures.holdings import IMAGE, SECRET, WFPC2
from tests.fixtures.people import bearer, log_in, person
from tests.fixtures.programs import program
from webapp import tokens
from webapp.facets import FACETS
from webapp.models import Basket

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

TOTALS = ["bytes", "files", "unknown_size"]


def sums(site: Site, *obs_ids: str, recommended: bool = False) -> dict[str, int]:
    """What the holdings say."""
    files = [each for each in site.holdings.of(*obs_ids) if each.recommended or not recommended]
    sizes = [each.size for each in files]
    known = [size for size in sizes if size is not None]
    return {"files": len(files), "bytes": sum(known), "unknown_size": len(sizes) - len(known)}


def amounts(answer: dict[str, Any]) -> dict[str, int]:
    return {name: answer[name] for name in TOTALS}


def test_a_new_basket_says_its_id_key_address_and_amounts(shared: Site) -> None:
    answer = program(shared).asked("POST", "/baskets", json={"observations": [IMAGE, f"HST:{WFPC2}"], "name": "Mine"})
    made = answer.json
    assert answer.status_code == 201
    assert made is not None
    assert sorted(made) == ["bytes", "files", "id", "key", "unknown_size", "url", "version"]
    assert amounts(made) == sums(shared, IMAGE, WFPC2)
    assert made["url"] == f"https://skybasket.example/baskets/{made['id']}"
    assert made["key"].startswith("sbk_")
    assert answer.headers["Location"] == f"https://skybasket.example/api/v1/baskets/{made['id']}"


def test_a_basket_says_totals_of_all_of_what_matches_and_of_what_is_selected(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    said = basket.get()
    assert sorted(said) == ["bytes", "facets", "files", "id", "matching", "selected", "unknown_size", "version"]
    assert sorted(said["matching"]) == TOTALS
    assert sorted(said["selected"]) == sorted([*TOTALS, "hidden"])
    assert (said["id"], amounts(said)) == (basket.id, sums(shared, IMAGE, WFPC2))


def test_no_query_means_recommended_products_only(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    assert basket.get()["matching"] == sums(shared, IMAGE, WFPC2, recommended=True) == basket.get("?mrp=1")["matching"]
    assert basket.get("?mrp=0")["matching"] == sums(shared, IMAGE, WFPC2)


def test_each_facet_lists_its_values_with_counts(shared: Site) -> None:
    facets = program(shared).basket(IMAGE, WFPC2).get("?mrp=0&mission=HST")["facets"]
    assert set(facets) == set(FACETS)
    missions = {each["value"]: each for each in facets["mission"]}
    assert sorted(missions["HST"]) == ["active", "bytes", "matching", "total", "value"]
    hst, jwst = len(shared.holdings.of(WFPC2)), len(shared.holdings.of(IMAGE))
    assert (missions["HST"]["active"], missions["HST"]["matching"], missions["HST"]["total"]) == (True, hst, hst)
    # Its own choice does not shrink a facet.
    assert (missions["JWST"]["active"], missions["JWST"]["matching"], missions["JWST"]["total"]) == (False, jwst, jwst)


def test_selected_says_how_many_the_filters_hide(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2, select="mrp=0&mission=HST")
    selected = basket.get("?mrp=0&ext=jpg")["selected"]
    assert amounts(selected) == sums(shared, WFPC2)
    assert selected["hidden"] == len([each for each in shared.holdings.of(WFPC2) if each.ext != "jpg"])


def test_a_new_basket_has_nothing_selected(shared: Site) -> None:
    assert program(shared).basket(IMAGE).get()["selected"] == {"files": 0, "bytes": 0, "unknown_size": 0, "hidden": 0}


def test_all_that_match_a_query_go_into_a_basket(shared: Site) -> None:
    made = program(shared).post("/baskets", {"match": "mission=HST&proposal=5478"}, 201)
    assert amounts(made) == sums(shared, WFPC2)


@pytest.mark.parametrize("match", ["mission=HST&target=nowhere", "obs_id=nothing"])
def test_where_nothing_matches_no_basket_is_made(shared: Site, match: str) -> None:
    program(shared).post("/baskets", {"match": match}, 422)


def test_a_query_that_cannot_be_understood_makes_no_basket(shared: Site) -> None:
    for match in ("colour=red", "mrp=0", "ra=10", "mission=%00"):
        program(shared).post("/baskets", {"match": match}, 400)


def test_an_empty_list_makes_an_empty_basket(shared: Site) -> None:
    basket = program(shared).basket()
    assert (basket.get()["files"], basket.get("?mrp=0")["facets"]["mission"], basket.files()) == (
        0,
        [],
        {"files": [], "next": None},
    )


@pytest.mark.parametrize("body", [{}, {"observations": [IMAGE], "match": ""}, {"observations": None}, {"match": None}])
def test_neither_names_nor_a_query_or_both_make_no_basket(shared: Site, body: dict[str, object]) -> None:
    program(shared).post("/baskets", body, 422)


def test_names_that_are_not_here_are_listed_and_no_basket_is_made(lite: Site) -> None:
    ada = program(lite, **bearer(lite, person(lite)))
    said = ada.post("/baskets", {"observations": [IMAGE, "nothing", "HST:" + IMAGE]}, 422)
    assert (said["missing"], said["ambiguous"]) == (["nothing", f"HST:{IMAGE}"], [])
    assert baskets_of(lite) == 0


def test_a_basket_key_makes_no_other_basket(shared: Site) -> None:
    program(shared).basket(IMAGE).holder.post("/baskets", {"observations": [IMAGE]}, 403)


def test_a_token_that_may_only_read_makes_no_basket(shared: Site) -> None:
    headers = bearer(shared, person(shared, "reads-only"), tokens.READ)
    program(shared, **headers).post("/baskets", {"observations": [IMAGE]}, 403)


def test_the_basket_of_an_account_s_token_is_on_its_shelf(lite: Site) -> None:
    ada = person(lite)
    made = program(lite, **bearer(lite, ada)).post(
        "/baskets", {"observations": [IMAGE], "name": "From a notebook"}, 201
    )
    page = log_in(lite.visitor()).get("/baskets")
    assert "From a notebook" in page.words
    assert made["id"] in page.text


def test_anybody_with_its_id_may_look_at_a_basket(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    assert program(shared).get(basket.path) == basket.get()


def test_an_unknown_filter_or_value_is_a_problem(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    for query in ("mrp=2", "level=9", "colour=red", "category=science", "name=[a", "selected=yes"):
        basket.get(f"?{query}", 400)
        basket.files(query, 400)


def test_a_value_that_no_file_has_matches_nothing(shared: Site) -> None:
    assert program(shared).basket(WFPC2).get("?mrp=0&ext=asdf")["matching"]["files"] == 0


@pytest.mark.parametrize("what", ["", "/files"])
def test_a_basket_that_is_not_there_is_a_problem(shared: Site, what: str) -> None:
    program(shared).get(f"/baskets/nothing{what}", 404)


def test_who_may_read_changes_no_count(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, SECRET)
    ada = program(shared, **bearer(shared, person(shared, "reads-4098", reads=("JWST", "4098"))))
    assert ada.get(f"{basket.path}?mrp=0") == basket.get("?mrp=0")


def baskets_of(site: Site) -> int:
    with Session(site.services.engine) as session:
        return session.exec(select(func.count()).select_from(Basket)).one()
