"""The files of a delivery as they were: seen in the same panes, chosen from again, put into a basket, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import insert, update

from tests.fixtures.holdings import EXPOSURE, IMAGE, NOW, SECRET, WFPC2, file
from webapp import baskets, snapshots
from webapp.db import writing
from webapp.models import Delivery, ProductRevision

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

C0F, TRL, D0F = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl", "d0f"))
OPEN = f"mrp=0&open=HST/{WFPC2}"


@pytest.fixture(autouse=True)
def _now(at: Callable[[int], None]) -> None:
    at(NOW)


def frozen(site: Site, visitor: Visitor, *names: str) -> str:
    """What a delivery of these files (all of the basket without names) leaves behind; its path."""
    base = visitor.basket(WFPC2)
    opened = baskets.opened(site.services, base.rpartition("/")[2])
    inventory = opened.inventory
    rows = np.array([not names or inventory.name(row) in names for row in range(len(inventory))])
    files_id = snapshots.freeze(site.services, opened, rows, np.zeros_like(rows), opened.row.owner)
    with writing(site.services.engine) as session:
        session.add(
            Delivery(
                id="D" * 22, owner=opened.row.owner, files_id=files_id, method="script", format="sh", digest="x",
                name="skybasket_2027-01-15T080000", label="for the talk", files=int(rows.sum()), bytes=1,
                created_at=NOW, state="Ready",
            )
        )  # fmt: skip
    return f"/baskets/{files_id}"


def replace_file(site: Site, name: str) -> None:
    """A later table brings a new revision."""
    product = site.holdings[name].id
    with writing(site.services.engine) as session:
        session.execute(insert(ProductRevision).values(product_id=product, revision=1, size=1, replaced_at=NOW + 5))
    site.holdings.add(file(f"{name}.another", EXPOSURE, mission="JWST", folder=EXPOSURE, group="X", level=2))


def paths(page: Page) -> list[str]:
    return [row.path for row in page.rows if row.depth == 3]


def test_the_page_shows_only_the_delivery_s_files_and_says_whose_they_are(site: Site) -> None:
    visitor = site.visitor()
    base = frozen(site, visitor, f"{WFPC2}_c0f.fits", f"{WFPC2}_trl.fits")
    page = visitor.get(f"{base}?{OPEN}")
    assert paths(page) == [C0F, TRL]
    assert "Files of skybasket_2027-01-15T080000 for the talk, downloaded on 2027-01-15 08:00 UTC" in page.words
    assert page.all("a", href=f"/deliveries/{'D' * 22}")


def test_any_of_the_files_can_be_selected_and_downloaded_again(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor)
    visitor.tick(base, C0F)
    page = visitor.get(f"{base}?{OPEN}")
    assert page.states[C0F] == "true"
    assert page.forms(f"{base}/deliveries")


def test_nothing_can_be_removed_from_the_page(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor)
    visitor.tick(base, C0F)
    assert not visitor.get(f"{base}?{OPEN}").forms("/remove")
    page = visitor.post(f"{base}/remove", {"what": "selected"}, status=409)
    assert page.title.startswith("These files are kept as they were, so none can be added or removed.")


def test_a_stranger_sees_the_files_and_cannot_tick_them(lite: Site) -> None:
    base = frozen(lite, lite.visitor())
    stranger = lite.visitor()
    assert C0F in paths(stranger.get(f"{base}?{OPEN}"))
    stranger.post(f"{base}/selection", {"tick": C0F, "back": OPEN}, status=403)


def test_the_frozen_basket_does_not_take_the_place_of_the_session_s_own(lite: Site) -> None:
    visitor = lite.visitor()
    own = visitor.basket(WFPC2)
    base = frozen(lite, visitor)
    visitor.tick(base, C0F)
    assert visitor.get("/basket", status=302).location == own


def test_what_moved_on_since_is_counted_named_and_marked(site: Site) -> None:
    visitor = site.visitor()
    base = frozen(site, visitor)
    site.holdings.withdraw(f"{WFPC2}_trl.fits")
    replace_file(site, f"{WFPC2}_c0f.fits")
    page = visitor.get(f"{base}?{OPEN}")
    assert "1 replaced, 1 withdrawn since" in page.words
    marks = {row.get("aria-posinset"): row for row in page.all("li") if "file" in (row.get("class") or "")}
    said = ["".join(row.itertext()) for row in marks.values()]
    assert [sum(word in text for text in said) for word in ("withdrawn", "replaced")] == [1, 1]
    details = visitor.get(f"{base}?mrp=0&file=mast:HST/product/{WFPC2}_c0f.fits")
    assert "The archive has replaced this file since" in details.words


def test_a_page_of_files_that_did_not_move_says_nothing_of_it(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor)
    lite.holdings.withdraw(f"{IMAGE}_i2d.fits")
    words = visitor.get(f"{base}?{OPEN}").words
    assert "withdrawn" not in words
    assert "replaced" not in words


def test_a_file_that_the_delivery_did_not_have_is_not_among_its_files(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor, f"{WFPC2}_c0f.fits")
    page = visitor.get(f"{base}?file=mast:HST/product/{WFPC2}_d0f.fits")
    assert "Not among these files." in page.words


def test_selected_files_are_put_into_the_session_s_basket(site: Site) -> None:
    visitor = site.visitor()
    base = frozen(site, visitor)
    own = visitor.get("/basket", status=302).location
    visitor.post(f"{own}/remove", {"what": "all"})
    visitor.post("/basket/add", {"obs": EXPOSURE})
    visitor.tick(base, C0F, TRL)
    page = visitor.follow(visitor.post(f"{base}/put", {"back": OPEN}))
    assert page.messages[-1] == "Put 2 files into your basket."
    assert {C0F, TRL} < set(paths(visitor.get(f"{own}?mrp=0&open=HST/{WFPC2}&open=JWST/{EXPOSURE}")))


def test_files_that_were_there_already_are_said_and_stay(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor)
    visitor.tick(base, C0F, TRL)
    page = visitor.follow(visitor.post(f"{base}/put", {"back": OPEN}))
    assert page.messages == ["All of them were already in your basket."]


def test_a_file_that_was_removed_from_the_basket_comes_back_by_putting_and_goes_by_undo(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor)
    own = visitor.get("/basket", status=302).location.partition("?")[0]
    visitor.tick(own, C0F)
    visitor.post(f"{own}/remove", {"what": "selected"})
    visitor.get(own)
    visitor.tick(base, C0F, TRL)
    page = visitor.follow(visitor.post(f"{base}/put", {"back": OPEN}))
    assert page.messages == ["Put 1 file into your basket. 1 was already there."]
    (form,) = page.forms("/undo")
    assert C0F in paths(visitor.get(f"{own}?{OPEN}"))
    visitor.post(f"{own}/undo", form)
    assert C0F not in paths(visitor.get(f"{own}?{OPEN}"))
    assert TRL in paths(visitor.get(f"{own}?{OPEN}"))


def test_undo_takes_out_what_was_put_in_and_nothing_else(site: Site) -> None:
    visitor = site.visitor()
    base = frozen(site, visitor)
    own = visitor.get("/basket", status=302).location.partition("?")[0]
    visitor.post(f"{own}/remove", {"what": "all"})
    visitor.tick(base, C0F, TRL)
    visitor.post(f"{base}/put", {"back": OPEN})
    form = visitor.get(f"{base}?{OPEN}").forms("/undo")[-1]
    visitor.post(f"{own}/undo", form)
    assert paths(visitor.get(f"{own}?{OPEN}")) == []


def test_a_withdrawn_file_is_left_out_and_said(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor)
    visitor.tick(base, C0F, TRL)
    lite.holdings.withdraw(f"{WFPC2}_trl.fits")
    stranger = visitor.same()
    own = visitor.get("/basket", status=302).location.partition("?")[0]
    visitor.post(f"{own}/remove", {"what": "all"})
    page = stranger.follow(stranger.post(f"{base}/put", {"back": OPEN}))
    said = "Put 1 file into your basket. 1 file has been withdrawn from the archive and was left out."
    assert said in page.messages


def test_putting_nothing_is_a_sentence(lite: Site) -> None:
    visitor = lite.visitor()
    page = visitor.post(f"{frozen(lite, visitor)}/put", {}, status=422)
    assert page.title.startswith("No file is selected, so none was put into your basket.")


def test_a_copy_is_a_live_basket_with_the_same_files_and_ticks(site: Site) -> None:
    visitor, stranger = site.visitor(), site.visitor()
    base = frozen(site, visitor, f"{WFPC2}_c0f.fits", f"{WFPC2}_d0f.fits")
    visitor.tick(base, C0F)
    copied = stranger.post(f"{base}/copy", {"back": OPEN}).location
    page = stranger.get(copied)
    assert {path: page.states[path] for path in paths(page)} == {C0F: "true", D0F: "false"}
    stranger.post(f"{copied.partition('?')[0]}/remove", {"what": "selected"})
    assert paths(stranger.get(copied)) == [D0F]


def test_a_copy_leaves_withdrawn_files_out_and_says_so(lite: Site) -> None:
    stranger = lite.visitor()
    base = frozen(lite, lite.visitor())
    lite.holdings.withdraw(f"{WFPC2}_trl.fits")
    page = stranger.follow(stranger.post(f"{base}/copy", {"back": OPEN}))
    assert page.messages[0].endswith("Left out, as the archive has withdrawn them since: 1 file.")
    assert TRL not in paths(page)


def test_the_page_s_filters_are_not_remembered_for_the_basket(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor)
    visitor.get("/basket", status=302)
    before = visitor.get("/basket", status=302).location
    visitor.get(f"{base}?mrp=0")
    assert visitor.get("/basket", status=302).location == before


def test_a_frozen_basket_whose_delivery_is_gone_says_when_it_was(lite: Site) -> None:
    visitor = lite.visitor()
    base = frozen(lite, visitor)
    with writing(lite.services.engine) as session:
        session.execute(update(Delivery).values(files_id=None))
    assert "Files of a download of 2027-01-15 08:00 UTC" in visitor.get(base).words


def test_exclusive_files_stay_marked(lite: Site) -> None:
    visitor = lite.visitor()
    opened = baskets.opened(lite.services, visitor.basket(SECRET).rpartition("/")[2])
    rows = np.ones(len(opened.inventory), np.bool_)
    files_id = snapshots.freeze(lite.services, opened, rows, rows, opened.row.owner)
    assert "exclusive" in visitor.get(f"/baskets/{files_id}?mrp=0&open=JWST/{SECRET}").words
