"""What another site can make a browser do here: nothing that changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import WFPC2

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

C0F = f"HST/{WFPC2}/{WFPC2}_c0f.fits"

FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:1234"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
]
OWN = [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_write_from_another_site_is_refused_and_changes_nothing(shared: Site, headers: dict[str, str]) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.post(f"{base}/selection", {"path": C0F, "on": "1", "back": "mrp=0"}, headers=headers, status=403)
    assert page.title.startswith("This request came from another site, so nothing was changed.")
    assert "None selected" in visitor.get(base).words


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_a_write_from_this_site_or_from_no_browser_is_done(shared: Site, headers: dict[str, str]) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/selection", {"path": C0F, "on": "1", "back": "mrp=0"}, headers=headers)
    assert "1 selected" in visitor.get(base).words


def test_every_address_that_takes_a_write_refuses_other_sites(shared: Site) -> None:
    client = shared.visitor().client
    writing = [rule for rule in shared.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(writing) >= 8
    for rule in writing:
        url = rule.rule.replace("<basket_id>", "x")
        assert client.post(url, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403, url


@pytest.mark.parametrize("headers", FOREIGN[:4], ids=str)
def test_a_link_from_another_site_opens(shared: Site, headers: dict[str, str]) -> None:
    shared.visitor().get(shared.visitor().basket(WFPC2), headers=headers)


def test_the_session_s_cookie_is_out_of_reach_of_scripts_and_of_other_sites(shared: Site) -> None:
    answer = shared.visitor().client.post("/basket/add", data={"obs": WFPC2})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("skybasket=")
    assert {"HttpOnly", "SameSite=Lax", "Secure"} <= {part.strip() for part in cookie.split(";")}


@pytest.mark.parametrize("url", ["/", "/basket", "/history", "/nothing", "/healthz", "/static/app.css"])
def test_every_answer_says_what_it_may_do(shared: Site, url: str) -> None:
    with shared.visitor().client.get(url) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert not [part for part in policy if "unsafe" in part or "*" in part]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_nothing_from_the_catalogue_or_the_address_is_markup(shared: Site) -> None:
    visitor = shared.visitor()
    odd = "<img src=x>\"'"
    page = visitor.get(f"{visitor.basket(WFPC2)}?mrp=0&name={odd}&group={odd}&open={odd}&file=mast:{odd}")
    assert [image.get("src") for image in page.all("img")] == []
    assert page.words.count("<img src=x>") >= 3


@pytest.mark.parametrize(
    "back", ["//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "https://evil.example", ""]
)
def test_no_form_leads_to_another_site(shared: Site, back: str) -> None:
    assert shared.visitor().post("/speed", {"speed": "100", "back": back}).location == "/history"
