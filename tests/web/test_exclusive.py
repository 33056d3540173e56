"""Exclusive files on the pages: who is told what, who gets what, and how that changes while a download waits."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.fixtures.holdings import IMAGE, NOW, RELEASE, SECRET
from tests.fixtures.orders import link
from tests.fixtures.people import PASSWORD, person
from tests.fixtures.scene import I2D, PROGRAMME, S3D, fetched
from tests.fixtures.visitor import words
from webapp import programmes
from webapp.db import writing
from webapp.models import CatalogueState, Rights

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.scene import Scene
    from tests.fixtures.visitor import Page, Visitor

QUERY = f"mrp=0&open=JWST/{SECRET}"


def finding(page: Page) -> str:
    return words(next(each for each in page.all("h2") if "exclusive" in words(each)))


@pytest.mark.parametrize(
    ("who", "tag", "lock"), [("nobody", "exclusive", 1), ("bob", "exclusive", 1), ("ada", "exclusive, yours", 0)]
)
def test_the_tree_says_in_words_whose_a_file_is(scene: Scene, who: str, tag: str, lock: int) -> None:
    visitor: Visitor = getattr(scene, who)
    page = visitor.get(f"{scene.basket(visitor)}?{QUERY}")
    (row,) = [each for each in page.all("li") if S3D in words(each)]
    (seen,) = [each for each in row.iter("span") if "tag" in (each.get("class") or "")]
    assert (words(seen), len(list(seen))) == (tag, lock)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("nobody", "· 1 of them exclusive: log in"),
        ("bob", "· 1 of them is not yours to download yet"),
        ("ada", ""),
    ],
)
def test_the_action_bar_counts_what_is_selected_and_not_theirs(scene: Scene, who: str, said: str) -> None:
    visitor: Visitor = getattr(scene, who)
    page = visitor.get(f"{scene.basket(visitor)}?mrp=0")
    assert [words(each) for each in page.all("span", class_="locked")] == ([said] if said else [])


def test_what_is_not_selected_is_not_counted(scene: Scene) -> None:
    base = scene.basket(scene.nobody)
    scene.nobody.tick(base, scene.site.holdings[S3D].path, on=False)
    assert "of them exclusive" not in scene.nobody.get(f"{base}?mrp=0").words


def test_the_log_in_of_the_action_bar_leads_back_to_the_same_page(scene: Scene) -> None:
    base = scene.basket(scene.nobody)
    url = f"{base}?mrp=0&access=exclusive"
    (login,) = [each for each in scene.nobody.get(url).at("actions").iter("a") if words(each) == "log in"]
    assert login.get("href") == f"/login?next={quote(url, safe='/')}"


def test_details_say_that_a_file_is_theirs(scene: Scene) -> None:
    page = scene.ada.get(f"{scene.basket(scene.ada)}?{QUERY}&file={scene.site.holdings[S3D].uri}")
    assert "Exclusive to programme 4098 until 2027-01-25; you may read it" in words(page.at("details"))


def test_a_stranger_who_logs_in_from_the_plan_comes_back_to_it_and_gets_all(scene: Scene) -> None:
    base = scene.basket(scene.nobody)
    page = scene.nobody.get(f"{base}/plan?as=bundle/zip&back=mrp%3D0")
    assert finding(page) == "1 of 2 is exclusive: log in, or download the 1 you can have."
    (login,) = [each.get("href", "") for each in page.at("main").iter("a") if words(each) == "Log in"]
    person(scene.site, scene.ada_is, reads=PROGRAMME)
    form = scene.nobody.get(login).forms("/login")[0]
    after = scene.nobody.post("/login", {**form, "name": scene.ada_is, "password": PASSWORD}).location
    assert "2 files, nothing to decide" in scene.nobody.get(after).words


def test_somebody_who_is_known_is_told_whose_the_files_are(scene: Scene) -> None:
    page = scene.bob.get(f"{scene.basket(scene.bob)}/plan?as=bundle/zip&back=mrp%3D0")
    assert finding(page) == "1 of 2 is exclusive to programme 4098 and not yours yet: download the 1 you can have."
    assert "Public from 2027-01-25 on." in page.words
    assert not [each for each in page.at("main").iter("a") if words(each) == "Log in"]


def test_where_nothing_is_left_a_stranger_is_only_asked_to_log_in(scene: Scene) -> None:
    base = scene.nobody.basket(SECRET)
    scene.nobody.tick(base, scene.site.holdings[S3D].path)
    page = scene.nobody.get(f"{base}/plan?as=bundle/zip&back=mrp%3D0")
    assert finding(page) == "1 of 1 is exclusive: log in to download it."


def test_the_plan_of_the_api_says_the_same(scene: Scene) -> None:
    base = scene.basket(scene.nobody)
    answer = scene.nobody.client.post(f"/api/v1{base}/plan", json={"method": "bundle", "format": "zip"})
    (found,) = answer.get_json()["findings"]
    assert found["sentence"] == "1 of 2 is exclusive: log in, or download the 1 you can have."
    assert (found["code"], found["files"], answer.get_json()["files"]) == ("not_authorised", 1, 1)


def test_the_button_leaves_out_what_is_not_theirs_and_the_delivery_names_it(scene: Scene) -> None:
    base = scene.basket(scene.bob)
    page = scene.bob.post(f"{base}/deliveries", {"as": "list/csv", "back": "mrp=0"}, status=409)
    url = scene.bob.post(f"{base}/deliveries", page.forms("/deliveries")[0]).location
    scene.site.work()
    page = scene.bob.get(url)
    (row,) = [words(each) for each in page.all("tr") if S3D in words(each)]
    assert "Not authorised" in row
    assert S3D.encode() not in fetched(scene.bob, link(scene.bob, url))[1]


def test_a_delivery_says_who_can_fetch_it(scene: Scene) -> None:
    url, address = scene.delivery("bundle/zip")
    pages = {name: getattr(scene, name).get(url) for name in ("ada", "bob", "nobody")}
    said = "It holds files that are exclusive to programme 4098: only those can fetch it who may read all of them."
    assert all(said in page.words for page in pages.values())
    assert {name for name, page in pages.items() if page.all("a", href=address)} == {"ada"}
    assert [name for name, page in pages.items() if page.all("a", href=f"/login?next={url}")] == ["nobody"]


def test_a_delivery_of_public_files_says_nothing_of_it(scene: Scene) -> None:
    base = scene.ada.basket(IMAGE)
    scene.ada.tick(base, scene.site.holdings[I2D].path)
    url = scene.ada.post(f"{base}/deliveries", {"as": "bundle/zip", "back": "mrp=0"}).location
    scene.site.work()
    assert "exclusive" not in scene.nobody.get(url).words


@pytest.mark.parametrize("way", ["bundle/zip", "list/csv", "batch/files"])
def test_who_loses_their_rights_gets_no_further_range(scene: Scene, way: str) -> None:
    _, address = scene.delivery(way)
    first = fetched(scene.ada, address, Range="bytes=0-9")
    programmes.deny(scene.site.services, *PROGRAMME, scene.ada_is)
    second = fetched(scene.ada, address, Range="bytes=10-19")
    programmes.allow(scene.site.services, *PROGRAMME, scene.ada_is)
    third = fetched(scene.ada, address, Range="bytes=10-19")
    assert (first[0], second[0], third[0]) == (206, 403, 206)
    assert len(first[1] + third[1]) == 20


@pytest.mark.parametrize("way", ["bundle/zip", "list/csv"])
def test_when_the_release_date_passes_everybody_gets_what_waits(
    scene: Scene, at: Callable[[int], None], way: str
) -> None:
    _, address = scene.delivery(way)
    seen = []
    for now in (NOW, RELEASE - 1, RELEASE):
        at(now)
        seen.append(fetched(scene.nobody, address, Range="bytes=0-9")[0])
    assert seen == [401, 401, 206]


def test_a_release_date_that_is_moved_later_closes_what_was_open(lonely: Scene, at: Callable[[int], None]) -> None:
    _, address = lonely.delivery("bundle/zip")
    at(RELEASE)
    before = fetched(lonely.nobody, address, Range="bytes=0-9")[0]
    with writing(lonely.site.services.engine) as session:  # as an ingest does
        session.execute(update(Rights).where(col(Rights.programme) == "4098").values(released_at=RELEASE + 100))
        session.execute(update(CatalogueState).values(version=col(CatalogueState.version) + 1))
    after = (
        fetched(lonely.nobody, address, Range="bytes=10-19")[0],
        fetched(lonely.ada, address, Range="bytes=10-19")[0],
    )
    at(RELEASE + 100)
    assert (before, *after, fetched(lonely.nobody, address, Range="bytes=10-19")[0]) == (206, 401, 206, 206)


def test_what_failed_is_not_made_again_for_somebody_who_lost_their_rights(scene: Scene) -> None:
    base = scene.basket(scene.ada)
    scene.ada.tick(base, scene.site.holdings[f"{IMAGE}_cat.ecsv"].path)
    url = scene.ada.post(f"{base}/deliveries", {"as": "bundle/zip", "back": "mrp=0"}).location
    scene.ada.post(f"{url}/cancel")
    programmes.deny(scene.site.services, *PROGRAMME, scene.ada_is)
    assert "exclusive to their programme" in scene.ada.post(f"{url}/retry", status=403).words
    programmes.allow(scene.site.services, *PROGRAMME, scene.ada_is)
    scene.ada.post(f"{url}/retry", status=303)


def test_a_stranger_sees_what_is_locked_in_a_share_and_can_have_the_rest(scene: Scene) -> None:
    share = scene.ada.post(f"{scene.basket(scene.ada)}/share", {"back": "mrp=0"}).location
    page = scene.nobody.get(f"{share}?{QUERY}")
    assert "1 exclusive, not yours to download" in page.words
    assert f"JWST/{SECRET}/{S3D}" in page.states
    asked = scene.nobody.post(f"/baskets/{share[3:]}/deliveries", {"as": "bundle/zip", "back": "mrp=0"}, status=409)
    assert finding(asked) == "1 of 2 is exclusive: log in, or download the 1 you can have."
    url = scene.nobody.post(f"/baskets/{share[3:]}/deliveries", asked.forms("/deliveries")[0]).location
    scene.site.work()
    status, content = fetched(scene.nobody, link(scene.nobody, url))
    assert (status, I2D.encode() in content, f"{SECRET}/{S3D}".encode() in content.partition(b"MANIFEST")[0]) == (
        200,
        True,
        False,
    )


def test_who_may_read_them_gets_all_files_of_a_share(scene: Scene) -> None:
    share = scene.nobody.post(f"{scene.basket(scene.nobody)}/share", {"back": "mrp=0"}).location
    assert "not yours to download" not in scene.ada.get(f"{share}?{QUERY}").words
    url = scene.ada.post(f"/baskets/{share[3:]}/deliveries", {"as": "bundle/zip", "back": "mrp=0"}).location
    scene.site.work()
    status, content = fetched(scene.ada, link(scene.ada, url))
    assert (status, (scene.site.holdings[S3D].content or b"-") in content) == (200, True)


def test_a_copy_of_somebodys_basket_gives_no_rights(scene: Scene) -> None:
    base = scene.nobody.post(f"{scene.basket(scene.ada)}/copy", {"back": "mrp=0"}).location.partition("?")[0]
    page = scene.nobody.post(f"{base}/deliveries", {"as": "bundle/zip", "back": "mrp=0"}, status=409)
    assert finding(page).startswith("1 of 2 is exclusive: log in")


def test_what_was_closed_stays_closed_after_the_spool_was_away_for_a_moment(
    lonely: Scene, at: Callable[[int], None]
) -> None:
    at(RELEASE)
    _, address = lonely.delivery("bundle/zip")
    with writing(lonely.site.services.engine) as session:  # as an ingest does
        session.execute(update(Rights).where(col(Rights.programme) == "4098").values(released_at=RELEASE + 100))
        session.execute(update(CatalogueState).values(version=col(CatalogueState.version) + 1))
    spool = lonely.site.settings.spool
    spool.rename(spool.with_name("away"))
    away = fetched(lonely.nobody, address)[0]
    spool.with_name("away").rename(spool)
    assert (away, fetched(lonely.nobody, address)[0]) == (410, 401)


def test_the_form_of_a_share_says_that_not_everybody_will_have_all(scene: Scene) -> None:
    base = scene.basket(scene.ada)
    assert "1 file of these is exclusive: people without the right to it" in scene.ada.get(f"{base}/share").words
    scene.ada.tick(base, scene.site.holdings[S3D].path, on=False)
    assert "exclusive" not in scene.ada.get(f"{base}/share").words
