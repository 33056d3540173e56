from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, SECRET, WFPC2
from tests.fixtures.visitor import words

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("colour=blue", "There is no filter called 'colour'."),
        ("category=<script>", "Data product category cannot be '<script>'."),
        ("level=9", "Calibration level cannot be '9'."),
        ("sort=date", "sort can be name, size, level, not 'date'."),
        ("page=0", "page must be a whole number from 1 on, not '0'."),
        ("name=[", "The file name pattern opens a bracket [ that it does not close with ]."),
        ("mrp=%FF", "mrp can be 0 or 1, not '\N{REPLACEMENT CHARACTER}'."),
        ("&".join(["open=x"] * 2001), "The address holds more than 2,000 values."),
    ],
)
def test_an_address_with_an_unknown_filter_or_value_is_a_page_with_a_sentence(
    shared: Site, query: str, sentence: str
) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}?{query}", status=400)
    assert words(page.all("h1")[0]) == sentence


def test_bytes_that_are_no_text_are_a_sentence(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    answer = visitor.client.get(base, query_string="name=\xff", environ_overrides={"QUERY_STRING": "level=\xff\xfe"})
    assert answer.status_code == 400


def test_a_bad_value_in_a_swap_is_a_sentence_for_the_alerts(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(IMAGE)}?level=9", target="workspace", status=400)
    assert not page.is_full
    assert page.messages[0].startswith("Calibration level cannot be '9'.")


def test_a_form_from_an_impossible_page_changes_nothing(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    visitor.post(f"{base}/selection", {"set": "matching", "back": "level=9"}, status=400)
    assert "None selected" in visitor.get(base).words


def test_an_address_without_mrp_shows_recommended_files_only(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(visitor.basket(IMAGE, WFPC2))
    assert [row.middle for row in page.rows if row.depth == 1] == ["0 / 1", "0 / 1"]


def test_the_session_remembers_that_it_wants_all_files_where_it_makes_the_link(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    visitor.get(f"{base}?mrp=0")
    assert visitor.get("/basket", status=302).location == f"{base}?mrp=0"


def test_the_session_remembers_that_it_wants_recommended_files_again(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    for query in ("mrp=0", "mrp=1"):
        visitor.get(f"{base}?{query}")
    assert visitor.get("/basket", status=302).location == base


def test_what_the_session_remembers_does_not_change_what_an_address_means(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    before = visitor.get(base).flat
    visitor.get(f"{base}?mrp=0")
    assert visitor.get(base).flat == before


def test_an_address_without_mrp_does_not_change_what_the_session_remembers(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    visitor.get(f"{base}?mrp=0")
    visitor.get(base)
    assert visitor.get("/basket", status=302).location == f"{base}?mrp=0"


def test_another_session_has_a_memory_of_its_own(shared: Site) -> None:
    visitor, other = shared.visitor(), shared.visitor()
    visitor.get(f"{visitor.basket(IMAGE)}?mrp=0")
    base = other.basket(IMAGE)
    assert other.get("/basket", status=302).location == base


def test_a_session_without_a_basket_is_told_how_to_begin(shared: Site) -> None:
    page = shared.visitor().get("/basket")
    assert page.title.startswith("Your basket is empty")
    assert page.all("a", href="/", class_="btn primary")


def test_an_empty_basket_is_told_how_to_begin(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    visitor.post(f"{base}/remove", {"what": "all"})
    assert "This basket is empty" in visitor.get(base).words


def test_where_nothing_recommended_is_left_the_page_says_how_many_others_there_are(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(SECRET)
    visitor.tick(base, f"JWST/{SECRET}/{SECRET}_s3d.fits")
    visitor.post(f"{base}/remove", {"what": "selected"})
    assert "0 of 1 are recommended.Show all 1" in visitor.get(base).words


def test_where_filters_leave_nothing_the_page_offers_to_show_all(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(f"{base}?mrp=0&name=nothing*")
    assert "No file matches these filters" in page.words
    assert page.all("a", href=f"{base}?mrp=0", class_="btn primary")


def test_every_active_filter_has_a_chip_that_takes_it_away(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(f"{base}?category=SCIENCE&level=2&level=3&name=*&selected=1")
    chips = {words(chip): (chip.get("href") or "").removeprefix(base) for chip in page.all("a", class_="chip")}
    assert chips == {
        "Recommended only": "?mrp=0&category=SCIENCE&level=2&level=3&name=*&selected=1",
        "Category: Science": "?level=2&level=3&name=*&selected=1",
        "Calibration level: 2 calibrated, 3 combined": "?category=SCIENCE&name=*&selected=1",
        "Name: *": "?category=SCIENCE&level=2&level=3&selected=1",
        "Selected only": "?category=SCIENCE&level=2&level=3&name=*",
    }


def test_clear_all_leaves_no_filter(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(f"{base}?category=SCIENCE&name=*&sort=size")
    clear = next(a for a in page.all("a") if words(a) == "Clear all")
    assert clear.get("href") == f"{base}?mrp=0&sort=size"


def test_the_filter_form_sends_its_state_as_an_address(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    query = f"mrp=0&category=SCIENCE&name=*.fits&selected=1&open=JWST/{IMAGE}&sort=size"
    page = visitor.get(f"{base}?{query}")
    form = page.at("filters")
    sent = [
        (field.get("name"), field.get("value"))
        for field in form.iter("input")
        if field.get("type") != "checkbox" or field.get("checked") is not None
    ]
    answer = visitor.client.get(base, query_string=sent, headers={"HX-Request": "true", "HX-Target": "workspace"})
    assert answer.headers["HX-Push-Url"] == f"{base}?{query}"
