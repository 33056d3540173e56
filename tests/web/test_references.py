"""The page of calibration references: what the selected files name, ticked and added, with and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.fixtures.holdings import EXPOSURE, IMAGE, OTHER_EXPOSURE, WFPC2
from tests.fixtures.references import names, reference
from tests.fixtures.visitor import words
from tests.fixtures.webapp import lasting_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

DARK, DARK_2 = "jwst_nircam_dark_0401.fits", "jwst_nircam_dark_0402.fits"
FLAT, GAIN = "jwst_nircam_flat_0700.fits", "jwst_nircam_gain_0097.fits"
HST_FLAT = "n9i1435lu_flt.fits"
HOSTILE = 'jwst_nircam_<img src=x onerror="x">&amp;_0001.fits'
OLD, NEW = "jwst_1180.pmap", "jwst_1263.pmap"
CAL, OTHER_CAL, C0F = f"{EXPOSURE}_cal.fits", f"{OTHER_EXPOSURE}_cal.fits", f"{WFPC2}_c0f.fits"
UNCAL = f"{EXPOSURE}_uncal.fits"


@pytest.fixture(scope="module")
def calibrated(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two darks, one of them shared and named twice; a flat without bytes, a gain that is but a name; Hubble's flat."""
    with lasting_site(sqlite_template, tmp_path_factory.mktemp("references")) as site:
        reference(site.holdings, DARK, content=b"x" * 1_500, fields={"description": "Dark of NRCA1"})
        reference(site.holdings, DARK_2, content=b"x" * 2_500)
        reference(site.holdings, FLAT, content=None, size=777)
        reference(site.holdings, HST_FLAT, "HST", content=b"x" * 900)
        names(site.holdings, CAL, DARK, DARK_2, HOSTILE, context=OLD)
        names(site.holdings, CAL, DARK, keyword="R_MASK", context=OLD)
        names(site.holdings, CAL, FLAT, keyword="R_FLAT", context=OLD)
        names(site.holdings, OTHER_CAL, DARK, context=NEW)
        names(site.holdings, OTHER_CAL, GAIN, keyword="R_GAIN", context=NEW)
        names(site.holdings, C0F, HST_FLAT, keyword="FLATFILE")
        yield site


def uri(name: str, mission: str = "JWST") -> str:
    return f"mast:{mission}/product/{name}"


def ticked(site: Site, *files: str) -> tuple[Visitor, str]:
    """A visitor who ticked these files, and the path of the basket."""
    visitor = site.visitor()
    base = visitor.basket(*sorted({site.holdings[name].observations[0] for name in files}))
    visitor.tick(base, *(site.holdings[name].path for name in files))
    return visitor, base


def boxes(page: Page, name: str) -> list[str]:
    return [each.get("value", "") for each in page.all("input", type="checkbox", name=name)]


def rows(page: Page) -> dict[str, str]:
    """What is said of each file, by its name."""
    found = {}
    for row in (row for each in page.all("ul", class_="files") for row in each.iter("li")):
        name = next(each for each in row.iter("span") if each.get("class") == "mono")
        found[words(name)] = words(row).removeprefix(words(name)).strip()
    return found


def headline(page: Page) -> str:
    return words(page.all("h1")[0])


def add(visitor: Visitor, base: str, query: str = "mrp=0", **form: Any) -> Page:
    """Post a form, and see where it leads."""
    return visitor.follow(visitor.post(f"{base}/references", {"back": query, **form}))


def inside(visitor: Visitor, base: str) -> dict[str, str]:
    """The reference files in a basket, by name, with their boxes."""
    page = visitor.get(f"{base}?mrp=0&open=JWST/references&open=HST/references")
    return {path.rpartition("/")[2]: state for path, state in page.states.items() if "/references/" in path[:-1]}


def control(page: Page) -> Element:
    """What stands where references are retrieved."""
    (found,) = page.all("span", class_="needs")
    return found


def test_with_recommended_only_the_control_says_what_to_do_and_does_it(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
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


def test_without_a_ticked_file_the_control_says_so(calibrated: Site) -> None:
    visitor = calibrated.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}?mrp=0")
    (button,) = control(page).iter("button")
    assert words(page.at(button.get("aria-describedby", ""))) == "Tick files first"


def test_only_who_may_change_the_basket_has_the_control(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
    share = visitor.post(f"{base}/share", {"back": "mrp=0"}).location + "?mrp=0"
    others = [visitor.other().get(f"{base}?mrp=0"), visitor.other().get(share)]
    visitor.post(f"{base}/lock")
    assert [page.all("span", class_="needs") for page in (*others, visitor.get(f"{base}?mrp=0"))] == [[], [], []]


def test_shared_missing_and_twice_named_references_each_stand_once(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL, OTHER_CAL, UNCAL)
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


def test_the_tree_has_an_instrument_then_types_then_files(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL, C0F)
    page = visitor.get(f"{base}/references?mrp=0")
    said = [words(each) for each in page.at("pick").iter("summary")]
    assert said[:2] == ["HST WFPC2 1 file of 1 type", "flat Flat Field · 1 file"]
    assert {"JWST NIRCam 3 files of 2 types", "dark Dark reference · 2 files"} <= set(said)
    assert boxes(page, "instrument") == ["HST/wfpc2", "JWST/nircam"]
    assert boxes(page, "type") == ["HST/wfpc2/flatfile", "JWST/nircam/dark"]


def test_what_is_found_is_said_with_its_list(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL, OTHER_CAL)
    notes = [words(each) for each in visitor.get(f"{base}/references?mrp=0").all("div", class_="note")]
    assert notes[0].startswith("3 references are missing from the archive.")
    assert f"{GAIN} No file of this name is in the archive. Named by 1 file." in notes[0]
    assert any("Two CRDS contexts: 1180 (1 file), 1263 (1 file)." in note for note in notes)


def test_used_by_lists_the_files_with_keyword_and_context(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL, OTHER_CAL)
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
    assert calibrated.holdings[CAL].path in details.states
    assert words(next(details.at("details").iter("h3"))) == CAL
    assert visitor.get(url, target="used").flat in visitor.get(url).flat


def test_a_reference_that_nothing_selected_names_has_no_users(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
    page = visitor.get(f"{base}/references?mrp=0&used={quote('<b>')}")
    assert "<b> No selected file names this reference." in words(page.at("used"))


def test_ticked_files_are_added_ticked_and_undo_takes_them_back(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
    page = add(visitor, base, uri=[uri(DARK)])
    assert page.messages == ["Added 1 reference file (1.5 kB), ticked."]
    assert page.states[f"JWST/references/{DARK}"] == "true"
    assert page.facets["category"]["CALIBRATION"][:2] == page.facets["type"]["reference"][:2] == (1, 1)
    again = visitor.get(f"{base}/references?mrp=0")
    assert rows(again)[DARK] == "in the basket 1.5 kB used by 1 file"
    assert boxes(again, "uri") == [uri(DARK_2)]
    (form,) = page.forms("/undo")
    assert visitor.follow(visitor.post(f"{base}/undo", form)).messages[0].startswith("Undone: added 1 reference file")
    assert inside(visitor, base) == {}


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ({"type": "JWST/nircam/dark"}, {DARK, DARK_2}),
        ({"instrument": "HST/wfpc2"}, {HST_FLAT}),
        ({"instrument": ["HST/wfpc2"], "uri": [uri(DARK)]}, {HST_FLAT, DARK}),
        ({"all": "1"}, {DARK, DARK_2, HST_FLAT}),
        ({"all": "1", "type": "JWST/nircam/dark", "uri": [uri(DARK)]}, {DARK, DARK_2, HST_FLAT}),
    ],
    ids=str,
)
def test_a_box_of_many_means_those_that_can_be_added(calibrated: Site, form: dict[str, Any], names: set[str]) -> None:
    visitor, base = ticked(calibrated, CAL, OTHER_CAL, C0F)
    add(visitor, base, **form)
    assert inside(visitor, base) == dict.fromkeys(names, "true")


def test_filters_that_would_hide_what_was_added_are_let_go_and_others_stay(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
    hiding = visitor.post(f"{base}/references", {"back": "mrp=1&group=CAL", "uri": uri(DARK)})
    assert hiding.location == f"{base}?mrp=0&open=JWST/references"
    staying = visitor.post(f"{base}/references", {"back": "mrp=0&mission=JWST", "uri": uri(DARK_2)})
    assert staying.location == f"{base}?mrp=0&mission=JWST&open=JWST/references"
    (form,) = visitor.follow(staying).forms("/undo")[-1:]
    assert form["back"] == f"{base}?mrp=0&mission=JWST"


def test_nothing_ticked_is_said_and_leads_back(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
    page = add(visitor, base)
    assert page.messages == ["No reference file was ticked, so nothing was added."]
    assert headline(page) == "4 references of 1 selected file"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"uri": [uri(DARK), uri(HST_FLAT, "HST")]}, f"{uri(HST_FLAT, 'HST')} is not among the references of what is"),
        ({"type": ["JWST/nircam/dark", "JWST/nircam/moon"]}, "JWST/nircam/moon is not among the references"),
        ({"instrument": "<b>"}, "<b> is not among the references"),
        ({"uri": [uri(DARK), uri(FLAT)]}, f"{FLAT} cannot be added: "),
        ({"uri": [uri(DARK), HOSTILE]}, f"{HOSTILE} cannot be added: "),
    ],
    ids=["of other files", "no such type", "no such instrument", "missing", "but a name"],
)
def test_what_is_not_there_to_be_added_is_a_sentence(calibrated: Site, form: dict[str, Any], sentence: str) -> None:
    visitor, base = ticked(calibrated, CAL)
    page = visitor.post(f"{base}/references", {"back": "mrp=0", **form}, status=422)
    assert headline(page).startswith(sentence)
    assert inside(visitor, base) == {}


def test_names_are_shown_and_never_part_of_the_page(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
    page = visitor.get(f"{base}/references?mrp=0&used={quote(HOSTILE)}")
    assert page.all("img") == []
    assert rows(page)[HOSTILE].endswith("used by 1 file")
    assert words(next(page.at("used").iter("h3"))) == HOSTILE


def test_who_may_not_change_the_basket_may_look_and_copy(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
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
    assert inside(visitor, base) == {}


def test_the_way_back_and_the_copy_keep_the_state(calibrated: Site) -> None:
    visitor, base = ticked(calibrated, CAL)
    page = visitor.get(f"{base}/references?used={uri(DARK)}&mrp=0&mission=JWST&sort=size")
    assert page.all("a", href=f"{base}?mrp=0&mission=JWST&sort=size")
    assert page.forms("/references")[0]["back"] == "mrp=0&mission=JWST&sort=size"
    assert visitor.get(f"{base}/references").forms("/references")[0]["back"] == ""


@pytest.mark.parametrize(
    ("files", "sentence"),
    [((), "No file is selected"), ((UNCAL,), "The selected file names no reference")],
)
def test_where_there_is_none_the_page_says_what_to_do(calibrated: Site, files: tuple[str, ...], sentence: str) -> None:
    visitor, base = ticked(calibrated, *files) if files else ((v := calibrated.visitor()), v.basket(IMAGE))
    page = visitor.get(f"{base}/references?mrp=0")
    assert sentence in page.words
    assert page.all("button", id="add") == []
    assert len(page.all("a", href=f"{base}?mrp=0")) == 2


@pytest.mark.parametrize("query", ["used=a&used=b", "of=a&of=b", "level=9", "nothing=1"])
def test_an_address_that_says_something_else_is_a_sentence(calibrated: Site, query: str) -> None:
    visitor, base = ticked(calibrated, CAL)
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
