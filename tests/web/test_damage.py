"""A full disk, a damaged folder, a wrong address: each is a sentence, and stays where it is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from jobs import tasks
from jobs.results import FAILED, READY, STATE_FILE, Finding, read_state, write_findings, write_state
from tests.fixtures.deliveries import NAME
from tests.fixtures.holdings import CONTRIBUTED, IMAGE, WFPC2
from webapp import deliveries as web
from webapp import delivery_files
from webapp.models import Product

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.deliveries import Deliveries
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

SCRIPT = {"method": "script", "format": "sh"}
GONE = "Its files are gone from this server. Make it again from the basket."


@pytest.fixture
def visitor(lite: Site) -> Visitor:
    return lite.visitor()


@pytest.fixture
def base(lite: Site, visitor: Visitor) -> str:
    """A basket with a file selected."""
    base = visitor.basket(IMAGE)
    visitor.tick(base, lite.holdings[f"{IMAGE}_i2d.fits"].path)
    return base


@pytest.fixture
def url(base: str, visitor: Visitor) -> str:
    """A delivery that waits."""
    return visitor.post(f"{base}/deliveries", SCRIPT).location


@pytest.fixture
def folder(lite: Site, url: str) -> Path:
    return delivery_files.folder(lite.services, url.rpartition("/")[2])


def ready(folder: Path) -> Path:
    """End the job of a folder well; its script."""
    script = folder / "skybasket.sh"
    script.write_text("#!/bin/sh\n")
    write_state(folder, READY, files=1, artefacts=[script])
    return script


def block(folder: Path) -> None:
    """Let nothing be written below a folder, whoever tries: root may do everything but this."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("")


def test_a_basket_opens_where_its_inventory_cannot_be_kept(lite: Site) -> None:
    block(lite.settings.spool / "inventories")
    visitor = lite.visitor()
    assert visitor.get(visitor.basket(IMAGE)).rows


def test_a_download_that_has_no_room_is_a_sentence(lite: Site, visitor: Visitor, base: str) -> None:
    block(lite.settings.spool / "deliveries")
    page = visitor.post(f"{base}/deliveries", SCRIPT, status=507)
    assert page.title.startswith("There is no room on this server to prepare the download.")


def test_a_server_whose_spool_cannot_be_written_is_not_ready_and_says_so(lite: Site) -> None:
    block(lite.settings.spool)
    answer = lite.visitor().client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json or {})["spool"].startswith("The spool cannot be written: ")


def test_a_job_that_runs_out_of_room_says_so(deliveries: Deliveries) -> None:
    folder = deliveries.folder(deliveries.file())
    (folder / f"{NAME}.sh.part").symlink_to("/dev/full")
    tasks.prepare_script(**deliveries.kwargs(folder))
    ended = read_state(folder)
    assert ended is not None
    assert (ended.state, ended.sentence.partition(".")[0]) == (
        FAILED,
        "There is no room left on the server to prepare this",
    )


def test_a_damaged_state_leaves_the_history_to_be_read(visitor: Visitor, folder: Path) -> None:
    ready(folder)
    (folder / STATE_FILE).write_bytes((folder / STATE_FILE).read_bytes()[:20])
    assert "Failed" in visitor.get("/history").words


@pytest.mark.parametrize("content", ["", "[]", "5", '{"artefacts": []}', '{"state": "Re'])
def test_a_damaged_state_is_a_sentence_on_its_page(visitor: Visitor, url: str, folder: Path, content: str) -> None:
    (folder / STATE_FILE).write_text(content)
    assert GONE in visitor.get(url).words


def test_a_delivery_that_cannot_be_harvested_does_not_keep_back_the_next(
    lite: Site, visitor: Visitor, base: str, folder: Path
) -> None:
    visitor.tick(base, f"JWST/{IMAGE}/{IMAGE}_cat.ecsv")
    other = visitor.post(f"{base}/deliveries", SCRIPT).location
    ready(delivery_files.folder(lite.services, other.rpartition("/")[2]))
    write_findings(folder, [Finding(lite.holdings[f"{IMAGE}_i2d.fits"].uri, "", 2**200)])
    ready(folder)
    web.harvest_all(lite.services)
    assert web.get(lite.services, other.rpartition("/")[2]).state == READY


def test_a_delivery_whose_folder_went_is_over_in_the_history_too(
    lite: Site, visitor: Visitor, url: str, folder: Path
) -> None:
    shutil.rmtree(folder)
    assert GONE in visitor.get(url).words
    assert web.get(lite.services, url.rpartition("/")[2]).state == FAILED


def test_a_spool_that_is_away_as_a_whole_ends_no_delivery(
    lite: Site, visitor: Visitor, url: str, folder: Path, tmp_path: Path
) -> None:
    kept = folder.parent.rename(tmp_path / "away")
    away = visitor.get(url)
    kept.rename(folder.parent)
    assert GONE in away.words
    assert web.get(lite.services, url.rpartition("/")[2]).state is None


def test_a_script_that_is_gone_is_a_sentence(visitor: Visitor, url: str, folder: Path) -> None:
    ready(folder).unlink()
    page = visitor.get(url)
    assert (page.at("delivery").get("data-state"), GONE in page.words) == (FAILED, True)


def test_a_folder_that_went_after_it_was_ready_is_a_sentence(visitor: Visitor, url: str, folder: Path) -> None:
    ready(folder)
    visitor.get(url)
    shutil.rmtree(folder)
    page = visitor.get(url)
    assert (page.at("delivery").get("data-state"), GONE in page.words) == (FAILED, True)


@pytest.mark.parametrize("name", ["manifest.jsonl", "result.jsonl", "skybasket.sh"])
def test_a_list_that_is_not_text_does_not_take_the_page_away(
    visitor: Visitor, url: str, folder: Path, name: str
) -> None:
    ready(folder)
    visitor.get(url)
    (folder / name).write_bytes(b"\xff\xfe\n\xff\n")
    assert visitor.get(url).at("delivery").get("data-state") == READY


@pytest.mark.parametrize("way", ["failed", "stored", "damaged", "gone"])
def test_the_button_after_a_failure_makes_another(
    visitor: Visitor, base: str, url: str, folder: Path, way: str
) -> None:
    if way in {"failed", "stored"}:
        write_state(folder, FAILED, "No.")
    if way == "stored":
        visitor.get(url)
        (folder / STATE_FILE).unlink()
    if way == "damaged":
        (folder / STATE_FILE).write_text("{")
    if way == "gone":
        shutil.rmtree(folder)
    assert visitor.post(f"{base}/deliveries", SCRIPT).location != url


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("location", ["http://[::1", "http://x:port/a", f"http://{'x' * 80}é.org/", "http://[é]/"])
def test_a_recorded_address_that_is_none_is_a_failure_of_the_archive(lite: Site, method: str, location: str) -> None:
    each = lite.holdings[f"{CONTRIBUTED}_nircam_ngc3132_remote.fits"]
    with Session(lite.services.engine) as session:
        session.execute(update(Product).where(col(Product.uri) == each.uri).values(location=location))
        session.commit()
    answer = lite.visitor().client.open("/api/v0.1/Download/file", method=method, query_string={"uri": each.uri})
    assert answer.status_code == 502


def test_a_long_list_is_not_repeated_whole(shared: Site) -> None:
    page = shared.visitor().post("/observations/list", {"ids": f"{'x' * 3_000_000} {WFPC2}"}, status=200)
    assert len(page.text) < 150_000
    assert f", 1 not: {'x' * 79}…." in page.words


def test_a_long_method_is_not_repeated_whole(visitor: Visitor, base: str) -> None:
    page = visitor.post(f"{base}/deliveries", {"method": "m" * 1000, "format": "sh"}, status=422)
    assert "m" * 21 not in page.text


def test_the_host_of_a_request_reaches_no_redirect(shared: Site) -> None:
    answer = shared.visitor().client.get("/baskets//x", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, "elsewhere" in answer.text) == (404, False)
