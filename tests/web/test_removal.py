from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, WFPC2

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

C0F, TRL = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl"))
ALL_OPEN = f"mrp=0&open={WFPC2}&open={IMAGE}&open={EXPOSURE}"


def contents(visitor: Visitor, base: str) -> dict[str, str]:
    """Each file in the basket that is in an open folder, and its box."""
    return {row.path: row.state for row in visitor.get(f"{base}?{ALL_OPEN}").rows if row.depth == 3}


def undo(visitor: Visitor, page: Page, status: int = 303) -> Page:
    """Press the Undo of a page's message."""
    (form,) = page.forms("/undo")
    action = next(each.get("action", "") for each in page.all("form") if each.get("action", "").endswith("/undo"))
    return visitor.post(action, form, status=status)


def removed(visitor: Visitor, base: str, what: str, **form: object) -> Page:
    return visitor.post(f"{base}/remove", {"what": what, "back": ALL_OPEN, **form}, target="workspace")


def test_removed_files_are_gone_from_every_number(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    page = removed(visitor, base, "selected")
    assert page.messages == ["Removed 2 files."]
    assert "None selected of 3 files (" in page.words
    assert page.facets["category"] == {"SCIENCE": (2, 2, False), "PREVIEW": (1, 1, False)}
    assert not {C0F, TRL} & page.states.keys()


def test_undo_brings_removed_files_back_with_their_ticks(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    before = contents(visitor, base)
    undo(visitor, removed(visitor, base, "selected"))
    assert contents(visitor, base) == before


def test_undo_returns_to_the_page_that_was_left(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    page = visitor.post(f"{base}/remove", {"what": "selected", "back": "mrp=0&sort=size"}, target="workspace")
    answer = undo(visitor, page)
    assert answer.location == f"{base}?mrp=0&sort=size"
    assert visitor.follow(answer).messages == ["Undone: removed 1 file."]


def test_undo_leaves_what_came_later_as_it_is(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    page = removed(visitor, base, "selected")
    visitor.tick(base, TRL)
    undo(visitor, page)
    assert {path for path, state in contents(visitor, base).items() if state == "true"} == {C0F, TRL}


def test_an_undo_counts_once(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    page = removed(visitor, base, "selected")
    undo(visitor, page)
    visitor.tick(base, C0F, on=False)
    answer = undo(visitor, page)
    assert visitor.follow(answer).messages[-1] == "Already undone: Removed 1 file."
    assert contents(visitor, base)[C0F] == "false"


def test_removing_all_empties_the_basket_and_undo_fills_it_again(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2, IMAGE)
    visitor.tick(base, TRL)
    removed(visitor, base, "selected")
    visitor.tick(base, C0F)
    before = contents(visitor, base)
    page = removed(visitor, base, "all")
    assert page.messages == ["Removed all 10 files."]
    assert contents(visitor, base) == {}
    undo(visitor, page)
    assert contents(visitor, base) == before


def test_an_observation_takes_away_what_no_other_observation_lists(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(EXPOSURE, IMAGE)
    visitor.post(f"{base}/observations", {"remove": str(site.holdings.observations[EXPOSURE])})
    assert {path for path in contents(visitor, base) if EXPOSURE in path} == {f"JWST/{EXPOSURE}/{EXPOSURE}_cal.fits"}


def test_a_shared_file_keeps_its_tick_when_one_of_its_observations_goes(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(EXPOSURE, IMAGE)
    shared = f"JWST/{EXPOSURE}/{EXPOSURE}_cal.fits"
    visitor.tick(base, shared)
    visitor.post(f"{base}/observations", {"remove": str(site.holdings.observations[EXPOSURE])})
    assert contents(visitor, base)[shared] == "true"


def test_undo_brings_an_observation_back_with_its_ticks_and_removals(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2, IMAGE)
    visitor.tick(base, TRL)
    removed(visitor, base, "selected")
    visitor.tick(base, C0F)
    before = contents(visitor, base)
    visitor.post(f"{base}/observations", {"remove": str(site.holdings.observations[WFPC2])})
    page = visitor.get(f"{base}/observations")
    assert page.messages == ["Removed 1 observation."]
    assert undo(visitor, page).location == f"{base}/observations"
    assert contents(visitor, base) == before


def test_undo_of_adding_takes_the_new_observations_out_again(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE)
    visitor.post("/basket/add", {"obs": [WFPC2, IMAGE], "back": "q=u2440405t"})
    page = visitor.get("/?q=u2440405t")
    assert page.messages == ["Added 1 observation. 1 was already there."]
    assert undo(visitor, page).location == "/?q=u2440405t"
    assert not [path for path in contents(visitor, base) if path.startswith("HST/")]


def test_an_observation_that_is_added_again_arrives_whole_and_unselected(site: Site) -> None:
    """Also if nobody looked at the basket in between."""
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, TRL)
    removed(visitor, base, "selected")
    visitor.tick(base, C0F)
    visitor.post(f"{base}/observations", {"remove": str(site.holdings.observations[WFPC2])})
    visitor.post("/basket/add", {"obs": WFPC2})
    found = contents(visitor, base)
    assert (len(found), set(found.values())) == (5, {"false"})


def test_the_tab_counts_the_files_that_are_left(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2, CONTRIBUTED)
    visitor.post(f"{base}/observations", {"remove": str(shared.holdings.observations[WFPC2])})
    page = visitor.get(f"{base}/observations")
    assert page.at("basket-count").text == "2"
    undo(visitor, page)
    assert visitor.get("/history").at("basket-count").text == "7"


@pytest.mark.parametrize("what", ["selected", "all"])
def test_a_removal_from_a_stale_tab_is_refused_and_changes_nothing(site: Site, what: str) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    stale = visitor.get(f"{base}?mrp=0").at("workspace").get("data-version")
    visitor.tick(base, C0F)
    before = contents(visitor, base)
    page = visitor.post(f"{base}/remove", {"what": what, "version": stale}, target="workspace", status=412)
    assert page.messages[0].startswith("This basket was changed elsewhere meanwhile, so nothing was done.")
    assert contents(visitor, base) == before


@pytest.mark.parametrize("what", ["selected", "all"])
def test_of_two_removals_from_one_version_one_happens(site: Site, what: str) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    version = visitor.get(f"{base}?mrp=0").at("workspace").get("data-version")
    together, seen = threading.Barrier(4), []

    def press(tab: Visitor) -> None:
        together.wait(10)
        form = {"what": what, "version": version}
        seen.append(tab.client.post(f"{base}/remove", data=form).status_code)

    threads = [threading.Thread(target=press, args=(visitor.same(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [303, 412, 412, 412]


@pytest.mark.parametrize(("step", "status"), [("", 400), ("x", 400), ("²", 400), ("1" * 5000, 400), ("999999999", 404)])
def test_a_step_that_is_none_is_a_sentence(site: Site, step: str, status: int) -> None:
    visitor = site.visitor()
    page = visitor.post(f"{visitor.basket(WFPC2)}/undo", {"step": step}, status=status)
    assert page.title.startswith(("That request does not say which step", "There is no such step"))


def test_a_step_of_another_basket_cannot_be_undone_here(site: Site) -> None:
    visitor, other = site.visitor(), site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    (form,) = removed(visitor, base, "selected").forms("/undo")
    other.post(f"{other.basket(WFPC2)}/undo", form, status=404)
    assert C0F not in contents(visitor, base)


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "//[",
        "",
        "evil.example",
        "/x\r\nLocation: https://evil.example",
    ],
)
def test_undo_returns_to_this_server_only(shared: Site, back: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    (form,) = removed(visitor, base, "selected").forms("/undo")
    assert visitor.post(f"{base}/undo", {**form, "back": back}).location == base


def test_the_observations_of_a_basket_are_listed_with_what_they_bring(site: Site) -> None:
    visitor = site.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE, WFPC2)}/observations")
    rows = [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in page.all("tr")[1:]]
    assert rows == [
        [WFPC2, "HST", "SATURN", "WFPC2/PC", "5", "25.6 kB +", "Remove"],
        [IMAGE, "JWST", "NGC 3132", "NIRCAM/IMAGE", "6", "44.8 kB", "Remove"],
    ]


def test_an_observation_that_is_not_there_is_removed_without_a_step_to_undo(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/observations", {"remove": ["999999", "x", "²"]})
    assert visitor.get(f"{base}/observations").forms("/undo") == []
