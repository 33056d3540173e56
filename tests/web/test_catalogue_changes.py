"""An ingest changes the catalogue while baskets are open; a cache is lost. What a user chose stays."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.fixtures.holdings import EXPOSURE, IMAGE, WFPC2, file
from webapp.inventories import Inventories

if TYPE_CHECKING:
    from tests.fixtures.holdings import File
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

C0F, TRL, D0F = (f"HST/{WFPC2}/{WFPC2}_{group}.fits" for group in ("c0f", "trl", "d0f"))


def contents(visitor: Visitor, base: str) -> dict[str, str]:
    return {row.path: row.state for row in visitor.get(f"{base}?mrp=0&open={WFPC2}").rows if row.depth == 3}


def arriving(name: str = f"{WFPC2}_a0f.fits") -> File:
    """A file that sorts before the others, so that every bit moves."""
    return file(name, WFPC2, mission="HST", folder=WFPC2, group="A0F", level=2)


def test_a_file_that_arrives_is_unselected_and_the_others_keep_their_ticks(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    new = site.holdings.add(arriving())
    assert {path for path, state in contents(visitor, base).items() if state == "true"} == {C0F, TRL}
    assert contents(visitor, base)[new.path] == "false"


def test_a_file_that_arrives_does_not_bring_removed_ones_back(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, D0F)
    visitor.post(f"{base}/remove", {"what": "selected"})
    site.holdings.add(arriving())
    assert D0F not in contents(visitor, base)
    assert len(contents(visitor, base)) == 5


def test_a_file_that_is_withdrawn_takes_its_tick_along(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    site.holdings.withdraw(f"{WFPC2}_c0f.fits")
    page = visitor.get(f"{base}?mrp=0&selected=1&open={WFPC2}")
    assert [row.path for row in page.rows if row.depth == 3] == [TRL]
    assert "1 selected" in page.words


def test_the_page_says_once_what_the_archive_changed(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    site.holdings.withdraw(f"{WFPC2}_c0f.fits")
    site.holdings.add(arriving())
    said = "The archive has changed since this basket was last open: 1 new; 1 withdrawn, of which 1 were selected."
    assert said in visitor.get(base).words
    assert "has changed since" not in visitor.get(base).words


def test_a_file_that_comes_back_is_unselected(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    site.holdings.withdraw(f"{WFPC2}_c0f.fits")
    visitor.get(base)
    site.holdings.withdraw(f"{WFPC2}_c0f.fits", back=True)
    assert contents(visitor, base)[C0F] == "false"


def test_a_change_elsewhere_in_the_catalogue_is_no_news(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    site.holdings.withdraw(f"{IMAGE}_i2d.fits")
    assert "has changed" not in visitor.get(base).words


def test_undo_after_a_change_brings_back_what_still_is(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    (form,) = visitor.post(f"{base}/remove", {"what": "selected"}, target="workspace").forms("/undo")
    site.holdings.withdraw(f"{WFPC2}_c0f.fits")
    site.holdings.add(arriving())
    visitor.post(f"{base}/undo", form)
    found = contents(visitor, base)
    assert (C0F in found, found[TRL], len(found)) == (False, "true", 5)


def test_an_observation_that_grows_grows_in_baskets(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(EXPOSURE)
    site.holdings.add(file(f"{EXPOSURE}_x1d.fits", EXPOSURE, mission="JWST", folder=EXPOSURE, group="X1D", level=2))
    assert " selected of 5 files (" in visitor.get(base).words


def test_a_lost_cache_loses_nothing(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, D0F)
    visitor.post(f"{base}/remove", {"what": "selected"})
    visitor.tick(base, C0F, TRL)
    before = contents(visitor, base)
    shutil.rmtree(site.settings.spool)
    site.services.inventories._kept.clear()
    assert contents(visitor, base) == before


def test_a_cache_that_is_lost_as_the_catalogue_changes_loses_nothing(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F, TRL)
    shutil.rmtree(site.settings.spool)
    site.services.inventories._kept.clear()
    site.holdings.add(arriving())
    assert {path for path, state in contents(visitor, base).items() if state == "true"} == {C0F, TRL}


def test_a_damaged_cache_is_built_anew(site: Site) -> None:
    visitor = site.visitor()
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    before = contents(visitor, base)
    for column in site.settings.spool.glob("inventories/*/size.npy"):
        column.write_bytes(b"damaged")
    site.services.inventories._kept.clear()
    assert contents(visitor, base) == before


def test_another_process_finds_the_inventory_in_the_spool(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    visitor.get(base)
    digests = [each.name for each in (lite.settings.spool / "inventories").iterdir()]
    other = Inventories(lite.services.engine, lite.settings.spool, 10**6)
    assert [other.get(digest) is not None for digest in digests] == [True]


def test_the_cache_in_memory_is_bounded(lite: Site) -> None:
    visitor = lite.visitor()
    base = visitor.basket(WFPC2)
    kept = lite.services.inventories
    kept._max_bytes = 1
    for obs_id in (IMAGE, EXPOSURE):
        visitor.post("/basket/add", {"obs": obs_id})
        visitor.get(base)
    assert len(kept._kept) == 1
