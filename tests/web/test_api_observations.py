"""Observations by the API: listed, put into baskets and taken out, by the names that archives write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.catalogue import Catalogue
from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, OTHER_EXPOSURE, SECRET, WFPC2
from tests.fixtures.programs import program
from webapp import basket_content, owners, steps

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

FIELDS = ["bytes", "dec", "files", "instrument", "mission", "obs_id", "proposal_id", "ra", "t_min", "target"]


def names(site: Site, query: str) -> list[str]:
    return [each["obs_id"] for each in program(site).get(f"/observations?{query}")["observations"]]


def twins(site: Site) -> str:
    """A name that two missions have."""
    for mission in ("HST", "JWST"):
        Catalogue(site.holdings.engine).observation("twin", mission=mission, sizes=[10])
    return "twin"


def test_an_observation_has_the_fields_of_the_contract(shared: Site) -> None:
    (said,) = program(shared).get(f"/observations?obs_id={IMAGE}")["observations"]
    listed = shared.holdings.of(IMAGE)
    assert sorted(said) == FIELDS
    assert said == {
        "mission": "JWST",
        "obs_id": IMAGE,
        "target": "NGC 3132",
        "instrument": "NIRCAM/IMAGE",
        "proposal_id": "2733",
        "t_min": 59733.25,
        "ra": 151.757,
        "dec": -40.437,
        "files": len(listed),
        "bytes": sum(each.size or 0 for each in listed),
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("mission=HST", [WFPC2]),
        ("mission=HST&mission=HLSP", [CONTRIBUTED, WFPC2]),
        ("target=M+82", [SECRET]),
        ("proposal=2733", sorted([IMAGE, EXPOSURE, OTHER_EXPOSURE])),
        ("instrument=WFPC2/PC", [WFPC2]),
        (f"obs_id={WFPC2.upper()}", [WFPC2]),
        ("ra=151.757&dec=-40.437&radius=1m", [IMAGE]),
        ("q=saturn", [WFPC2]),
        ("mission=HST&target=M+82", []),
    ],
)
def test_observations_are_found_by_the_queries_of_the_contract(shared: Site, query: str, found: list[str]) -> None:
    assert names(shared, query) == found


def test_pages_hold_each_observation_once(shared: Site) -> None:
    found, after = [], ""
    while True:
        page = program(shared).get(f"/observations?limit=2{after}")
        assert len(page["observations"]) <= 2
        found += [(each["mission"], each["obs_id"]) for each in page["observations"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == sorted(set(found))
    assert {obs_id for _, obs_id in found} == set(shared.holdings.observations)


def test_a_query_that_cannot_be_understood_is_a_problem(shared: Site) -> None:
    for query in ("mrp=0", "sort=target", "page=2", "ra=1", "ra=x&dec=1", "radius=1m&dec=1", "q=%00"):
        program(shared).get(f"/observations?{query}", 400)


def test_observations_are_put_in_and_taken_out(site: Site) -> None:
    basket = program(site).basket(IMAGE)
    said = basket.post("observations", {"add": [f"HST:{WFPC2}"], "remove": [IMAGE]})
    assert said["files"] == len(site.holdings.of(WFPC2))
    assert basket.paths == sorted(each.path for each in site.holdings.of(WFPC2))
    assert said["said"].startswith("Added 1 observation")
    assert (said["id"], said["version"]) == (basket.id, basket.get()["version"])


def test_what_arrives_is_unselected_and_what_was_selected_stays_so(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, select="")
    before = basket.selected
    basket.post("observations", {"add": [WFPC2]})
    assert basket.selected == before


def test_a_file_of_two_observations_stays_while_one_of_them_does(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, EXPOSURE)
    basket.post("observations", {"remove": [EXPOSURE]})
    assert f"JWST/{EXPOSURE}/{EXPOSURE}_cal.fits" in basket.paths
    assert f"JWST/{EXPOSURE}/{EXPOSURE}_rate.fits" not in basket.paths


def test_what_is_there_already_or_gone_already_does_no_harm(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    said = basket.post("observations", {"add": [IMAGE], "remove": [WFPC2]})
    assert (said["changed"], said["files"]) == (0, len(shared.holdings.of(IMAGE)))


def test_no_names_change_nothing(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    before = basket.get()
    for body in ({}, {"add": []}, {"remove": []}, {"add": [], "remove": []}):
        assert basket.post("observations", body)["changed"] == 0
    assert basket.get() == before


def test_a_name_that_is_not_here_is_listed_and_nothing_changes(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    before = basket.get()
    for body in ({"add": [WFPC2, "nowhere"]}, {"remove": [IMAGE, "nowhere"]}):
        said = basket.post("observations", body, 422)
        assert said["missing"] == ["nowhere"]
        assert basket.get() == before


def test_a_name_of_two_missions_is_ambiguous_until_the_mission_is_said(lite: Site) -> None:
    name = twins(lite)
    basket = program(lite).basket(f"HST:{name}")
    before = basket.get()
    said = basket.post("observations", {"add": [name, WFPC2]}, 422)
    assert (said["missing"], said["ambiguous"], basket.get()) == ([], [name], before)
    program(lite).post("/baskets", {"observations": [name]}, 422)
    assert basket.post("observations", {"add": [f"JWST:{name}"]})["changed"] == 1


def test_names_count_whatever_their_case(shared: Site) -> None:
    assert program(shared).basket(f"hst:{WFPC2.upper()}").get()["files"] == len(shared.holdings.of(WFPC2))


def test_an_observation_that_is_put_in_and_taken_out_at_once_is_a_problem(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    before = basket.get()
    basket.post("observations", {"add": [WFPC2], "remove": [f"HST:{WFPC2}"]}, 422)
    assert basket.get() == before


def test_an_odd_name_is_a_problem_and_no_error_of_the_server(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    for name in ("a\0b", "%00", "x" * 301, "", "a\nb", ":", "HST:", "9" * 30, "-1", "😀"):
        basket.post("observations", {"add": [name]}, 422)
        basket.post("observations", {"remove": [name]}, 422)
        program(shared).post("/baskets", {"observations": [name]}, 422)


def test_what_is_put_in_and_taken_out_together_is_one_change_and_one_step_back(shared: Site) -> None:
    basket = program(shared).basket(IMAGE)
    before = basket.get("?mrp=0")
    basket.post("selection", {"select": True, "filters": "mrp=0"})
    said = basket.post("observations", {"add": [WFPC2], "remove": [IMAGE]})
    assert (said["version"], said["changed"], said["selected"]["files"]) == (before["version"] + 2, 2, 0)
    assert said["files"] == len(shared.holdings.of(WFPC2))
    newest = steps.recent(shared.services, basket.id)[0]
    assert newest.sentence == "Added 1 observation. Removed 1 observation."
    basket_content.undo(shared.services, basket.id, owners.key_holder(basket.id), newest.id)
    after = basket.get("?mrp=0")
    assert (after["files"], after["selected"]["files"]) == (before["files"], before["files"])
