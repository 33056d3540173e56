"""A basket that follows filters tells what is new, replaced or withdrawn since its owner last looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.following import C1F, DAY, LEVEL_2, WORDS, arrive, changed, following, line, replace_file
from tests.fixtures.holdings import EXPOSURE, IMAGE, NOW, WFPC2, file
from tests.fixtures.visitor import words
from tests.fixtures.webapp import counted
from webapp import rules
from webapp.inventory.filters import Filters
from webapp.retention import delete_basket

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site


@pytest.fixture(autouse=True)
def _now(at: Callable[[int], None]) -> None:
    at(NOW)


def test_the_line_names_the_filters_and_says_nothing_more_while_nothing_changed(lite: Site) -> None:
    visitor = lite.visitor()
    base = following(visitor, query="group=C0F")
    assert line(visitor.get(base)) == "Follows: Recommended only, Group: C0F."


def test_the_line_says_what_is_new_replaced_and_withdrawn_since_the_day_of_the_last_look(
    site: Site, at: Callable[[int], None]
) -> None:
    visitor = site.visitor()
    base = following(visitor)
    changed(site, at)
    said = f"Follows: {WORDS}. +2 new, 1 replaced, 1 withdrawn since 15 January 2027"
    assert line(visitor.get(base)) == said


def test_a_duplicate_follows_the_same_and_has_seen_the_same(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    twin = visitor.post(f"{base}/duplicate").location
    changed(lite, at)
    assert line(visitor.get(twin)) == line(visitor.get(base))


def test_each_changed_file_is_named_and_linked(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    changed(lite, at)
    page = visitor.get(base)
    links = {words(each): each.get("href", "") for each in page.at("rule").iter("a") if "file=" in each.get("href", "")}
    assert sorted(links) == [f"{WFPC2}_{name}.fits" for name in ("a0f", "c0f", "c1f", "z0f")]
    assert f"{WFPC2}_a0f.fits" in words(visitor.get(links[f"{WFPC2}_a0f.fits"]).at("details"))
    assert "Withdrawn from the archive" in words(visitor.get(links[f"{WFPC2}_c1f.fits"]).at("details"))


def test_a_change_that_the_filters_do_not_bring_is_no_news(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    at(NOW + DAY)
    lite.holdings.withdraw(f"{WFPC2}_trl.fits")
    replace_file(lite, f"{WFPC2}_d0f.fits", NOW + DAY)
    lite.holdings.add(file(f"{WFPC2}_x.fits", WFPC2, mission="HST", folder=WFPC2, group="X", level=1))
    assert line(visitor.get(base)) == f"Follows: {WORDS}."


def test_a_revision_from_before_the_last_look_is_no_news(lite: Site) -> None:
    visitor = lite.visitor()
    replace_file(lite, f"{WFPC2}_c0f.fits", NOW - DAY)
    base = following(visitor)
    arrive(lite, "A0F")
    assert line(visitor.get(base)).endswith("calibrated. +1 new since 15 January 2027")


@pytest.mark.parametrize("then_withdrawn", [False, True])
def test_what_the_user_removed_is_no_news(lite: Site, at: Callable[[int], None], *, then_withdrawn: bool) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    at(NOW + DAY)
    visitor.tick(base, C1F)
    visitor.post(f"{base}/remove", {"what": "selected"})
    if then_withdrawn:
        lite.holdings.withdraw(f"{WFPC2}_c1f.fits")
    assert line(visitor.get(base)) == f"Follows: {WORDS}."


@pytest.mark.parametrize("then_withdrawn", [False, True])
def test_an_observation_that_the_user_removed_is_no_news(
    lite: Site, at: Callable[[int], None], *, then_withdrawn: bool
) -> None:
    visitor = lite.visitor()
    base = following(visitor, WFPC2, EXPOSURE)
    at(NOW + DAY)
    visitor.post(f"{base}/observations", {"remove": str(lite.holdings.observations[WFPC2])})
    if then_withdrawn:
        lite.holdings.withdraw(f"{WFPC2}_c1f.fits")
    assert line(visitor.get(base)) == f"Follows: {WORDS}."


def test_what_is_marked_as_seen_is_said_no_more_and_undo_says_it_again(site: Site, at: Callable[[int], None]) -> None:
    visitor = site.visitor()
    base = following(visitor)
    changed(site, at)
    (form,) = visitor.get(base).forms("/rule/seen")
    at(NOW + 2 * DAY)
    page = visitor.follow(visitor.post(f"{base}/rule/seen", form))
    assert page.messages == ["Marked as seen: +2 new, 1 replaced, 1 withdrawn."]
    assert line(page) == f"Follows: {WORDS}."
    (undo,) = page.forms("/undo")
    visitor.post(f"{base}/undo", undo)
    assert line(visitor.get(base)).endswith("+2 new, 1 replaced, 1 withdrawn since 15 January 2027")


def test_news_that_the_user_has_not_seen_is_not_marked_as_seen(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    changed(lite, at)
    (form,) = visitor.get(base).forms("/rule/seen")
    arrive(lite, "B0F")
    visitor.post(f"{base}/rule/seen", form, status=412)
    assert "+3 new, 1 replaced" in line(visitor.get(base))


def test_after_stopping_the_line_is_gone_and_undo_brings_it_back_as_it_was(
    lite: Site, at: Callable[[int], None]
) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    changed(lite, at)
    before = line(visitor.get(base))
    page = visitor.follow(visitor.post(f"{base}/rule/stop"))
    assert page.messages == [f"Stopped following {WORDS}."]
    assert not page.has("rule")
    (undo,) = page.forms("/undo")
    visitor.post(f"{base}/undo", undo)
    assert line(visitor.get(base)) == before


def test_following_other_filters_instead_can_be_undone(lite: Site) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    page = visitor.follow(visitor.post(f"{base}/rule", {"back": "group=C0F"}))
    assert line(page) == "Follows: Recommended only, Group: C0F."
    (undo,) = page.forms("/undo")
    visitor.post(f"{base}/undo", undo)
    assert line(visitor.get(base)) == f"Follows: {WORDS}."


def test_following_is_offered_only_under_filters_that_are_not_followed(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    assert visitor.get(f"{base}?{LEVEL_2}").forms(f"{base}/rule")
    assert not visitor.get(f"{base}?mrp=0").forms(f"{base}/rule")
    visitor.post(f"{base}/rule", {"back": LEVEL_2})
    assert not visitor.get(f"{base}?{LEVEL_2}").forms(f"{base}/rule")


def test_selected_only_is_no_part_of_what_is_followed(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/rule", {"back": f"{LEVEL_2}&selected=1"})
    assert line(visitor.get(base)) == f"Follows: {WORDS}."
    page = visitor.post(f"{base}/rule", {"back": "mrp=0&selected=1"}, status=422)
    assert page.title.startswith("No filter is on, so there is nothing to follow.")


def test_a_stranger_reads_the_line_and_can_change_nothing(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    changed(lite, at)
    stranger = lite.visitor()
    page = stranger.get(base)
    assert line(page) == line(visitor.get(base))
    assert not list(page.at("rule").iter("form"))
    for action in ("", "/seen", "/stop", "/difference"):
        stranger.post(f"{base}/rule{action}", {"back": LEVEL_2}, status=403)
    assert line(page) == line(visitor.get(base))


@pytest.mark.parametrize("action", ["seen", "stop", "difference"])
def test_a_basket_that_follows_nothing_says_so(shared: Site, action: str) -> None:
    visitor = shared.visitor()
    page = visitor.post(f"{visitor.basket(WFPC2)}/rule/{action}", status=409)
    assert page.title.startswith("This basket follows no filters now.")


def test_a_rule_costs_a_page_nothing_of_the_catalogue_until_it_changes(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2, IMAGE)
    visitor.get(base)
    with counted(lite.services.engine) as without:
        visitor.get(base)
    visitor.post(f"{base}/rule", {"back": LEVEL_2})
    visitor.get(base)  # the message of it is told
    with counted(lite.services.engine) as following_:
        visitor.get(base)
    assert len(following_) == len(without) + 1  # the rights, once more, for the filters that are followed
    assert not [each for each in following_ if "FROM product" in each]


def test_one_version_of_the_catalogue_is_asked_about_once(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = following(visitor)
    changed(lite, at)
    visitor.get(base)
    with counted(lite.services.engine) as statements:
        visitor.get(base)
    assert not [each for each in statements if "product_revision" in each]


def test_what_a_rule_has_seen_goes_with_its_basket(lite: Site) -> None:
    base = following(lite.visitor())
    delete_basket(lite.services, base.rpartition("/")[2])
    lite.visitor().get(base, status=404)


def test_the_words_of_filters_name_each_of_them() -> None:
    filters = Filters(choices={"group": frozenset({"X1D", "S3D"})}, name="*_x*")
    assert rules.words_of(filters) == "Recommended only, Group: S3D, X1D, Name: *_x*"
