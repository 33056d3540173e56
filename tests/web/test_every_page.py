"""Every template compiles, every route answers, every error is a page with a sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.visitor import words

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

# Values for the parts of addresses: one that is there and one that is not.
POSSIBLE = {
    "basket_id": ("AAAAAAAAAAAAAAAAAAAAAA",),
    "delivery_id": ("AAAAAAAAAAAAAAAAAAAAAA",),
    "share_id": ("AAAAAAAAAAAAAAAAAAAAAA",),
    "observation_id": ("0", "99999999999999"),
    "action": ("copy", "plan", "nothing"),
    "name": ("x.sh", "..", "%2e%2e%2fmanifest.jsonl"),
    "filename": ("app.css", "nothing.css", "../webapp/app.py"),
    "query": ("dXJpPXg", "A", "²"),
    "word": ("AAAAAAAAAAAAAAAAAAAAAA",),
    "_path": ("x/a.fits",),
    "token_id": ("0", "99999999999999"),
    "account_id": ("0", "99999999999999"),
    "form": ("sh", "zip", "tar.gz", "nothing"),
    "change": ("enable", "allow", "add", "new", "restore", "nothing"),
}
FORMS: tuple[dict[str, str], ...] = (
    {},
    {"back": "level=9"},
    {"set": "x", "step": "²", "remove": "²", "what": "all"},
    {"obs": "a\0b", "ids": "a\0b", "path": "a\0b", "method": "\0", "format": "\0"},
    {"request": '{"service":"Mast.Caom.Products","params":{"obsid":NaN}}', "colConfigId": "x", "uri": "\0"},
    {"id": "9" * 18, "match": "q=\0", "tick": "\0/"},
)


def addresses(site: Site, method: str, base: str) -> list[str]:
    """Every address of the application that takes this method."""
    found: list[str] = []
    for rule in site.app.url_map.iter_rules():
        if method not in (rule.methods or ()):
            continue
        urls = [rule.rule]
        for name in rule.arguments:
            values = (*POSSIBLE[name], base.rpartition("/")[2]) if name == "basket_id" else POSSIBLE[name]
            mark = re.compile(rf"<([a-z]+(\([^)]*\))?:)?{name}>")
            urls = [mark.sub(value, url) for url in urls for value in values]
        found += urls
    return found


def test_every_template_compiles(shared: Site) -> None:
    names = shared.app.jinja_env.list_templates()
    assert len(names) > 20
    for name in names:
        shared.app.jinja_env.get_template(name)


def test_every_address_answers_a_stranger_without_failing(site: Site) -> None:
    visitor = site.visitor()
    found = addresses(site, "GET", site.visitor().basket(IMAGE))
    assert len(found) >= 15
    for url in found:
        with visitor.client.get(url) as answer:
            assert answer.status_code < 500 or url == "/readyz", (url, answer.status)


def test_every_address_answers_an_owner_without_failing(shared: Site) -> None:
    visitor = shared.visitor()
    for url in addresses(shared, "GET", visitor.basket(IMAGE)):
        with visitor.client.get(url) as answer:
            assert answer.status_code < 500 or url == "/readyz", (url, answer.status)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_address_takes_any_form_without_failing(site: Site, form: dict[str, str]) -> None:
    visitor = site.visitor()
    for url in addresses(site, "POST", visitor.basket(IMAGE)):
        answer = visitor.client.post(url, data=form)
        assert answer.status_code < 500, (url, form, answer.status)


@pytest.mark.parametrize("url", ["/nothing", "/baskets/", "/x/y/z", "/static/nothing.css"])
def test_an_address_that_does_not_exist_is_a_page(shared: Site, url: str) -> None:
    page = shared.visitor().get(url, status=404)
    assert words(page.all("h1")[0]) == "There is nothing at this address."


def test_the_wrong_kind_of_request_is_a_page_that_says_what_is_allowed(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.get(f"{base}/selection", status=405)
    assert words(page.all("h1")[0]) == "This address does not take that kind of request."
    assert set(page.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_a_form_that_is_too_large_is_a_page(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    page = visitor.post(f"{base}/selection", {"back": "x" * 33_000_000}, status=413)
    assert words(page.all("h1")[0]) == "That is more than this page can take at once."


def test_an_error_page_tells_whom_to_ask(shared: Site) -> None:
    page = shared.visitor().get("/nothing", status=404)
    assert page.all("a", href="mailto:help@skybasket.example")


def test_no_browser_keeps_an_error(shared: Site) -> None:
    """Browsers keep a 410 for ever unless told not to, and a share that was revoked may be opened again."""
    for url in ("/nothing", "/s/AAAAAAAAAAAAAAAAAAAAAA", "/api/v1/nothing"):
        with shared.visitor().client.get(url) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


@pytest.fixture
def broken(lite: Site, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """A visitor with a basket, whose database is gone now."""
    visitor = lite.visitor()
    visitor.basket(IMAGE, WFPC2)
    lite.app.testing = False  # as in production: an exception becomes a page
    lite.services.engine.dispose()
    (lite.holdings.folder.parent / "skybasket.db").unlink()
    monkeypatch.setattr(lite.app.logger, "disabled", True)  # what it says of this is no news
    return visitor


@pytest.mark.parametrize("target", [None, "workspace"])
def test_a_failure_of_ours_is_a_sentence_and_no_trace(broken: Visitor, target: str | None) -> None:
    page = broken.get("/baskets/x", status=500, target=target)
    assert "Something went wrong here, and it is not your fault. Nothing you had was lost." in page.words.replace(
        "fault.Nothing", "fault. Nothing"
    )
    assert "Traceback" not in page.text
    assert "sqlite" not in page.text.lower()


@pytest.mark.parametrize("url", ["/", "/basket", "/baskets", "/history", "/shares", "/observations/list"])
def test_pages_without_a_basket_are_pages(shared: Site, url: str) -> None:
    assert shared.visitor().get(url).is_full


@pytest.mark.parametrize(
    ("url", "tab"), [("/", "Observations"), ("/basket", "Basket"), ("/history", "History"), ("/shares", "History")]
)
def test_the_tab_of_a_page_is_marked(shared: Site, url: str, tab: str) -> None:
    (marked,) = shared.visitor().get(url).all("a", aria_current="page")
    assert tab in words(marked)


def test_a_long_page_is_compressed_for_those_who_can_read_it(shared: Site) -> None:
    client = shared.visitor().client
    plain, packed = client.get("/"), client.get("/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in plain.headers


def test_a_page_is_not_kept_by_anybody_between(lite: Site) -> None:
    visitor = lite.visitor()
    assert visitor.get(visitor.basket(IMAGE)).headers["Cache-Control"] == "private, no-cache"
