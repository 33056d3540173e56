from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, SECRET, WFPC2

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

I2D = f"mast:JWST/product/{IMAGE}_i2d.fits"

PAGES = [
    ("workspace", ""),
    ("workspace", "?mrp=0"),
    ("workspace", f"?mrp=0&open=JWST/{IMAGE}&sort=size"),
    ("workspace", f"?mrp=0&category=PREVIEW&name=*&file={I2D}"),
    ("workspace", "?mrp=0&selected=1"),
    ("workspace", "?group=NONE_SUCH"),
    ("details", f"?file={I2D}"),
    ("details", "?file=mast:JWST/product/unknown.fits"),
    ("details", ""),
    ("more", f"?mrp=0&open=JWST/{IMAGE}"),
    ("headers", f"/headers?uri={I2D}"),
    ("headers", f"/headers?uri={I2D}&q=naxis"),
]


@pytest.mark.parametrize(("target", "rest"), PAGES)
def test_a_fragment_is_part_of_the_full_page_at_its_address(shared: Site, target: str, rest: str) -> None:
    visitor = shared.visitor()
    url = visitor.basket(IMAGE, WFPC2, SECRET) + rest
    fragment, page = visitor.get(url, target=target), visitor.get(url)
    assert not fragment.is_full
    assert fragment.flat in page.flat


@pytest.mark.parametrize(("target", "rest"), PAGES)
def test_page_and_fragment_say_which_headers_tell_them_apart(shared: Site, target: str, rest: str) -> None:
    visitor = shared.visitor()
    url = visitor.basket(IMAGE, WFPC2, SECRET) + rest
    for answer in (visitor.get(url), visitor.get(url, target=target)):
        assert {"HX-Request", "HX-Target", "HX-History-Restore-Request"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.parametrize("target", ["workspace", "details", "more"])
def test_a_history_restore_gets_the_full_page(shared: Site, target: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(base, target=target, headers={"HX-History-Restore-Request": "true"})
    assert page.is_full
    assert "HX-Push-Url" not in page.headers


@pytest.mark.parametrize("target", ["filters", "alerts", "delivery", "no-such-thing"])
def test_a_target_that_the_page_does_not_know_gets_the_full_page(shared: Site, target: str) -> None:
    visitor = shared.visitor()
    assert visitor.get(visitor.basket(IMAGE), target=target).is_full


def test_a_request_of_htmx_without_a_target_gets_the_full_page(shared: Site) -> None:
    visitor = shared.visitor()
    assert visitor.get(visitor.basket(IMAGE), headers={"HX-Request": "true"}).is_full


def test_a_late_fragment_of_a_page_that_has_gone_is_a_sentence_for_the_alerts(shared: Site) -> None:
    page = shared.visitor().get("/baskets/gone", target="workspace", status=404)
    assert not page.is_full
    assert page.messages == ["There is no basket at this address. It may have been typed wrong, or have expired."]


def test_an_error_says_too_which_headers_tell_page_and_fragment_apart(shared: Site) -> None:
    page = shared.visitor().get("/baskets/gone", status=404)
    assert {"HX-Request", "HX-Target"} <= set(page.headers["Vary"].split(", "))


@pytest.mark.parametrize("target", ["workspace", "details"])
def test_the_address_to_show_is_canonical(shared: Site, target: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(f"{base}?sort=name&name=*&category=SCIENCE&category=INFO&mrp=1&page=1", target=target)
    assert page.headers["HX-Push-Url"] == f"{base}?category=INFO&category=SCIENCE&name=*"


def test_a_full_page_pushes_no_address(shared: Site) -> None:
    visitor = shared.visitor()
    assert "HX-Push-Url" not in visitor.get(visitor.basket(IMAGE)).headers


def test_more_rows_push_no_address(shared: Site) -> None:
    visitor = shared.visitor()
    assert "HX-Push-Url" not in visitor.get(visitor.basket(IMAGE), target="more").headers


def test_an_answer_to_a_post_pushes_no_address(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.post(f"{base}/selection", {"set": "matching", "back": "mrp=0"}, target="workspace")
    assert "HX-Push-Url" not in page.headers


def test_an_answer_to_a_post_is_all_panes_of_the_page_that_sent_it(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    query = f"mrp=0&mission=JWST&open=JWST/{IMAGE}"
    answer = visitor.post(f"{base}/selection", {"set": "matching", "back": query}, target="workspace")
    assert answer.flat in visitor.get(f"{base}?{query}").flat


def test_details_opened_from_a_page_keep_the_filters_that_the_page_shows_now(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE, EXPOSURE)
    page = visitor.get(
        f"{base}?file={I2D}", target="details", headers={"HX-Current-URL": f"http://localhost{base}?mrp=0&sort=size"}
    )
    assert page.headers["HX-Push-Url"] == f"{base}?mrp=0&file={I2D}&sort=size"


def test_a_current_address_that_is_none_is_a_sentence(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    visitor.get(f"{base}?file={I2D}", target="details", headers={"HX-Current-URL": "http://["}, status=200)


def test_the_pages_of_a_long_tree_are_the_rows_of_one_list(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE, CONTRIBUTED, WFPC2, EXPOSURE)
    opened = "&".join(f"open={mission}/{obs}" for mission, obs in (("JWST", IMAGE), ("HST", WFPC2), ("JWST", EXPOSURE)))
    whole = visitor.get(f"{base}?mrp=0&{opened}")
    assert not whole.has("more")
    assert [row.path for row in visitor.get(f"{base}?mrp=0&{opened}", target="more").rows] == [
        r.path for r in whole.rows
    ]
