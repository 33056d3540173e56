from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, OTHER_EXPOSURE, WFPC2

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

HST = f"HST/{WFPC2}"
C0F, C1F, TRL = (f"{HST}/{WFPC2}_{group}.fits" for group in ("c0f", "c1f", "trl"))


def click(visitor: Visitor, base: str, path: str, query: str = "mrp=0", **form: object) -> Page:
    """A click on a box, as the form without JavaScript sends it; the page that the answer shows."""
    return visitor.post(f"{base}/selection", {"back": query, "tick": path, **form}, target="workspace")


def selected(visitor: Visitor, base: str) -> set[str]:
    """What is selected, whatever is shown."""
    opened = "&".join(f"open={folder}" for folder in (IMAGE, EXPOSURE, OTHER_EXPOSURE, WFPC2))
    return {row.path for row in visitor.get(f"{base}?mrp=0&selected=1&{opened}").rows if row.depth == 3}


def test_nothing_is_selected_in_a_new_basket(site: Site) -> None:
    visitor = site.visitor()
    assert selected(visitor, visitor.basket(IMAGE, WFPC2)) == set()


def test_a_click_ticks_a_file_and_a_second_click_unticks_it(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    states = [click(visitor, base, C0F, f"mrp=0&open={HST}").states[C0F] for _ in range(2)]
    assert states == ["true", "false"]


def test_a_tick_on_a_mixed_folder_ticks_all_shown_files(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    page = click(visitor, base, f"{HST}/", f"mrp=0&category=SCIENCE&open={HST}")
    assert set(page.states.values()) == {"true"}


def test_a_tick_on_a_full_folder_unticks_the_shown_files_alone(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    click(visitor, base, f"{HST}/", "mrp=0&group=C0F")
    assert selected(visitor, base) == {TRL}


def test_a_folder_with_one_ticked_file_is_mixed(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    states = click(visitor, base, C0F).states
    assert (states["HST/"], states[f"{HST}/"]) == ("mixed", "mixed")


def test_the_boxes_of_folders_cover_what_is_shown(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    page = visitor.get(f"{base}?mrp=0&group=C0F")
    assert [(row.state, row.middle) for row in page.rows] == [("true", "1 / 1"), ("true", "1 / 1")]


def test_filters_never_change_the_selection(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    visitor.tick(base, C0F, TRL)
    for query in ("", "mission=JWST", "mrp=0&name=nothing", "mrp=0&selected=1", "level=4"):
        visitor.get(f"{base}?{query}")
    assert selected(visitor, base) == {C0F, TRL}


def test_select_all_matching_takes_the_filter_and_no_names(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE, EXPOSURE, WFPC2)
    visitor.post(f"{base}/selection", {"set": "matching", "back": "mrp=0&group=CAL&group=C0F"})
    expected = {f"JWST/{obs}/{obs}_cal.fits" for obs in (EXPOSURE, OTHER_EXPOSURE)} | {C0F}
    assert selected(visitor, base) == expected


def test_select_all_matching_adds_to_what_is_selected(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, TRL)
    visitor.post(f"{base}/selection", {"set": "matching", "back": ""})
    assert selected(visitor, base) == {TRL, C0F}


def test_none_unticks_everything_hidden_ones_too(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, TRL, C0F)
    visitor.post(f"{base}/selection", {"set": "none", "back": "group=C0F"})
    assert selected(visitor, base) == set()


def test_drop_unticks_what_filters_hide(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, TRL, C0F)
    visitor.post(f"{base}/selection", {"set": "hidden", "back": "mrp=0&category=AUXILIARY"})
    assert selected(visitor, base) == {TRL}


def test_show_leads_to_what_is_selected_and_nothing_else(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    visitor.tick(base, TRL)
    page = visitor.get(f"{base}?mission=JWST")
    show = next(each.get("href", "") for each in page.at("actions").iter("a") if "".join(each.itertext()) == "show")
    assert [row.path for row in visitor.get(f"{show}&open={HST}").rows] == ["HST/", f"{HST}/", TRL]


@pytest.mark.parametrize("path", ["", "HST", "HST/u2440405t/nothing.fits", "GALEX/", "HST/../JWST/", "/"])
def test_a_path_that_is_not_in_the_basket_is_a_sentence(shared: Site, path: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.post(f"{base}/selection", {"path": path, "on": "1"}, target="workspace", status=404)
    assert "any more." in page.messages[0]
    assert selected(visitor, base) == set()


def test_a_set_that_does_not_exist_is_a_sentence(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.post(f"{base}/selection", {"set": "most"}, target="workspace", status=400)
    assert page.messages[0].startswith("There is no set of files called 'most'.")


def test_a_tick_from_a_stale_tab_counts_and_says_that_another_tab_changed_something(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    stale = visitor.get(f"{base}?mrp=0").at("workspace").get("data-version")
    visitor.same().tick(base, C0F)
    page = click(visitor, base, TRL, version=stale)
    assert "Changed in another tab" in page.words
    assert selected(visitor, base) == {C0F, TRL}


def test_a_tick_of_the_only_tab_says_nothing_of_others(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    fresh = visitor.get(f"{base}?mrp=0").at("workspace").get("data-version")
    assert "another tab" not in click(visitor, base, C0F, version=fresh).words


def test_a_swap_tells_the_version_that_it_left(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    page = click(visitor, base, C0F)
    assert page.headers["Basket-Version"] == page.at("workspace").get("data-version")


@pytest.mark.parametrize("version", ["", "x", "²", "-1", "9" * 5000])
def test_a_version_that_is_none_asks_for_nothing(shared: Site, version: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    assert "another tab" not in click(visitor, base, C0F, version=version).words


def test_ten_ticks_at_once_all_count(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE, EXPOSURE, WFPC2)
    paths = sorted(each.path for each in site.holdings.of(IMAGE, EXPOSURE, WFPC2))[:10]
    together = threading.Barrier(len(paths))

    def tick(tab: Visitor, path: str) -> None:
        together.wait(10)
        tab.tick(base, path)

    threads = [threading.Thread(target=tick, args=(visitor.same(), path)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert selected(visitor, base) == set(paths)


def test_a_file_that_two_observations_share_is_there_once(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE, EXPOSURE)
    page = visitor.get(f"{base}?mrp=0&group=CAL&open=JWST/{EXPOSURE}")
    assert [row.middle for row in page.rows] == ["0 / 2", "0 / 1", "2", "0 / 1"]


def test_methods_are_offered_once_something_is_selected(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    before = visitor.get(f"{base}?mrp=0")
    visitor.tick(base, C0F, TRL)
    after = visitor.get(f"{base}?mrp=0")
    assert before.forms("/deliveries") == []
    assert after.forms("/deliveries") == [
        {"back": "mrp=0", "version": after.at("workspace").get("data-version"), "count": "2"}
    ]
