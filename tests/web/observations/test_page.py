"""The Observations page, as a whole page and as the fragment of a swap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.fixtures.catalogue import Catalogue

FAR_FUTURE = 4_102_444_800  # 2100-01-01
SWAP = {"HX-Request": "true", "HX-Target": "observations"}


@pytest.fixture
def small(catalogue: Catalogue, client: FlaskClient) -> FlaskClient:
    """A client of an archive with three observations."""
    catalogue.observation("jw1", target="M16", instrument="NIRCAM", t_min=59700.0, sizes=[1_500_000, None])
    catalogue.observation("jw2", target="M87", instrument="MIRI")
    catalogue.observation("hst1", mission="HST")
    return client


def names(html: str) -> list[str]:
    """The observations in the order of the rows."""
    return re.findall(r'<label for="o\d+">([^<]*)</label>', html)


def test_the_page_lists_the_catalogue_by_mission_and_name(small: FlaskClient) -> None:
    html = small.get("/").text

    assert "<h1>3 observations</h1>" in html
    assert names(html) == ["hst1", "jw1", "jw2"]


def test_a_row_says_what_it_brings(small: FlaskClient) -> None:
    html = small.get("/?target=M16").text

    assert re.findall(r'<td class="num">([^<]*)', html) == ["2", "1.5 MB"]
    assert "1 file of unknown size" in html
    assert '<td class="opt date">2022-05-01</td>' in html


def test_a_facet_shows_matching_of_all_once_something_is_filtered(small: FlaskClient) -> None:
    assert "<em><b>0</b> of 1</em>" in small.get("/?target=M16").text
    assert "</b> of" not in small.get("/").text


def test_each_filter_has_a_chip_that_takes_it_away(small: FlaskClient) -> None:
    html = small.get("/?target=M16&target=unknown&q=jw&ra=1&dec=2").text

    chips = re.findall(r'<a class="chip" href="([^"]*)"[^>]*>([^<]*)', html)

    assert [(href.replace("&amp;", "&"), text) for href, text in chips] == [
        ("/?target=unknown&q=jw&ra=1&dec=2", "Target: M16"),
        ("/?target=M16&q=jw&ra=1&dec=2", "Target: not known"),
        ("/?target=M16&target=unknown&ra=1&dec=2", "Text: jw"),
        ("/?target=M16&target=unknown&q=jw", "Within 3m of 1 2"),
    ]


def test_the_sorted_column_says_so_and_turns(small: FlaskClient) -> None:
    assert 'aria-sort="descending"><a href="/?sort=t_min" id="sort-t_min">Start' in small.get("/?sort=-t_min").text


def test_fifty_rows_make_a_page(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.many([{"mission": "HST", "obs_id": f"o{i:03d}"} for i in range(120)])

    html = client.get("/?page=3").text

    assert names(html) == [f"o{i:03d}" for i in range(100, 120)]
    assert "Page 3 of 3" in html
    assert 'href="/?page=2"' in html


def test_a_page_behind_the_last_one_leads_to_the_last(small: FlaskClient) -> None:
    html = small.get("/?page=9&mission=JWST").text

    assert "The last page is 1" in html
    assert '<a class="btn primary" href="/?mission=JWST">' in html


def test_exclusive_observations_say_so_in_words_and_with_their_date(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.observation("later", released_at=FAR_FUTURE)
    catalogue.observation("never", released_at=None)
    catalogue.observation("open", released_at=0)
    catalogue.observation("unsaid", rights_id=None)

    html = client.get("/").text

    assert len(re.findall(r'<td class="opt"><span class="tag lock"', html)) == 2
    assert html.count('title="Public from 2100-01-01"') == 1
    assert html.count('<td class="opt">public</td>') == 1


def test_a_stub_is_shown_by_its_number(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.observation("71234567", obsid=71234567, stub=True)

    html = client.get("/").text

    assert names(html) == ["Number 71234567"]
    assert "unnamed" in html


def test_an_empty_archive_says_how_to_fill_it(client: FlaskClient) -> None:
    html = client.get("/").text

    assert "The archive is empty" in html
    assert "skybasket ingest" in html


def test_nothing_found_has_a_way_out(small: FlaskClient) -> None:
    html = small.get("/?q=zzz").text

    assert "No observation matches" in html
    assert "Show all 3" in html


def test_text_from_outside_is_shown_escaped(client: FlaskClient, catalogue: Catalogue) -> None:
    catalogue.observation("<b>x</b>", target='"><script>')

    html = client.get("/", query_string={"q": '"><script>'}).text

    assert names(html) == ["&lt;b&gt;x&lt;/b&gt;"]
    assert '"><script>' not in html


def test_the_fragment_is_part_of_the_page(small: FlaskClient) -> None:
    fragment = small.get("/?mission=JWST", headers=SWAP).text

    assert fragment.startswith('<div id="observations"')
    assert fragment.strip() in small.get("/?mission=JWST").text


def test_page_and_fragment_are_told_apart_by_caches(small: FlaskClient) -> None:
    assert {"HX-Request", "HX-Target", "HX-History-Restore-Request"} <= set(small.get("/").vary)


def test_a_swap_shows_the_canonical_address(small: FlaskClient) -> None:
    here = {"HX-Current-URL": "http://localhost/"}

    response = small.get("/?q=&ra=&dec=&radius=&mission=JWST", headers=SWAP | here)

    assert response.headers["HX-Push-Url"] == "/?mission=JWST"


def test_a_swap_that_stays_where_it_is_makes_no_history(small: FlaskClient) -> None:
    here = {"HX-Current-URL": "http://localhost/?mission=JWST"}

    assert "HX-Push-Url" not in small.get("/?mission=JWST", headers=SWAP | here).headers


def test_going_back_gets_the_whole_page(small: FlaskClient) -> None:
    response = small.get("/?mission=JWST", headers=SWAP | {"HX-History-Restore-Request": "true"})

    assert response.text.startswith("<!doctype html>")


def test_a_bad_value_keeps_what_was_typed_and_chosen(small: FlaskClient) -> None:
    response = small.get("/?ra=abc&dec=2&q=m16&mission=JWST")

    assert response.status_code == 400
    assert "The right ascension &#39;abc&#39; is neither degrees" in response.text
    assert 'value="abc"' in response.text
    assert 'value="m16"' in response.text
    assert '<input type="hidden" form="search" name="mission" value="JWST">' in response.text
    assert response.text.count('aria-invalid="true"') == 1


def test_a_bad_value_in_a_swap_is_an_alert(small: FlaskClient) -> None:
    response = small.get("/?ra=abc&dec=2", headers=SWAP)

    assert response.status_code == 400
    assert response.text.startswith('<div class="message bad" role="alert">')


def test_looking_makes_no_session(small: FlaskClient) -> None:
    assert "Set-Cookie" not in small.get("/?mission=JWST").headers
