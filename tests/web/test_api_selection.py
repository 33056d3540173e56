"""Files selected, removed and put back by the API: what filters and paths mean, and that a problem changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import CONTRIBUTED, IMAGE, WFPC2
from tests.fixtures.programs import program

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

C0F, D0F, JPG = (f"HST/{WFPC2}/{WFPC2}_{ending}" for ending in ("c0f.fits", "d0f.fits", "c0f.jpg"))
I2D = f"JWST/{IMAGE}/{IMAGE}_i2d.fits"
ALL, RECOMMENDED = "mrp=0", ""
CHANGED = ["bytes", "changed", "files", "id", "said", "selected", "unknown_size", "version"]


def test_a_change_says_the_basket_as_it_is_now(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    before = basket.get()["version"]
    said = basket.post("selection", {"select": True, "filters": RECOMMENDED})
    assert sorted(said) == CHANGED
    assert (said["id"], said["changed"], said["selected"]["files"]) == (basket.id, 2, 2)
    assert said["version"] > before
    assert said["version"] == basket.get()["version"]
    assert sorted(said["selected"]) == ["bytes", "files", "unknown_size"]


def test_without_paths_all_that_match_are_meant(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    basket.post("selection", {"select": True, "filters": "mrp=0&ext=jpg"})
    assert basket.selected == sorted(each.path for each in shared.holdings.of(IMAGE, WFPC2) if each.ext == "jpg")


def test_empty_filters_mean_recommended_products(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    basket.post("selection", {"select": True, "filters": RECOMMENDED})
    assert basket.selected == [C0F, I2D]


def test_a_folder_means_the_matching_files_below_it(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    basket.post("selection", {"select": True, "filters": "mrp=0&ext=jpg", "paths": [f"HST/{WFPC2}/"]})
    assert basket.selected == [JPG]


def test_a_mission_means_the_matching_files_below_it(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    basket.post("selection", {"select": True, "filters": RECOMMENDED, "paths": ["HST/"]})
    assert basket.selected == [C0F]


def test_a_file_is_meant_whatever_the_filters(shared: Site) -> None:
    basket = program(shared).basket(IMAGE, WFPC2)
    basket.post("selection", {"select": True, "filters": "ext=jpg&mission=JWST", "paths": [D0F]})
    assert basket.selected == [D0F]


def test_no_paths_at_all_do_nothing(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    said = basket.post("selection", {"select": True, "filters": ALL, "paths": []})
    assert (said["changed"], basket.selected) == (0, [])


def test_paths_that_are_null_are_paths_that_are_absent(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    basket.post("selection", {"select": True, "filters": ALL, "paths": None})
    assert basket.selected == basket.paths


def test_unselecting_leaves_the_rest_selected(shared: Site) -> None:
    basket = program(shared).basket(WFPC2, select=ALL)
    said = basket.post("selection", {"select": False, "filters": "mrp=0&ext=jpg"})
    assert said["changed"] == 1
    assert basket.selected == [path for path in basket.paths if path != JPG]


def test_what_is_selected_already_is_no_change(shared: Site) -> None:
    basket = program(shared).basket(WFPC2, select=ALL)
    assert basket.post("selection", {"select": True, "filters": ALL})["changed"] == 0


def test_filters_alone_never_change_the_selection(shared: Site) -> None:
    basket = program(shared).basket(WFPC2, select=ALL)
    basket.get("?mrp=0&ext=jpg")
    assert basket.selected == basket.paths


NO_PATHS = ("nothing", "", "/", f"/HST/{WFPC2}/", f"HST/{WFPC2}", f"hst/{WFPC2}/", f"{C0F}/", "HST/../HST/", "\0")


@pytest.mark.parametrize("what", ["selection", "remove", "restore"])
def test_an_unknown_path_is_a_problem_and_nothing_changes(shared: Site, what: str) -> None:
    basket = program(shared).basket(WFPC2, select="mrp=0&ext=jpg")
    before = basket.files()
    for path in NO_PATHS:
        basket.post(
            what, {"filters": ALL, "paths": [C0F, path]} | ({"select": True} if what == "selection" else {}), 422
        )
    assert basket.files() == before


def test_an_unknown_path_is_named(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    said = basket.post("selection", {"select": True, "filters": ALL, "paths": [C0F, "x/y", "z/"]}, 422)
    assert said["unknown_paths"] == ["x/y", "z/"]
    assert "'x/y', 'z/'" in said["title"]


@pytest.mark.parametrize("what", ["selection", "remove", "restore"])
def test_filters_have_to_be_said(shared: Site, what: str) -> None:
    basket = program(shared).basket(WFPC2)
    for body in ({}, {"filters": None}, {"filters": ["mrp=0"]}, {"paths": [C0F]}):
        said = basket.post(what, body | ({"select": True} if what == "selection" else {}), 422)
        assert "filters" in said["title"]


def test_filters_that_cannot_be_understood_are_a_problem(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    for filters in ("colour=red", "level=9", "mrp=2", "name=[x", "%00", "ext=%0a"):
        basket.post("selection", {"select": True, "filters": filters}, 400)
    assert basket.selected == []


def test_a_path_of_odd_letters_is_a_path(shared: Site) -> None:
    basket = program(shared).basket(CONTRIBUTED)
    odd = f'HLSP/{CONTRIBUTED}/hlsp_odd_nircam_ngc3132_naïve "map";$(x) 100%.fits'
    basket.post("selection", {"select": True, "filters": RECOMMENDED, "paths": [odd]})
    assert basket.selected == [odd]


def test_removed_files_are_gone_until_they_are_put_back(shared: Site) -> None:
    basket = program(shared).basket(WFPC2, select=ALL)
    everything = basket.paths
    said = basket.post("remove", {"filters": "mrp=0&ext=jpg"})
    assert (said["changed"], said["files"], said["selected"]["files"]) == (1, 4, 4)
    assert JPG not in basket.paths
    said = basket.post("restore", {"filters": "mrp=0&ext=jpg"})
    assert (said["changed"], said["files"]) == (1, 5)
    assert basket.paths == everything


def test_what_is_put_back_is_unselected(shared: Site) -> None:
    basket = program(shared).basket(WFPC2, select=ALL)
    basket.post("remove", {"filters": ALL, "paths": [JPG]})
    basket.post("restore", {"filters": ALL, "paths": [JPG]})
    assert JPG in basket.paths
    assert JPG not in basket.selected


def test_putting_back_looks_at_removed_files_alone(shared: Site) -> None:
    basket = program(shared).basket(WFPC2, select=ALL)
    basket.post("remove", {"filters": ALL, "paths": [JPG, D0F]})
    said = basket.post("restore", {"filters": "mrp=0&ext=fits", "paths": [f"HST/{WFPC2}/"]})
    assert said["changed"] == 1
    assert (D0F in basket.paths, JPG in basket.paths) == (True, False)


def test_a_removed_file_is_put_back_by_its_path_whatever_the_filters(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    basket.post("remove", {"filters": ALL})
    basket.post("restore", {"filters": "ext=jpg", "paths": [D0F]})
    assert basket.paths == [D0F]


def test_removing_what_is_removed_does_no_harm(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    basket.post("remove", {"filters": ALL, "paths": [JPG]})
    assert basket.post("remove", {"filters": ALL, "paths": [JPG]})["changed"] == 0


def test_what_was_removed_cannot_be_selected(shared: Site) -> None:
    basket = program(shared).basket(WFPC2)
    basket.post("remove", {"filters": ALL, "paths": [JPG]})
    basket.post("selection", {"select": True, "filters": ALL, "paths": [JPG, C0F]})
    basket.post("restore", {"filters": ALL})
    assert basket.selected == [C0F]


def test_hundreds_of_paths_come_in_one_request(lite: Site) -> None:
    names = lite.holdings.add_many(WFPC2, 3_000)
    basket = program(lite).basket(WFPC2)
    paths = [f"HST/{WFPC2}/{name}" for name in names]
    assert basket.post("selection", {"select": True, "filters": RECOMMENDED, "paths": paths})["changed"] == 3_000
