"""Several named baskets: the list of them, the one in use, and what their owner does with each as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, NOW, WFPC2
from tests.fixtures.people import log_in, person
from tests.fixtures.visitor import words
from tests.fixtures.webapp import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

DAY = 86_400
C0F, TRL, D0F = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl", "d0f"))
QUERY = f"mrp=0&open={WFPC2}"
ACTIONS = ("rename", "duplicate", "lock", "unlock", "delete", "restore", "key", "key/revoke")

MENU = (
    "Rename Duplicate Lock against changes by mistake Compare with another Recent steps "
    "Key for notebooks and scripts Delete"
)


def new(visitor: Visitor, name: str = "", *obs_ids: str) -> str:
    """A new basket with these observations; its path."""
    base = visitor.post("/baskets", {"name": name}).location
    if obs_ids:
        visitor.post("/basket/add", {"obs": list(obs_ids)})
    visitor.get(base)  # with the messages
    return base


def listed(page: Page, table: int = 0) -> list[list[str]]:
    """The cells of a table's rows."""
    tables = page.all("table")
    if len(tables) <= table:
        return []
    body = next(tables[table].iter("tbody"))
    return [[words(cell) for cell in row if cell.tag in {"th", "td"}] for row in body.iter("tr")]


def names(page: Page, table: int = 0) -> list[str]:
    """The baskets of a table, without their tags."""
    body = next(page.all("table")[table].iter("tbody"))
    return [words(next(head.iter("a"), head)) for head in body.iter("th")]


def in_use(visitor: Visitor) -> str:
    return visitor.get("/basket", status=302).location.partition("?")[0]


def test_the_list_says_of_each_basket_what_it_holds(site: Site, at: Callable[[int], None]) -> None:
    visitor = site.visitor()
    base = new(visitor, "Comets", WFPC2, IMAGE)
    visitor.tick(base, C0F, TRL)
    at(NOW + 60)
    new(visitor)
    files = str(len(site.holdings.of(WFPC2, IMAGE)))
    assert listed(visitor.get("/baskets")) == [
        ["", "Basket of 15 January 2027 in use", "0", "0", "0", "2027-01-15 08:01 UTC", MENU],
        ["", "Comets", files, "2", "2", "2027-01-15 08:00 UTC", MENU],
    ]


def test_the_list_costs_the_same_however_many_baskets_there_are(site: Site) -> None:
    visitor = site.visitor()
    new(visitor, "one", WFPC2)
    sent = []
    for name in ("two", "three"):
        new(visitor, name, IMAGE)
        with counted(site.services.engine) as statements:
            visitor.get("/baskets?q=o")
        sent.append(len(statements))
    assert sent == [7, 7]  # which is in use, baskets, found by observation, ticks, observations, rules; the tab


def test_a_long_list_says_that_it_was_cut(shared: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.shelf_page.MOST_LISTED", 2)
    monkeypatch.setattr("webapp.views.baskets.MOST_LISTED", 2)
    visitor = shared.visitor()
    for name in ("a", "b", "c"):
        new(visitor, name)
    page = visitor.get("/baskets")
    assert len(names(page)) == 2
    assert "3 baskets, the one changed last first · these are the first 2" in page.words


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("comet", ["Comets of 50%"]),
        ("50%", ["Comets of 50%"]),
        ("5_%", []),
        (WFPC2.upper(), ["Galaxies"]),
        ("m82", []),
        ("Basket of", ["Basket of 15 January 2027"]),
        ("\0\n", ["Basket of 15 January 2027", "Comets of 50%", "Galaxies"]),
    ],
)
def test_baskets_are_found_by_name_and_by_what_is_in_them(
    site: Site, at: Callable[[int], None], q: str, found: list[str]
) -> None:
    at(NOW)
    visitor = site.visitor()
    new(visitor, "Galaxies", WFPC2)
    new(visitor, "Comets of 50%")
    new(visitor)
    page = visitor.get(f"/baskets?{urlencode({'q': q})}")
    assert sorted(names(page) if page.all("table") else []) == found
    assert ("No basket matches" in page.words) == (not found)


def test_a_basket_is_found_by_the_target_of_an_observation(site: Site) -> None:
    visitor = site.visitor()
    new(visitor, "Here", IMAGE)
    new(visitor, "Not here", WFPC2)
    assert names(visitor.get("/baskets?q=ngc+31")) == ["Here"]


def test_whoever_has_no_basket_is_told_how_to_begin(shared: Site) -> None:
    page = shared.visitor().get("/baskets")
    assert "You have no basket" in page.words
    assert page.all("a", href="/")


def test_nobody_sees_the_baskets_of_another_in_the_list(shared: Site) -> None:
    new(shared.visitor(), "Mine alone")
    visitor = shared.visitor()
    new(visitor, "Yours")
    assert names(visitor.get("/baskets")) == ["Yours"]


def test_a_new_basket_is_the_one_to_work_with(shared: Site) -> None:
    visitor = shared.visitor()
    first = new(visitor, "first", WFPC2)
    second = new(visitor, "second")
    visitor.post("/basket/add", {"obs": IMAGE})
    counts = [
        words(visitor.get(base).at("actions")).count("Observations in this basket (1)") for base in (first, second)
    ]
    assert (in_use(visitor), counts) == (second.partition("?")[0], [1, 1])


def test_the_basket_that_was_opened_last_is_the_one_to_work_with(shared: Site) -> None:
    visitor = shared.visitor()
    first, second = new(visitor, "first", WFPC2), new(visitor, "second", IMAGE)
    visitor.get(first)
    page = visitor.follow(visitor.post("/basket/add", {"obs": EXPOSURE, "back": ""}))
    assert page.messages == ["Added 1 observation to “first”."]
    assert (in_use(visitor), words(page.at("basket-count"))) == (first, str(len(shared.holdings.of(WFPC2, EXPOSURE))))
    assert "Observations in this basket (1)" in visitor.get(second).words


def test_the_observations_page_marks_what_the_basket_in_use_holds(shared: Site) -> None:
    visitor = shared.visitor()
    first, second = new(visitor, "first", WFPC2), new(visitor, "second", IMAGE)
    marked = []
    for base in (first, second):
        visitor.get(base)
        marked.append([name for name in (WFPC2, IMAGE) if "in basket" in row_of(visitor.get(f"/?q={name}"), name)])
    assert marked == [[WFPC2], [IMAGE]]


def row_of(page: Page, name: str) -> str:
    return next(words(row) for row in page.all("tr") if name in words(row))


def test_files_of_a_download_are_put_into_the_basket_in_use(queued: Site) -> None:
    visitor = queued.visitor()
    first = new(visitor, "first", WFPC2)
    visitor.tick(first, C0F)
    visitor.post(f"{first}/deliveries", {"method": "script", "format": "sh"})
    queued.work()
    files = next(a.get("href", "") for a in visitor.get("/history").all("a") if "?mrp=0" in a.get("href", ""))
    second = new(visitor, "second")
    new(visitor, "third")
    visitor.get(second)
    frozen = files.partition("?")[0]
    visitor.tick(frozen, C0F)
    page = visitor.follow(visitor.post(f"{frozen}/put", {"back": "mrp=0"}))
    assert page.messages == ["Put 1 file into “second”."]
    assert C0F in visitor.get(f"{second}?{QUERY}").states


def test_another_s_page_does_not_become_the_basket_in_use(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    mine, theirs = new(visitor, "mine", WFPC2), new(stranger, "theirs", IMAGE)
    visitor.get(theirs)
    assert in_use(visitor) == mine


def test_a_foreign_basket_that_a_session_remembers_is_ignored(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    mine, theirs = new(visitor, "mine"), new(stranger, "theirs")
    with visitor.client.session_transaction() as session:
        session["basket"] = theirs.rpartition("/")[2]
    visitor.post("/basket/add", {"obs": IMAGE})
    assert in_use(visitor) == mine
    assert "Observations in this basket (0)" in stranger.get(theirs).words


def test_a_deleted_basket_is_not_the_one_to_work_with(shared: Site) -> None:
    visitor = shared.visitor()
    first, second = new(visitor, "first"), new(visitor, "second")
    visitor.post(f"{second}/delete")
    assert in_use(visitor) == first


def test_with_one_basket_messages_need_not_name_it(shared: Site) -> None:
    visitor = shared.visitor()
    new(visitor, "only")
    assert visitor.follow(visitor.post("/basket/add", {"obs": IMAGE, "back": ""})).messages == ["Added 1 observation."]


def test_a_name_is_one_line_and_is_shown_wherever_the_basket_is(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.follow(visitor.post(f"{base}/rename", {"name": " <b>Comets</b>\r\n\x07 & co ", "back": base}))
    assert page.messages == ["The basket is called “<b>Comets</b> & co” now."]
    assert "<b>Comets</b> & co" in words(visitor.get(base).at("this-basket"))
    assert "in <b>Comets</b> & co" in words(stranger.get(base).at("actions"))
    assert not stranger.get(base).has("this-basket")


def test_a_name_can_be_taken_away(shared: Site) -> None:
    visitor = shared.visitor()
    base = new(visitor, "Comets")
    visitor.post(f"{base}/rename", {"name": ""})
    assert "Basket of " in words(visitor.get(base).at("this-basket"))


@pytest.mark.parametrize("where", ["rename", ""])
def test_a_name_that_is_too_long_is_refused_and_nothing_changes(shared: Site, where: str) -> None:
    visitor = shared.visitor()
    base = new(visitor, "Comets")
    url = f"{base}/{where}" if where else "/baskets"
    assert visitor.post(url, {"name": "x" * 101}, status=422).title.startswith("The name has 101 characters")
    assert names(visitor.get("/baskets")) == ["Comets"]


def test_renaming_leads_back_to_the_page_as_it_was(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    (form,) = visitor.get(f"{base}?{QUERY}").forms("/rename")
    assert visitor.post(f"{base}/rename", form).location == f"{base}?mrp=0&open={WFPC2}"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_renaming_leads_nowhere_else(shared: Site, back: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    assert visitor.post(f"{base}/rename", {"name": "x", "back": back}).location == base


def test_a_duplicate_has_content_ticks_and_removals_and_a_name_of_its_own(site: Site) -> None:
    visitor = site.visitor()
    base = new(visitor, "Comets", WFPC2)
    visitor.tick(base, TRL)
    visitor.post(f"{base}/remove", {"what": "selected"})
    visitor.tick(base, C0F)
    twin = visitor.post(f"{base}/duplicate").location
    assert visitor.get(f"{twin}?{QUERY}").rows == visitor.get(f"{base}?{QUERY}").rows
    assert sorted(names(visitor.get("/baskets"))) == ["Comets", "Comets, copy"]


def test_a_duplicate_of_a_long_name_fits(shared: Site) -> None:
    visitor = shared.visitor()
    base = new(visitor, "x" * 100)
    visitor.post(f"{base}/duplicate")
    assert f"{'x' * 93}…, copy" in names(visitor.get("/baskets"))


@pytest.mark.parametrize(
    ("where", "form"),
    [
        ("selection", {"set": "matching"}),
        ("selection", {"tick": C0F}),
        ("selection", {"path": C0F, "on": "0"}),
        ("remove", {"what": "selected"}),
        ("remove", {"what": "all"}),
        ("observations", {"remove": "1"}),
        ("undo", {"step": "1"}),
        ("delete", {}),
    ],
)
def test_a_locked_basket_refuses_to_be_changed(shared: Site, where: str, form: dict[str, str]) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    visitor.post(f"{base}/lock")
    visitor.get(base)  # with the message
    before = visitor.get(f"{base}?{QUERY}").flat
    page = visitor.post(f"{base}/{where}", {**form, "back": QUERY}, status=409)
    assert page.title.startswith("This basket is locked, so ")
    assert visitor.get(f"{base}?{QUERY}").flat == before


def test_nothing_is_added_to_a_locked_basket(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/lock")
    visitor.post("/basket/add", {"obs": IMAGE}, status=409)
    assert "Observations in this basket (1)" in visitor.get(base).words


def test_a_locked_basket_says_so_and_can_be_unlocked_on_its_page(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.follow(visitor.post(f"{base}/lock"))
    assert "locked" in words(page.at("actions"))
    assert "locked" in words(stranger.get(base).at("actions"))
    visitor.post(f"{base}/unlock")
    visitor.tick(base, C0F)
    assert "1 selected" in visitor.get(base).words


def test_a_locked_basket_can_be_renamed_and_duplicated(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/lock")
    visitor.post(f"{base}/rename", {"name": "Comets"})
    twin = visitor.post(f"{base}/duplicate").location
    visitor.tick(twin, C0F)
    assert "1 selected" in visitor.get(twin).words


def test_deleting_has_undo(site: Site) -> None:
    visitor = site.visitor()
    base = new(visitor, "Comets", WFPC2)
    visitor.tick(base, C0F)
    before = visitor.get(f"{base}?{QUERY}").rows
    page = visitor.follow(visitor.post(f"{base}/delete"))
    assert page.messages == ["Deleted “Comets”."]
    assert len(page.forms("/restore")) == 2  # of the message and of the list
    assert visitor.follow(visitor.post(f"{base}/restore")).messages == ["“Comets” is back."]
    assert visitor.get(f"{base}?{QUERY}").rows == before


def test_a_deleted_basket_can_be_brought_back_for_thirty_days(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = new(visitor, "Comets", WFPC2)
    at(NOW)
    visitor.post(f"{base}/delete")
    at(NOW + 30 * DAY - 1)
    assert [row[2] for row in listed(visitor.get("/baskets"))] == ["2027-02-14"]
    visitor.post(f"{base}/restore")
    assert names(visitor.get("/baskets")) == ["Comets"]


def test_after_thirty_days_it_is_too_late(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = new(visitor, "Comets", WFPC2)
    at(NOW)
    visitor.post(f"{base}/delete")
    at(NOW + 30 * DAY)
    assert "Bring back" not in visitor.get("/baskets").words
    assert "too long ago" in visitor.get(base, status=410).words
    visitor.post(f"{base}/restore", status=410)


def test_a_deleted_basket_is_gone_for_others_and_can_come_back_for_its_owner(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/delete")
    assert stranger.get(base, status=410).title.startswith("This basket was deleted.")
    assert not stranger.get(base, status=410).forms("/restore")
    assert visitor.get(base, status=410).forms("/restore")


@pytest.mark.parametrize(
    "where", ["selection", "remove", "undo", "observations", "deliveries", "share", "lock", "delete"]
)
def test_nothing_is_done_to_a_deleted_basket(shared: Site, where: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/delete")
    form = {"set": "matching", "what": "all", "step": "1", "method": "script", "format": "sh", "back": "mrp=0"}
    visitor.post(f"{base}/{where}", form, status=410)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_stranger_does_nothing_with_a_basket_as_a_whole(shared: Site, action: str) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    base = new(visitor, "Comets", WFPC2)
    stranger.basket(IMAGE)
    before = visitor.get("/baskets").flat
    stranger.post(f"{base}/{action}", {"name": "x"}, status=403)
    stranger.get(f"{base}/key", status=403)
    assert visitor.get("/baskets").flat == before


@pytest.mark.parametrize("action", ACTIONS)
def test_a_frozen_basket_is_none_to_shelve(shared: Site, action: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    share = visitor.post(f"{base}/share", {"back": "mrp=0"}).location.partition("?")[0]
    visitor.post(f"/baskets/{share.rpartition('/')[2]}/{action}", {"name": "x"}, status=403)


def test_two_browsers_on_one_basket_of_an_account_see_each_others_changes(lite: Site) -> None:
    person(lite)
    one, other = log_in(lite.visitor()), log_in(lite.visitor())
    base = one.basket(WFPC2)
    one.tick(base, C0F)
    other.tick(base, TRL)
    other.post("/basket/add", {"obs": IMAGE})
    one.tick(base, D0F)
    seen = [each.get(f"{base}?{QUERY}").states for each in (one, other)]
    assert seen[0] == seen[1]
    assert [seen[0][path] for path in (C0F, TRL, D0F)] == ["true"] * 3
    assert "Observations in this basket (2)" in one.get(base).words


def test_a_removal_from_a_page_that_another_browser_made_old_is_refused(lite: Site) -> None:
    person(lite)
    one, other = log_in(lite.visitor()), log_in(lite.visitor())
    base = one.basket(WFPC2)
    one.tick(base, C0F)
    form = one.get(f"{base}?{QUERY}").forms("/remove")[0]
    other.tick(base, TRL)
    one.post(f"{base}/remove", {**form, "what": "selected"}, status=412)
    assert C0F in other.get(f"{base}?{QUERY}").states


def test_each_browser_of_an_account_has_its_own_basket_in_use(lite: Site) -> None:
    person(lite)
    one, other = log_in(lite.visitor()), log_in(lite.visitor())
    first = new(one, "first")
    second = new(other, "second")
    assert (in_use(one), in_use(other)) == (first, second)
