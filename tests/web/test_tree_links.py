from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, OTHER_EXPOSURE, WFPC2

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tests.fixtures.visitor import Page
    from tests.fixtures.webapp import Site


def row_of(page: Page, path: str) -> Element:
    box = page.all("button", name="tick", value=path)[0]
    return next(row for row in page.all("li") if any(each is box for each in row.iter()))


def link(page: Page, path: str) -> str:
    """The address behind a row's name."""
    (found,) = (each.get("href", "") for each in row_of(page, path).iter("a"))
    return urljoin(page.response.request.path, found)


def files(page: Page) -> list[str]:
    return [row.path.rpartition("/")[2] for row in page.rows if row.depth == 3]


def test_a_folder_opens_and_closes_by_its_link(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    closed = visitor.get(f"{base}?mrp=0")
    opened = visitor.get(link(closed, f"JWST/{IMAGE}/"))
    again = visitor.get(link(opened, f"JWST/{IMAGE}/"))
    assert (len(files(closed)), len(files(opened)), len(files(again))) == (0, 4, 0)


def test_a_folder_that_a_link_names_without_its_mission_opens_and_closes_too(shared: Site) -> None:
    visitor = shared.visitor()
    opened = visitor.get(f"{visitor.basket(IMAGE)}?mrp=0&open={IMAGE}")
    closed = visitor.get(link(opened, f"JWST/{IMAGE}/"))
    assert (len(files(opened)), len(files(closed))) == (4, 0)


def test_a_mission_closes_and_opens_by_its_link(shared: Site) -> None:
    visitor = shared.visitor()
    opened = visitor.get(visitor.basket(IMAGE, WFPC2))
    closed = visitor.get(link(opened, "JWST/"))
    assert [row.path for row in closed.rows] == ["HST/", f"HST/{WFPC2}/", "JWST/"]
    assert [row.path for row in visitor.get(link(closed, "JWST/")).rows] == [row.path for row in opened.rows]


def test_expand_all_opens_every_folder_and_close_all_closes_them(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    opened = visitor.follow(visitor.get(f"{base}/expand?mrp=0&sort=size", status=302))
    assert len(files(opened)) == 11
    close = next(each.get("href", "") for each in opened.all("a") if "".join(each.itertext()) == "Close all")
    assert close == f"{base}?mrp=0&sort=size"


def test_an_association_lists_the_files_of_its_members_in_their_folders(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}?mrp=0&open=JWST/{EXPOSURE}&open=JWST/{OTHER_EXPOSURE}")
    assert files(page) == [f"{EXPOSURE}_cal.fits", f"{OTHER_EXPOSURE}_cal.fits"]


@pytest.mark.parametrize(("sort", "first"), [("name", "_cal.fits"), ("size", "_cal.fits"), ("level", "_cal.fits")])
def test_the_files_of_a_folder_can_be_sorted(shared: Site, sort: str, first: str) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(EXPOSURE)}?mrp=0&open=JWST/{EXPOSURE}&sort={sort}")
    names = [name.removeprefix(EXPOSURE) for name in files(page)]
    orders = {
        "name": ["_cal.fits", "_cal.jpg", "_rate.fits", "_uncal.fits"],
        "size": ["_cal.fits", "_uncal.fits", "_rate.fits", "_cal.jpg"],
        "level": ["_cal.fits", "_cal.jpg", "_rate.fits", "_uncal.fits"],
    }
    assert (names, names[0]) == (orders[sort], first)


def test_a_page_of_rows_beyond_the_end_still_shows_rows(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}?mrp=0&page=7")
    assert page.rows


def test_a_file_of_unknown_size_is_said_to_be_so(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(WFPC2)}?mrp=0&open=HST/{WFPC2}")
    sizes = {row.path: row.size for row in page.rows}
    assert sizes[f"HST/{WFPC2}/{WFPC2}_trl.fits"] == "unknown"
    assert sizes[f"HST/{WFPC2}/"].endswith(" +")


def test_rows_tell_where_they_stand_among_their_siblings(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}?mrp=0&open=JWST/{IMAGE}")
    found = [
        (each.get("aria-level"), each.get("aria-posinset"), each.get("aria-setsize"))
        for each in page.all("li")
        if each.get("aria-level") in {"2", "3"}
    ]
    assert found == [
        ("2", "1", "3"),
        ("3", "1", "4"),
        ("3", "2", "4"),
        ("3", "3", "4"),
        ("3", "4", "4"),
        ("2", "2", "3"),
        ("2", "3", "3"),
    ]


def test_the_open_file_is_marked_in_the_tree(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(f"{base}?mrp=0&open=JWST/{IMAGE}&file=mast:JWST/product/{IMAGE}_cat.ecsv")
    marked = [each for each in page.all("li") if each.get("aria-current") == "true"]
    assert marked == [row_of(page, f"JWST/{IMAGE}/{IMAGE}_cat.ecsv")]


def test_each_file_links_to_its_details_beside_its_own_folder(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(f"{base}?mrp=0&open=JWST/{IMAGE}")
    found = link(page, f"JWST/{IMAGE}/{IMAGE}_cat.ecsv")
    assert found == f"{base}?mrp=0&file=mast:JWST/product/{IMAGE}_cat.ecsv&open=JWST/{IMAGE}"
