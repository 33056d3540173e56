"""The page of calibration references: what the selected files name, by whom it is named, and how to get there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.fixtures.holdings import IMAGE
from tests.fixtures.references import names, reference
from tests.fixtures.references_page import (
    C0F,
    CAL,
    DARK,
    DARK_2,
    FLAT,
    GAIN,
    HOSTILE,
    NEW,
    OLD,
    OTHER_CAL,
    UNCAL,
    boxes,
    headline,
    rows,
    ticked,
    uri,
)
from tests.fixtures.visitor import words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tests.fixtures.visitor import Page
    from tests.fixtures.webapp import Site


def control(page: Page) -> Element:
    """What stands where references are retrieved."""
    (found,) = page.all("span", class_="needs")
    return found


def test_with_recommended_only_the_control_says_what_to_do_and_does_it(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    page = visitor.get(f"{base}?category=SCIENCE")
    (button,) = control(page).iter("button")
    assert (words(button), button.get("disabled")) == ("Retrieve references", "")
    why = page.at(button.get("aria-describedby", ""))
    assert words(why) == "Untick “Recommended products only” first"
    (way,) = why.iter("a")
    then = visitor.get(way.get("href", ""))
    (link,) = control(then).iter("a")
    assert (words(link), link.get("href")) == ("Retrieve references", f"{base}/references?mrp=0&category=SCIENCE")
    assert headline(visitor.get(link.get("href", ""))) == "4 references of 1 selected file"


def test_without_a_ticked_file_the_control_says_so(calibrated_site: Site) -> None:
    visitor = calibrated_site.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}?mrp=0")
    (button,) = control(page).iter("button")
    assert words(page.at(button.get("aria-describedby", ""))) == "Tick files first"


def test_only_who_may_change_the_basket_has_the_control(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    share = visitor.post(f"{base}/share", {"back": "mrp=0"}).location + "?mrp=0"
    others = [visitor.other().get(f"{base}?mrp=0"), visitor.other().get(share)]
    visitor.post(f"{base}/lock")
    assert [page.all("span", class_="needs") for page in (*others, visitor.get(f"{base}?mrp=0"))] == [[], [], []]


def test_shared_missing_and_twice_named_references_each_stand_once(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL, OTHER_CAL, UNCAL)
    page = visitor.get(f"{base}/references?mrp=0")
    assert headline(page) == "5 references of 3 selected files"
    assert "2 not in the basket yet (4.0 kB) · 3 missing" in page.words
    assert "2 of 3 selected files name references" in page.words
    found = rows(page)
    assert found[DARK] == "1.5 kB used by 2 files"
    assert found[DARK_2] == "2.5 kB used by 1 file"
    assert found[GAIN].startswith("missing No file of this name is in the archive. ")
    assert found[FLAT].startswith("missing The archive lists this file, but")
    assert boxes(page, "uri") == [uri(DARK), uri(DARK_2)]


def test_the_tree_has_an_instrument_then_types_then_files(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL, C0F)
    page = visitor.get(f"{base}/references?mrp=0")
    said = [words(each) for each in page.at("pick").iter("summary")]
    assert said[:2] == ["HST WFPC2 1 file of 1 type", "flat Flat Field · 1 file"]
    assert {"JWST NIRCam 3 files of 2 types", "dark Dark reference · 2 files"} <= set(said)
    assert boxes(page, "instrument") == ["HST/wfpc2", "JWST/nircam"]
    assert boxes(page, "type") == ["HST/wfpc2/flatfile", "JWST/nircam/dark"]


def test_what_is_found_is_said_with_its_list(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL, OTHER_CAL)
    notes = [words(each) for each in visitor.get(f"{base}/references?mrp=0").all("div", class_="note")]
    assert notes[0].startswith("3 references are missing from the archive.")
    assert f"{GAIN} No file of this name is in the archive. Named by 1 file." in notes[0]
    assert any("Two CRDS contexts: 1180 (1 file), 1263 (1 file)." in note for note in notes)


def test_used_by_lists_the_files_with_keyword_and_context(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL, OTHER_CAL)
    page = visitor.get(f"{base}/references?mrp=0")
    (link,) = [each for each in page.all("a") if words(each) == "used by 2 files"]
    url = f"{base}/references{link.get('href')}"
    pane = visitor.get(url).at("used")
    about = zip((words(each) for each in pane.iter("dt")), (words(each) for each in pane.iter("dd")), strict=True)
    assert dict(about) == {
        "Type": "dark Dark reference",
        "Keywords": "R_DARK, R_MASK",
        "CRDS context": f"{OLD}, {NEW}",
        "Size": "1.5 kB (1,500 bytes)",
        "File": "Its details",
    }
    assert [words(each) for each in pane.iter("li")] == [f"{CAL} R_DARK, R_MASK, {OLD}", f"{OTHER_CAL} R_DARK, {NEW}"]
    (file,) = [each for each in pane.iter("a") if words(each) == CAL]
    details = visitor.get(file.get("href", ""))
    assert calibrated_site.holdings[CAL].path in details.states
    assert words(next(details.at("details").iter("h3"))) == CAL
    assert visitor.get(url, target="used").flat in visitor.get(url).flat


def test_a_reference_that_nothing_selected_names_has_no_users(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    page = visitor.get(f"{base}/references?mrp=0&used={quote('<b>')}")
    assert "<b> No selected file names this reference." in words(page.at("used"))


def test_names_are_shown_and_never_part_of_the_page(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    page = visitor.get(f"{base}/references?mrp=0&used={quote(HOSTILE)}")
    assert page.all("img") == []
    assert rows(page)[HOSTILE].endswith("used by 1 file")
    assert words(next(page.at("used").iter("h3"))) == HOSTILE


def test_who_may_not_change_the_basket_may_look_and_copy(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    share = visitor.post(f"{base}/share", {"back": "mrp=0"}).location
    stranger, of_share = visitor.other(), f"/baskets/{share.rpartition('/')[2]}"
    pages = [stranger.get(f"{base}/references?mrp=0"), stranger.get(f"{of_share}/references?mrp=0")]
    visitor.post(f"{base}/lock")
    pages.append(visitor.get(f"{base}/references?mrp=0"))
    for page, theirs in zip(pages, (base, share, base), strict=True):
        assert DARK in rows(page)
        assert page.all("input", type="checkbox") == []
        assert page.all("form", action=f"{theirs}/copy")
    assert stranger.post(f"{base}/references", {"all": "1"}, status=403)
    assert visitor.post(f"{base}/references", {"all": "1"}, status=409)
    visitor.post(f"{base}/unlock", pages[2].forms("/unlock")[0])
    assert boxes(visitor.get(f"{base}/references?mrp=0"), "uri") == [uri(DARK), uri(DARK_2)]


def test_the_way_back_and_the_copy_keep_the_state(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    page = visitor.get(f"{base}/references?used={uri(DARK)}&mrp=0&mission=JWST&sort=size")
    assert page.all("a", href=f"{base}?mrp=0&mission=JWST&sort=size")
    assert page.forms("/references")[0]["back"] == "mrp=0&mission=JWST&sort=size"
    assert visitor.get(f"{base}/references").forms("/references")[0]["back"] == ""


@pytest.mark.parametrize(
    ("files", "sentence"),
    [((), "No file is selected"), ((UNCAL,), "The selected file names no reference")],
)
def test_where_there_is_none_the_page_says_what_to_do(
    calibrated_site: Site, files: tuple[str, ...], sentence: str
) -> None:
    visitor, base = ticked(calibrated_site, *files) if files else ((v := calibrated_site.visitor()), v.basket(IMAGE))
    page = visitor.get(f"{base}/references?mrp=0")
    assert sentence in page.words
    assert page.all("button", id="add") == []
    assert len(page.all("a", href=f"{base}?mrp=0")) == 2


@pytest.mark.parametrize("query", ["used=a&used=b", "of=a&of=b", "level=9", "nothing=1"])
def test_an_address_that_says_something_else_is_a_sentence(calibrated_site: Site, query: str) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    assert visitor.get(f"{base}/references?{query}", status=400).title


def test_types_beyond_what_a_page_lists_come_when_they_are_opened(lite: Site) -> None:
    names(lite.holdings, CAL, *(f"jwst_nircam_dark_{number:04}.fits" for number in range(401)))
    reference(lite.holdings, FLAT)
    names(lite.holdings, CAL, FLAT, keyword="R_FLAT")
    visitor, base = ticked(lite, CAL)
    page = visitor.get(f"{base}/references?mrp=0")
    assert set(rows(page)) == {FLAT}
    (closed,) = [each for each in page.all("details") if each.get("hx-get")]
    place = closed.get("hx-target", "").removeprefix("#")
    fragment = visitor.get(closed.get("hx-get", ""), target=place)
    assert (len(rows(fragment)), fragment.has(place)) == (401, True)
    (link,) = [each for each in page.all("a") if words(each) == "Show 401 files"]
    without_scripts = visitor.get(link.get("href", ""))
    assert len(rows(without_scripts)) == 402
    assert fragment.flat in without_scripts.flat
    gone = closed.get("hx-get", "").replace("dark", "moon")
    assert "No selected file names a reference of this type now." in visitor.get(gone, target=place, status=404).words


def test_a_reference_shows_how_it_is_named_and_not_how_its_namesakes_are(lite: Site) -> None:
    for mission, keyword in (("JWST", "R_DARK"), ("HLSP", "R_MASK")):
        same = reference(lite.holdings, DARK, mission=mission)
        names(lite.holdings, CAL, DARK, keyword=keyword, uri=same.uri)
    visitor, base = ticked(lite, CAL)
    shown = [visitor.get(f"{base}/references?used=mast:{each}/product/{DARK}").at("used") for each in ("JWST", "HLSP")]
    assert [words(each) for pane in shown for each in pane.iter("li")] == [f"{CAL} R_DARK", f"{CAL} R_MASK"]
