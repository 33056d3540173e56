"""A share: frozen files, selection and filters behind a link, for anybody who has it, until it is revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from tests.fixtures.holdings import IMAGE, NOW, RELEASE, SECRET, WFPC2
from tests.fixtures.visitor import words
from webapp.db import writing
from webapp.models import ProductRevision

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

C0F, TRL, D0F = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl", "d0f"))
OPEN = f"mrp=0&open=HST/{WFPC2}"


@pytest.fixture(autouse=True)
def _now(at: Callable[[int], None]) -> None:
    at(NOW)


def share(visitor: Visitor, *ticked: str, back: str = "mrp=0", **words_: str) -> str:
    """Share a basket with one observation; the share's path."""
    base = visitor.basket(WFPC2)
    visitor.tick(base, *ticked)
    return visitor.post(f"{base}/share", {"back": back, **words_}).location


def paths(page: Page) -> list[str]:
    return [row.path for row in page.rows if row.depth == 3]


def test_whoever_has_the_link_sees_files_selection_title_and_note(site: Site) -> None:
    url = share(site.visitor(), C0F, TRL, title=" Saturn,\r\nas <b>seen</b> ", note="First line\r\nsecond line")
    page = site.visitor().get(f"{url}?{OPEN}")
    assert {path for path, state in page.states.items() if state == "true"} == {C0F, TRL}
    for said in (
        "Saturn, as <b>seen</b>",
        "2 files",
        "chosen from 5",
        "shared on 2027-01-15",
        "First line second line",
    ):
        assert said in page.words
    assert page.title.startswith("Saturn, as <b>seen</b>: 2 selected of 5 files")


def test_the_bare_link_opens_the_filters_that_were_shared(shared: Site) -> None:
    url = share(shared.visitor(), back="mrp=0&group=C0F&group=TRL")
    assert shared.visitor().get(url, status=302).location == f"{url}?mrp=0&group=C0F&group=TRL"


def test_the_default_filters_that_were_shared_are_said_in_full(shared: Site) -> None:
    url = share(shared.visitor(), back="")
    assert shared.visitor().get(url, status=302).location == f"{url}?mrp=1"


def test_every_address_of_a_share_says_whether_only_recommended_are_shown(shared: Site) -> None:
    url = share(shared.visitor(), back="")
    page = shared.visitor().get(f"{url}?mrp=1&open=HST/{WFPC2}&category=SCIENCE")
    links = [link.get("href") or "" for link in page.at("workspace").iter("a")]
    ours = [link for link in links if link.startswith(("?", "/s/"))]
    assert len(ours) > 5
    assert [link for link in ours if "mrp=" not in link] == []


def test_what_the_session_prefers_is_neither_read_nor_remembered(shared: Site) -> None:
    visitor = shared.visitor()
    url = share(visitor, back="")
    visitor.get(f"{url}?mrp=0")
    assert "mrp" not in visitor.get("/basket", status=302).location
    visitor.get(visitor.basket(WFPC2) + "?mrp=0")
    assert visitor.get(url, status=302).location == f"{url}?mrp=1"


def test_what_changes_later_is_not_shared(lite: Site) -> None:
    visitor = lite.visitor()
    url = share(visitor, C0F)
    base = visitor.get("/basket", status=302).location.partition("?")[0]
    visitor.tick(base, D0F)
    visitor.post(f"{base}/remove", {"what": "all"})
    visitor.post("/basket/add", {"obs": IMAGE})
    page = lite.visitor().get(f"{url}?{OPEN}")
    assert (len(paths(page)), page.states[C0F], page.states[D0F]) == (5, "true", "false")


def test_removed_files_are_not_shared(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    visitor.post(f"{base}/remove", {"what": "selected"})
    url = visitor.post(f"{base}/share", {"back": "mrp=0"}).location
    assert C0F not in paths(lite.visitor().get(f"{url}?{OPEN}"))


def test_nobody_can_tick_or_remove_in_a_share_not_even_its_owner(lite: Site) -> None:
    visitor = lite.visitor()
    url = share(visitor, C0F)
    share_id = url.rpartition("/")[2]
    for who in (visitor, lite.visitor()):
        page = who.get(f"{url}?{OPEN}")
        assert all(box.get("disabled") is not None for box in page.all("button", name="tick"))
        who.post(f"/baskets/{share_id}/selection", {"set": "none"}, status=403)
        who.post(f"/baskets/{share_id}/remove", {"what": "all"}, status=403)


def test_the_selection_can_be_downloaded_by_the_normal_form(shared: Site) -> None:
    url = share(shared.visitor(), C0F)
    stranger = shared.visitor()
    assert stranger.get(f"{url}?{OPEN}").forms(f"{url}/deliveries")
    sent = stranger.post(f"{url}/deliveries", {"back": OPEN}, status=307)
    assert sent.location == f"/baskets/{url.rpartition('/')[2]}/deliveries"


def test_a_download_of_a_share_is_the_visitor_s_own_and_outlives_it(lite: Site) -> None:
    visitor, stranger = lite.visitor(), lite.visitor()
    url = share(visitor, C0F)
    sent = stranger.post(f"{url}/deliveries", {"back": OPEN}, status=307).location
    delivery = stranger.post(sent, {"as": "script/sh", "back": OPEN}).location
    visitor.post(f"{url}/revoke")
    history = stranger.get("/history")
    assert history.all("a", href=delivery)
    (files,) = [href for link in history.all("a") if (href := link.get("href") or "").startswith("/baskets/")]
    assert paths(stranger.get(f"{files}&open=HST/{WFPC2}")) == [C0F]


def test_a_copy_is_the_visitor_s_own_with_the_same_files_and_ticks(site: Site) -> None:
    url, stranger = share(site.visitor(), C0F), site.visitor()
    sent = stranger.post(f"{url}/copy", {"back": OPEN}, status=307)
    copied = stranger.post(sent.location, {"back": OPEN}).location
    page = stranger.get(copied)
    assert (len(paths(page)), page.states[C0F], page.states[TRL]) == (5, "true", "false")
    stranger.tick(copied.partition("?")[0], TRL)
    assert site.visitor().get(f"{url}?{OPEN}").states[TRL] == "false"


def test_the_frozen_basket_s_own_address_leads_to_the_share(shared: Site) -> None:
    url = share(shared.visitor(), C0F)
    frozen = f"/baskets/{url.rpartition('/')[2]}"
    assert shared.visitor().get(frozen, status=302).location == url
    assert shared.visitor().get(f"{frozen}?mrp=0", status=302).location == f"{url}?mrp=0"


@pytest.mark.parametrize("rest", ["", "?mrp=0", "/expand", "/headers?uri=mast:a/b"])
def test_a_revoked_share_is_gone_for_all(lite: Site, rest: str) -> None:
    visitor = lite.visitor()
    url = share(visitor, C0F)
    visitor.post(f"{url}/revoke")
    for who in (visitor, lite.visitor()):
        for base in (url, f"/baskets/{url.rpartition('/')[2]}"):
            page = who.get(base + rest, status=410)
            assert page.title.startswith("This share was revoked by the person who made it.")


@pytest.mark.parametrize("action", ["copy", "put", "deliveries", "share"])
def test_the_frozen_basket_is_no_way_around_a_revocation(lite: Site, action: str) -> None:
    visitor = lite.visitor()
    url = share(visitor, C0F)
    visitor.post(f"{url}/revoke")
    lite.visitor().post(f"/baskets/{url.rpartition('/')[2]}/{action}", {"as": "script/sh"}, status=410)


def test_undo_opens_a_revoked_share_again(site: Site) -> None:
    visitor = site.visitor()
    url = share(visitor, C0F)
    page = visitor.follow(visitor.post(f"{url}/revoke"))
    assert page.messages[-1] == "Revoked: the link shows nothing any more."
    (form,) = [form for form in page.all("form") if "Undo" in words(form)]
    visitor.post(form.get("action") or "", {})
    assert C0F in paths(site.visitor().get(f"{url}?{OPEN}"))


@pytest.mark.parametrize("action", ["revoke", "restore"])
def test_only_the_one_who_made_it_can_revoke_it(shared: Site, action: str) -> None:
    url, stranger = share(shared.visitor()), shared.visitor()
    assert not stranger.get(f"{url}?{OPEN}").forms("/revoke")
    stranger.post(f"{url}/{action}", status=403)
    shared.visitor().get(f"{url}?{OPEN}")


def test_whoever_can_see_a_basket_can_share_it_and_owns_that_share(shared: Site) -> None:
    visitor, stranger = shared.visitor(), shared.visitor()
    url = stranger.post(f"{visitor.basket(WFPC2)}/share", {"back": ""}).location
    assert [link.get("href") for link in stranger.get("/shares").all("a", href=url)] == [url]
    assert "You have shared nothing yet" in visitor.get("/shares").words


def test_the_list_of_shares_says_what_each_shows(shared: Site) -> None:
    visitor = shared.visitor()
    first = share(visitor, C0F, TRL, title="Saturn")
    second = visitor.post(f"{visitor.basket(WFPC2)}/share", {"back": ""}).location
    visitor.post(f"{second}/revoke")
    page = visitor.get("/shares")
    (row,) = [row for row in page.all("tr") if "Saturn" in words(row)]
    assert [words(cell) for cell in row.iter("td")] == ["2", "5", "2027-01-15", "Revoke"]
    assert "revoked 2027-01-15" in page.words
    assert (bool(page.all("a", href=first)), bool(page.all("a", href=second))) == (True, False)


def test_the_form_says_what_will_be_shared(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    assert "none selected: they choose in a copy" in visitor.get(f"{base}/share").words
    visitor.tick(base, C0F)
    page = visitor.get(f"{base}/share?mrp=0&group=C0F")
    assert words(page.all("h1")[0]).startswith("Share 1 file (")
    assert page.forms("/share")[0]["back"] == "mrp=0&group=C0F"


@pytest.mark.parametrize(("field", "most"), [("title", 200), ("note", 2_000)])
def test_words_that_are_too_long_are_a_sentence_and_nothing_is_shared(shared: Site, field: str, most: int) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.post(f"{base}/share", {field: "x" * (most + 1)}, status=422)
    assert page.title.startswith(f"The {field} has {most + 1:,} characters; {most:,} are possible.")
    assert "You have shared nothing yet" in visitor.get("/shares").words
    visitor.post(f"{base}/share", {field: "x" * most})


def test_an_empty_basket_cannot_be_shared(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(WFPC2)
    visitor.post(f"{base}/remove", {"what": "all"})
    visitor.post(f"{base}/share", {}, status=422)
    assert "there is nothing to share" in visitor.get(f"{base}/share").words


def test_files_that_the_visitor_may_not_have_yet_are_counted_and_listed(lite: Site, at: Callable[[int], None]) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2, SECRET)
    secret = lite.holdings[f"{SECRET}_s3d.fits"].path
    visitor.tick(base, C0F, secret)
    url = visitor.post(f"{base}/share", {"back": "mrp=0"}).location
    page = lite.visitor().get(f"{url}?mrp=0")
    (link,) = [link for link in page.all("a") if words(link) == "1 exclusive, not yours to download"]
    listed = lite.visitor().get(f"{link.get('href')}&open=JWST/{SECRET}")
    assert paths(listed) == [secret]
    at(RELEASE)
    assert "not yours to download" not in lite.visitor().get(f"{url}?mrp=0").words


def test_files_that_moved_on_are_said_and_marked(site: Site) -> None:
    url = share(site.visitor(), C0F, TRL)
    with writing(site.services.engine) as session:
        product = site.holdings[f"{WFPC2}_c0f.fits"].id
        session.execute(insert(ProductRevision).values(product_id=product, revision=1, size=1, replaced_at=NOW + 9))
    site.holdings.withdraw(f"{WFPC2}_trl.fits")
    page = site.visitor().get(f"{url}?{OPEN}")
    assert "1 replaced, 1 withdrawn since" in page.words
    assert TRL in paths(page)


def test_the_citation_names_archive_mission_date_and_link(shared: Site) -> None:
    url = share(shared.visitor(), C0F)
    cited = words(next(each for each in shared.visitor().get(f"{url}?{OPEN}").all("pre")))
    for part in ("Archive: ", "Missions: HST", "2027-01-15", f"https://skybasket.example{url}"):
        assert part in cited


def test_a_share_that_does_not_exist_is_a_sentence(site: Site) -> None:
    for rest in ("", "?mrp=0", "/expand", "/copy", "/deliveries"):
        site.visitor().get(f"/s/AAAAAAAAAAAAAAAAAAAAAA{rest}", status=404)


def test_the_id_of_a_share_cannot_be_guessed(shared: Site) -> None:
    ids = {share(shared.visitor()).rpartition("/")[2] for _ in range(3)}
    assert (len(ids), {len(each) for each in ids}) == (3, {22})  # 128 bits in base 64


@pytest.mark.parametrize("target", ["workspace", "details", "more"])
def test_a_fragment_of_a_share_is_part_of_its_page(shared: Site, target: str) -> None:
    url = share(shared.visitor(), C0F)
    query = f"{OPEN}&file=mast:HST/product/{WFPC2}_c0f.fits" if target == "details" else OPEN
    visitor = shared.visitor()
    fragment, page = visitor.get(f"{url}?{query}", target=target), visitor.get(f"{url}?{query}")
    assert not fragment.is_full
    assert fragment.flat in page.flat


def test_headers_are_shown_within_the_share(shared: Site) -> None:
    url = share(shared.visitor(), C0F)
    uri = f"mast:HST/product/{WFPC2}_c0f.fits"
    visitor = shared.visitor()
    assert visitor.get(f"{url}?{OPEN}&file={uri}").all("a", href=f"{url}/headers?uri={uri}")
    assert "SATURN" in visitor.get(f"{url}/headers?uri={uri}").words


def test_all_folders_can_be_opened_in_a_share(shared: Site) -> None:
    url = share(shared.visitor())
    assert shared.visitor().get(f"{url}/expand?mrp=0", status=302).location == f"{url}?{OPEN}"
