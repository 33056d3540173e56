"""Ticked references are added, all or none: by file, by type, by instrument; not when stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.references_page import (
    C0F,
    CAL,
    DARK,
    DARK_2,
    FLAT,
    HOSTILE,
    HST_FLAT,
    OTHER_CAL,
    boxes,
    headline,
    rows,
    ticked,
    uri,
)

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site


def add(visitor: Visitor, base: str, query: str = "mrp=0", **form: Any) -> Page:
    """Post a form, and see where it leads."""
    return visitor.follow(visitor.post(f"{base}/references", {"back": query, **form}))


def inside(visitor: Visitor, base: str) -> dict[str, str]:
    """The reference files in a basket, by name, with their boxes."""
    page = visitor.get(f"{base}?mrp=0&open=JWST/references&open=HST/references")
    return {path.rpartition("/")[2]: state for path, state in page.states.items() if "/references/" in path[:-1]}


def test_ticked_files_are_added_ticked_and_undo_takes_them_back(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
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
    ids=["type", "instrument", "instrument and file", "all", "all, type and file"],
)
def test_a_box_of_many_means_those_that_can_be_added(
    calibrated_site: Site, form: dict[str, Any], names: set[str]
) -> None:
    visitor, base = ticked(calibrated_site, CAL, OTHER_CAL, C0F)
    add(visitor, base, **form)
    assert inside(visitor, base) == dict.fromkeys(names, "true")


def test_filters_that_would_hide_what_was_added_are_let_go_and_others_stay(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    hiding = visitor.post(f"{base}/references", {"back": "mrp=1&group=CAL", "uri": uri(DARK)})
    assert hiding.location == f"{base}?mrp=0&open=JWST/references"
    staying = visitor.post(f"{base}/references", {"back": "mrp=0&mission=JWST", "uri": uri(DARK_2)})
    assert staying.location == f"{base}?mrp=0&mission=JWST&open=JWST/references"
    (form,) = visitor.follow(staying).forms("/undo")[-1:]
    assert form["back"] == f"{base}?mrp=0&mission=JWST"


def test_nothing_ticked_is_said_and_leads_back(calibrated_site: Site) -> None:
    visitor, base = ticked(calibrated_site, CAL)
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
def test_what_is_not_there_to_be_added_is_a_sentence(
    calibrated_site: Site, form: dict[str, Any], sentence: str
) -> None:
    visitor, base = ticked(calibrated_site, CAL)
    page = visitor.post(f"{base}/references", {"back": "mrp=0", **form}, status=422)
    assert headline(page).startswith(sentence)
    assert inside(visitor, base) == {}
