"""The pages of administration: who may open them, what they change, and what they never show."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from jobs import client
from tests.fixtures.holdings import IMAGE, SECRET, WFPC2
from tests.fixtures.people import bearer, log_in, person
from tests.fixtures.visitor import words
from tests.fixtures.webapp import counted

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

PAGES = ("/admin", "/admin/people", "/admin/programmes", "/admin/deliveries", "/admin/shares")
FILE = f"{SECRET}_s3d.fits"
RIGHT = {"mission": "JWST", "programme": "4098", "who": "bob"}


@pytest.fixture
def staff(lite: Site) -> Visitor:
    """Logged in as ada, who is the only administrator; bob is there too."""
    person(lite, "ada", admin=True)
    person(lite, "bob")
    return log_in(lite.visitor())


@pytest.fixture(scope="module")
def lasting(shared: Site) -> Visitor:
    """An administrator for tests that look."""
    name = f"grace-{uuid4().hex[:10]}"
    person(shared, name, admin=True)
    return log_in(shared.visitor(), name)


def rows(page: Page) -> list[str]:
    """Each row's cells, joined."""
    return [" ".join(words(cell) for cell in each) for each in page.all("tr")]


def row(page: Page, start: str) -> str:
    """The one row of a table that begins so."""
    (found,) = [each for each in rows(page) if each.startswith(start)]
    return found


@pytest.mark.parametrize("url", PAGES)
def test_an_administrator_sees_each_page(lasting: Visitor, url: str) -> None:
    (marked,) = [each for each in lasting.get(url).all("a", aria_current="page") if each.get("href") == url]
    assert words(marked)


def test_a_stranger_is_led_to_the_login(shared: Site) -> None:
    assert shared.visitor().get("/admin/people", status=401).all("a", href="/login?next=/admin/people")


def test_the_pages_are_for_administrators_alone(lite: Site) -> None:
    bob = person(lite, "bob")
    visitor = log_in(lite.visitor(), "bob")
    for url in PAGES:
        visitor.get(url, status=403)
    visitor.post(f"/admin/people/{bob}/promote", status=403)
    visitor.post("/admin/programmes/allow", RIGHT, status=403)
    visitor.post("/admin/teams/new", {"team": "ours"}, status=403)
    visitor.post(f"/admin/shares/{'A' * 22}/revoke", status=403)


def test_a_token_of_an_administrator_changes_nothing(lite: Site) -> None:
    ada = person(lite, "ada", admin=True)
    lite.visitor().post(f"/admin/people/{ada}/disable", status=403, headers=bearer(lite, ada))


# People


def test_whoever_is_disabled_is_out_at_once_with_all_tokens(lite: Site, staff: Visitor) -> None:
    bobs, token = log_in(lite.visitor(), "bob"), bearer(lite, 2)
    page = staff.follow(staff.post("/admin/people/2/disable"))
    assert page.messages[-1:] == ["Disabled bob: logged out everywhere, and all tokens revoked."]
    assert "disabled" in row(page, "bob")
    assert "Log in" in bobs.get("/").words
    bobs.post("/login", {"name": "bob", "password": "three words together"}, status=403)
    staff.post("/admin/people/2/enable")
    assert "Log out" in log_in(bobs, "bob").get("/").words
    lite.visitor().get("/history", status=401, headers=token)


@pytest.mark.parametrize("change", ["disable", "demote"])
def test_the_last_administrator_stays(lite: Site, staff: Visitor, change: str) -> None:
    page = staff.post(f"/admin/people/1/{change}", status=409)
    assert "This is the last administrator, and one has to be left." in page.words
    staff.post("/admin/people/2/promote")
    staff.post(f"/admin/people/1/{change}")
    assert "Administration" in log_in(lite.visitor(), "bob").get("/admin").words


def test_people_are_found_by_name_and_address_and_counted(site: Site) -> None:
    person(site, "ada", admin=True)
    bob = person(site, "bob")
    bearer(site, bob)
    visitor = log_in(site.visitor())
    assert " never 1 " in row(visitor.get("/admin/people"), "bob")
    assert len(rows(visitor.get("/admin/people?find=BOB@example"))) == 2
    assert "No account has 100%_ in its name" in visitor.get("/admin/people?find=100%25_%00").words


# Programmes and teams


def test_a_right_that_is_taken_back_is_gone_with_the_very_next_request(lite: Site, staff: Visitor) -> None:
    visitor, door = log_in(lite.visitor(), "bob"), lite.holdings[FILE].door

    def answer() -> int:
        with visitor.client.get(door) as found:
            return found.status_code

    statuses = [answer()]
    for change in ("allow", "deny"):
        staff.post(f"/admin/programmes/{change}", RIGHT)
        statuses.append(answer())
    assert statuses == [403, 200, 403]


def test_a_team_reads_for_its_members_as_long_as_they_are_in_it(lite: Site, staff: Visitor) -> None:
    visitor, door = log_in(lite.visitor(), "bob"), lite.holdings[FILE].door
    steps = (
        ("/admin/teams/new", {"team": "Ours"}, 403),
        ("/admin/programmes/allow", {**RIGHT, "who": "team:ours"}, 403),
        ("/admin/teams/add", {"team": "ours", "name": "bob"}, 200),
        ("/admin/teams/take", {"team": "ours", "name": "bob"}, 403),
        ("/admin/teams/add", {"team": "ours", "name": "bob"}, 200),
        ("/admin/teams/remove", {"team": "ours"}, 403),
    )
    for url, form, status in steps:
        staff.post(url, form)
        with visitor.client.get(door) as answer:
            assert answer.status_code == status, (url, form)


def test_an_administrator_sees_no_exclusive_file_by_being_one(lite: Site, staff: Visitor) -> None:
    with staff.client.get(lite.holdings[FILE].door) as answer:
        assert answer.status_code == 403


def test_programmes_are_listed_with_files_dates_and_readers(site: Site) -> None:
    person(site, "ada", admin=True)
    person(site, "bob", reads=("JWST", "4098"))
    visitor = log_in(site.visitor())
    page = visitor.get("/admin/programmes?find=409")
    released = next(each for each in site.holdings.files.values() if each.exclusive)
    count = sum(each.exclusive and each.mission == released.mission for each in site.holdings.files.values())
    assert row(page, "JWST 4098").startswith(f"JWST 4098 {count} 20")
    assert row(page, "JWST 4098").endswith("bob")
    assert "has nothing in its name" in visitor.get("/admin/programmes?find=nothing").words
    assert FILE not in page.text


def test_a_programme_that_nobody_knows_is_allowed_with_a_warning(staff: Visitor) -> None:
    page = staff.follow(staff.post("/admin/programmes/allow", {**RIGHT, "mission": "jwst", "programme": "9999"}))
    assert page.messages[-1:] == ["bob may read JWST 9999. The catalogue has no programme JWST 9999 so far."]
    assert row(page, "JWST 9999").endswith("bob")


def test_taking_somebody_out_can_be_undone(lite: Site, staff: Visitor) -> None:
    staff.post("/admin/programmes/allow", RIGHT)
    page = staff.follow(staff.post("/admin/programmes/deny", RIGHT))
    (undo,) = [each.get("action", "") for each in page.all("form") if "allow?" in each.get("action", "")]
    staff.post(undo)
    with log_in(lite.visitor(), "bob").client.get(lite.holdings[FILE].door) as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "form", "status"),
    [
        ("programmes/allow", {**RIGHT, "who": "nobody"}, 404),
        ("programmes/allow", {**RIGHT, "who": "team:none"}, 404),
        ("programmes/allow", {**RIGHT, "programme": " "}, 422),
        ("programmes/allow", {**RIGHT, "mission": "a\nb"}, 422),
        ("teams/new", {"team": "a team"}, 422),
        ("teams/add", {"team": "none", "name": "bob"}, 404),
        ("people/99/disable", {}, 404),
        ("people/99999999999999/enable", {}, 404),
        (f"shares/{'A' * 22}/revoke", {}, 404),
    ],
)
def test_what_is_not_there_is_said(lasting: Visitor, change: str, form: dict[str, str], status: int) -> None:
    lasting.post(f"/admin/{change}", form, status=status)


# Downloads, shares, queue, storage


def test_downloads_say_whose_they_are_and_no_file(queued: Site) -> None:
    person(queued, "ada", admin=True)
    visitor, stranger = log_in(queued.visitor()), queued.visitor()
    for each, obs_id in ((visitor, WFPC2), (stranger, IMAGE)):
        base = each.basket(obs_id)
        each.post(f"{base}/selection", {"set": "matching", "back": "mrp=0"})
        each.post(f"{base}/deliveries", {"method": "list", "format": "urls", "on_problem": "drop"})
    queued.work()
    page = visitor.get("/admin/deliveries")
    found = " ".join(rows(page))
    assert " ada list, urls " in found
    assert " somebody not logged in list, urls " in found
    assert ".fits" not in page.text


def test_a_share_is_closed_by_staff_and_opened_again(lite: Site, staff: Visitor) -> None:
    visitor = log_in(lite.visitor(), "bob")
    share = visitor.post(f"{visitor.basket(WFPC2)}/share", {"title": "Ours", "back": ""}).location
    assert " bob " in row(staff.get("/admin/shares"), "Ours")
    staff.post(f"/admin/shares/{share.rpartition('/')[2]}/revoke")
    lite.visitor().get(share, status=410)
    visitor.post(f"{share}/restore", status=409)
    assert "closed by the archive" in visitor.get("/shares").words
    staff.post(f"/admin/shares/{share.rpartition('/')[2]}/restore")
    lite.visitor().get(share, status=302)


def test_the_queue_says_how_many_wait(queued: Site) -> None:
    person(queued, "ada", admin=True)
    visitor = log_in(queued.visitor())
    url = queued.settings.redis_url
    for number in range(2):
        client.submit(url, "nothing", job_id=f"job-{number}", timeout=10, kwargs={})
    page = visitor.get("/admin")
    for number in range(2):
        client.cancel(url, f"job-{number}")
    assert row(page, "quick") == "quick 2 0 0"
    assert row(page, "heavy") == "heavy 0 0 0"
    assert "No worker is there" in page.words


def test_a_queue_that_does_not_answer_is_said_and_the_rest_is_there(lasting: Visitor) -> None:
    page = lasting.get("/admin")
    assert "The job queue does not answer." in page.words
    assert " kB " in row(page, "Database") or " MB " in row(page, "Database")


def test_each_change_is_logged_with_who_made_it(lite: Site, staff: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "webapp.admin")
    visitor = log_in(lite.visitor(), "bob")
    share = visitor.post(f"{visitor.basket(WFPC2)}/share", {"back": ""}).location.rpartition("/")[2]
    staff.post("/admin/programmes/allow", RIGHT)
    staff.post("/admin/people/2/promote")
    staff.post(f"/admin/shares/{share}/revoke")
    said = [each.getMessage() for each in caplog.records if each.name == "webapp.admin"]
    assert said == [
        "ada: bob may read JWST 4098.",
        "ada: made bob an administrator",
        f"ada: closed the share that begins with {share[:6]}",
    ]


@pytest.mark.parametrize("url", ["/admin/people", "/admin/programmes", "/admin/deliveries", "/admin/shares"])
def test_a_page_costs_the_same_however_much_there_is(lite: Site, staff: Visitor, url: str) -> None:
    counts = []
    for number in range(2):
        with counted(lite.services.engine) as sent:
            staff.get(url)
        counts.append(len(sent))
        person(lite, f"more-{number}", reads=("JWST", f"40{number}"))
        visitor = lite.visitor()
        visitor.post(f"{visitor.basket(WFPC2)}/share", {"back": ""})
    assert counts[0] == counts[1]
