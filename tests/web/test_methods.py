"""The page about all ways to download: every way shown with the very script or list, and nothing made by looking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from redis import Redis
from sqlalchemy import func, select, update

from jobs.dialects import dialects
from tests.fixtures.holdings import CONTRIBUTED, IMAGE, NOW, SECRET, WFPC2, file
from tests.fixtures.orders import agreed, asked
from tests.fixtures.people import log_in, person
from tests.fixtures.visitor import words
from tests.fixtures.webapp import counted
from webapp.context import EXTENSION
from webapp.db import reading, writing
from webapp.methods import groups
from webapp.models import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

I2D, C0F, TRL, S3D = f"{IMAGE}_i2d.fits", f"{WFPC2}_c0f.fits", f"{WFPC2}_trl.fits", f"{SECRET}_s3d.fits"
ODD = 'hlsp_odd_nircam_ngc3132_naïve "map";$(x) 100%.fits'
NAME = "skybasket_2027-01-15T080000"
WAYS = {way.value: way for group in groups() for way in group.ways}
OF_PUBLIC = [value for value, way in WAYS.items() if "public" in way.wants]
OF_SHA256 = [value for value, way in WAYS.items() if "sha256" in way.wants]
ANYWHERE = [value for value in WAYS if value not in OF_PUBLIC]


@pytest.fixture(autouse=True)
def _now(at: Callable[[int], None]) -> None:
    at(NOW)


def chosen(site: Site, *names: str) -> tuple[Visitor, str]:
    """A visitor who ticked these files, and the path of the page."""
    visitor = site.visitor()
    base = visitor.basket(*sorted({site.holdings[name].observations[0] for name in names}))
    visitor.tick(base, *(site.holdings[name].path for name in names))
    return visitor, f"{base}/methods"


def facts(page: Page) -> dict[str, str]:
    (found,) = page.all("dl")
    terms = [words(each) for each in found.iter("dt")]
    return dict(zip(terms, (words(each) for each in found.iter("dd")), strict=True))


def preview(page: Page) -> str:
    """The text of the first script, list or bundle that the page looks into."""
    (found,) = page.all("pre", class_="code")
    return "".join(found.itertext())


def offered(page: Page) -> set[str]:
    links = [each.get("href", "") for each in page.at("ways-list").iter("a")]
    return {link.partition("as=")[2].partition("&")[0] for link in links}


def with_store(site: Site, url: str) -> None:
    """The files of HST are there instead."""
    here = site.services
    settings = replace(here.settings, stores=(*here.settings.stores, ("mast:HST/", url)))
    site.app.extensions[EXTENSION] = replace(here, settings=settings)


def test_every_way_has_a_page_that_shows_it_and_leads_to_all_others(shared: Site) -> None:
    visitor, url = chosen(shared, I2D, C0F)
    for value in ANYWHERE:
        page = visitor.get(f"{url}?as={value}&mrp=0")
        way = WAYS[value].filled("skybasket_2027-01-15T…")
        assert words(page.all("h1")[0]) == "Ways to download 2 files (40.3 kB)"
        assert [each.get("id") for each in page.all("a", aria_current="true")] == [f"way-{way.method}-{way.format}"]
        assert (facts(page)["Needs"], facts(page).get("Then run", "")) == (way.needs, way.use)
        assert offered(page) == set(ANYWHERE)
        assert I2D in preview(page) or way.method == "script" or (way.written and not way.language), value
        assert visitor.get(f"{url}?as={value}&mrp=0", target="methods").flat in page.flat


def test_without_a_choice_it_is_the_shell_script_with_what_to_cite(shared: Site) -> None:
    visitor, url = chosen(shared, I2D, C0F)
    page = visitor.get(url)
    assert words(page.all("h2", id="chosen")[0]) == "Shell script"
    assert preview(page).startswith(f"#!/bin/sh\n# {NAME}: 2 files, 40,320 bytes\n")
    assert "JWST programmes: 2733" in preview(page)
    assert preview(page).count("\n") == 59


def test_names_are_shown_and_never_part_of_the_page(lite: Site) -> None:
    hostile = '<img src=x onerror="x">&lt;b&gt;<pre>.fits'
    lite.holdings.add(file(hostile, CONTRIBUTED, mission="HLSP", folder=CONTRIBUTED, group="none", level=4))
    visitor, url = chosen(lite, ODD, hostile)
    for value in ANYWHERE:
        page = visitor.get(f"{url}?as={value}")
        assert (page.all("img"), len(page.all("pre"))) == ([], 1), value
        assert all(each.get("style") is None for each in page.tree.iter())


@pytest.mark.parametrize(("names", "needed"), [((I2D,), False), ((I2D, S3D), True)])
def test_the_token_is_spoken_of_only_where_one_is_needed(shared: Site, names: tuple[str, ...], *, needed: bool) -> None:
    visitor, url = chosen(shared, *names)
    name = f"reader-{len(names)}"
    person(shared, name, reads=("JWST", "4098"))
    log_in(visitor, name)
    for value in ANYWHERE:
        said = WAYS[value].filled(NAME).token
        assert facts(visitor.get(f"{url}?as={value}")).get("Token", "") == (
            f"{said} Make a token" if needed and said else ""
        ), value


def test_a_stranger_is_led_to_the_log_in_and_back_instead(shared: Site) -> None:
    visitor, url = chosen(shared, I2D, S3D)
    page = visitor.get(f"{url}?as=list/csv&mrp=0")
    assert "1 of 2 is exclusive: log in, or download the 1 you can have." in page.words
    (login,) = page.all("a", href=f"/login?next={quote(f'{url}?as=list/csv&mrp=0')}")
    assert words(login) == "Log in"
    assert "Token" not in facts(page)
    assert S3D not in preview(page)


def test_looking_makes_nothing_and_asks_no_store(queued: Site) -> None:
    visitor, url = chosen(queued, I2D, C0F)
    queued.holdings.folder.rename(queued.holdings.folder.with_name("elsewhere"))
    kept = sorted(queued.settings.home.rglob("*"))
    for value in ANYWHERE:
        visitor.get(f"{url}?as={value}")
    with reading(queued.services.engine) as session, Redis.from_url(queued.settings.redis_url) as redis:
        assert (session.execute(select(func.count()).select_from(Delivery)).scalar_one(), redis.keys()) == (0, [])
    assert sorted(queued.settings.home.rglob("*")) == kept


@pytest.mark.parametrize("value", OF_SHA256)
def test_files_without_a_checksum_are_said_to_be_read_first(shared: Site, value: str) -> None:
    visitor, url = chosen(shared, C0F, TRL)
    assert "1 file has no checksum yet; it is read first." in visitor.get(f"{url}?as={value}").words
    visitor, url = chosen(shared, C0F)
    assert "read first" not in visitor.get(f"{url}?as={value}").words


def test_what_needs_a_public_store_is_offered_where_a_file_is_in_one(lite: Site) -> None:
    visitor, url = chosen(lite, I2D, C0F)
    before, pages = offered(visitor.get(url)), [visitor.get(f"{url}?as={value}") for value in OF_PUBLIC]
    assert before == set(ANYWHERE)
    assert all("None of these files is in a public store" in page.words for page in pages)
    assert all(page.all("button", disabled="") for page in pages)
    with_store(lite, "s3://somewhere/hst?anon=1")
    assert offered(visitor.get(url)) == set(WAYS)
    for page in [visitor.get(f"{url}?as={value}") for value in OF_PUBLIC]:
        assert "1 of 2 files is not in a public store, and cannot be in this" in page.words
        assert "for 1 of 2 files" in page.words
        assert I2D not in preview(page)


def test_all_in_one_folder_is_a_choice_of_the_address(shared: Site) -> None:
    visitor, url = chosen(shared, I2D, C0F)
    page = visitor.get(f"{url}?as=bundle/zip&flat=1&mrp=0")
    assert preview(page).split() == ["20.2", "kB", C0F, "20.2", "kB", I2D]
    assert page.at("flat").get("checked") is not None
    assert all("&flat=1&mrp=0" in each.get("href", "") for each in page.at("ways-list").iter("a"))
    assert page.forms("/deliveries")[0]["back"] == "mrp=0"


def test_the_first_files_of_many_are_looked_at(lite: Site) -> None:
    lite.holdings.add_many(WFPC2, 200)
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/selection", {"set": "matching", "back": "mrp=0"})
    with counted(lite.services.engine) as few:
        page = visitor.get(f"{base}/methods?as=list/urls")
    assert "Make this list for 205 files" in page.words
    assert "How it begins the first 60 lines" in page.words
    visitor.post(f"{base}/selection", {"set": "none", "back": "mrp=0"})
    visitor.tick(base, f"HST/{WFPC2}/{C0F}")
    with counted(lite.services.engine) as fewer:
        visitor.get(f"{base}/methods?as=list/urls")
    assert len(few) == len(fewer)


def test_nothing_selected_is_said_and_nothing_can_be_made(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}/methods?as=list/csv")
    assert "No file is selected. Tick files or folders in the basket first." in page.words
    assert page.all("button", disabled="")
    assert page.all("pre") == []


def test_files_that_filters_hide_are_said(shared: Site) -> None:
    visitor, url = chosen(shared, I2D, C0F)
    assert "1 of them is hidden by filters" in visitor.get(f"{url}?mrp=0&mission=HST").words


@pytest.mark.parametrize(
    ("query", "status"),
    [("as=script/exe", 422), ("as=x", 422), ("flat=2", 400), ("as=script/sh&as=list/csv", 400), ("level=9", 400)],
)
def test_an_address_that_says_something_else_is_a_sentence(shared: Site, query: str, status: int) -> None:
    visitor, url = chosen(shared, I2D)
    assert visitor.get(f"{url}?{query}", status=status).title


def test_the_menu_and_the_plan_lead_there_and_it_leads_back(shared: Site) -> None:
    visitor, url = chosen(shared, I2D, C0F)
    base = url.removesuffix("/methods")
    (link,) = visitor.get(f"{base}?mrp=0&mission=HST").all("a", href=f"{url}?mrp=0&mission=HST")
    assert visitor.get(link.get("href", "")).all("a", href=f"{base}?mrp=0&mission=HST")
    plan = visitor.get(f"{base}/plan?as=bundle/zip&flat=1&back=mrp%3D0")
    (other,) = [each.get("href", "") for each in plan.all("a") if words(each) == "Other ways"]
    assert other == f"{url}?as=bundle/zip&flat=1&mrp=0"


def test_a_share_has_the_page_too(shared: Site) -> None:
    visitor, url = chosen(shared, I2D)
    share = visitor.post(f"{url.removesuffix('methods')}share", {"back": "mrp=0"}).location
    stranger = shared.visitor()
    page = stranger.get(f"/baskets/{share.rpartition('/')[2]}/methods?as=script/sh&mrp=0")
    assert page.all("a", href=f"{share}?mrp=0")
    assert stranger.post("/baskets/{}/deliveries".format(share.rpartition("/")[2]), page.forms("/deliveries")[0])


def test_what_was_made_is_explained_in_its_own_words(queued: Site) -> None:
    for kind in (each for each in dialects().values() if "public" not in each.wants):
        visitor, made = asked(queued, I2D, C0F, method=kind.method, format=kind.name)
        queued.work()
        page = visitor.get(made.location)
        file_name = f"{NAME}{kind.suffix}"
        use = WAYS[f"{kind.method}/{kind.name}"].filled(NAME).use
        line = f"curl -fsSO https://skybasket.example{made.location}/{file_name}"
        assert page.at("delivery").get("data-state") == "Ready"
        assert (facts(page)["Needs"], "Token" in facts(page)) == (kind.needs, False)
        assert page.all("button", data_copy=f"{line} && {use}" if use else line)
        assert f"{kind.title} for 2 files" in page.words
        assert kind.title in visitor.get("/history").words
        assert len(preview(page)) > 100


def test_what_was_made_speaks_of_a_token_where_it_holds_exclusive_files(queued: Site) -> None:
    visitor, made = agreed(queued, I2D, S3D)  # the exclusive one is left out: nobody here may have it
    queued.work()
    before = visitor.get(made.location)
    with writing(queued.services.engine) as session:
        session.execute(update(Delivery).values(exclusive=1))
    after = facts(visitor.get(made.location))
    assert ("Token" in facts(before), after["Token"]) == (False, f"{WAYS['script/sh'].token} Make a token")
    assert "JWST programmes: 2733" in preview(before)
