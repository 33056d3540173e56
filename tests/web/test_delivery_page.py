from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from tests.fixtures.holdings import IMAGE, WFPC2
from tests.fixtures.visitor import words
from tests.fixtures.webapp import site_on

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.fixtures.valkey import Valkey
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

SCRIPT = {"method": "script", "format": "sh", "back": "mrp=0"}
PATHS = (f"JWST/{IMAGE}/{IMAGE}_i2d.fits", f"HST/{WFPC2}/{WFPC2}_c0f.fits")


def delivery(site: Site, visitor: Visitor, *paths: str) -> str:
    """Ask for files; the delivery's path."""
    base = visitor.basket(IMAGE, WFPC2)
    visitor.tick(base, *(paths or PATHS))
    assert site.app
    return visitor.post(f"{base}/deliveries", SCRIPT).location


def state(visitor: Visitor, url: str) -> str | None:
    return visitor.get(url).at("delivery").get("data-state")


def artefact(visitor: Visitor, url: str) -> str:
    """The path of the script."""
    (link,) = [each for each in visitor.get(url).all("a", class_="btn primary") if each.get("download") is not None]
    return link.get("href", "")


@pytest.mark.parametrize("done", [False, True])
def test_the_fragment_is_part_of_the_page(queued: Site, *, done: bool) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    if done:
        queued.work()
    fragment, page = visitor.get(url, target="delivery"), visitor.get(url)
    assert not fragment.is_full
    title, _, section = fragment.flat.partition("</title>")
    assert (title in page.flat, section in page.flat) == (True, True)
    assert {"HX-Request", "HX-Target"} <= set(page.headers["Vary"].split(", "))


def test_the_page_tells_what_was_promised(queued: Site) -> None:
    visitor = queued.visitor()
    page = visitor.get(delivery(queued, visitor))
    promised = [[words(cell) for cell in row] for row in page.all("tr")[1:]]
    assert sorted(promised) == sorted([path, "20.2 kB"] for path in PATHS)
    assert "Shell script for 2 files, 40.3 kB" in page.words


def test_the_page_tells_how_to_run_the_script_elsewhere(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    queued.work()
    name = artefact(visitor, url).rpartition("/")[2]
    line = f"curl -fsSO https://skybasket.example{url}/{name} && sh {name}"
    assert visitor.get(url).all("button", data_copy=line)


def test_the_script_is_the_file_that_the_page_describes(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    queued.work()
    with visitor.client.get(artefact(visitor, url)) as answer:
        data, headers = answer.data, answer.headers
    assert data.startswith(b"#!/bin/sh\n")
    assert headers["Content-Type"] == "application/x-sh; charset=utf-8"
    assert headers["Content-Disposition"].startswith("attachment; filename=skybasket_")
    assert hashlib.sha256(data).hexdigest() in visitor.get(url).words


def test_the_script_can_be_had_in_pieces(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    queued.work()
    path = artefact(visitor, url)
    with visitor.client.get(path) as whole:
        data, etag = whole.data, whole.headers["ETag"]
    with visitor.client.get(path, headers={"Range": "bytes=100-199", "If-Range": etag}) as piece:
        assert (piece.status_code, piece.data) == (206, data[100:200])
    with visitor.client.get(path, headers={"If-None-Match": etag}) as known:
        assert known.status_code == 304


@pytest.mark.parametrize("name", ["manifest.jsonl", "state.json", ".lock", "nothing.sh", "..", "%2e%2e%2fx"])
def test_no_other_file_of_a_delivery_is_served(queued: Site, name: str) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    queued.work()
    with visitor.client.get(f"{url}/{name}") as answer:
        assert answer.status_code == 404


def test_before_it_is_ready_there_is_no_script(queued: Site) -> None:
    visitor = queued.visitor()
    page = visitor.get(f"{delivery(queued, visitor)}/skybasket.sh", status=404)
    assert page.title.startswith("This delivery has no file 'skybasket.sh'.")


def test_a_delivery_that_does_not_exist_is_a_sentence(queued: Site) -> None:
    for rest in ("", "/x.sh"):
        page = queued.visitor().get(f"/deliveries/AAAAAAAAAAAAAAAAAAAAAA{rest}", status=404)
        assert page.title.startswith("There is no delivery at this address.")


def test_who_has_the_address_sees_the_delivery(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    queued.work()
    assert state(queued.visitor(), url) == "Ready"


def test_the_history_lists_the_session_s_own_downloads_newest_first(queued: Site) -> None:
    visitor, other = queued.visitor(), queued.visitor()
    mine = [delivery(queued, visitor, PATHS[0]), delivery(queued, visitor, PATHS[1])]
    theirs = delivery(queued, other)
    for who, expected in ((visitor, mine), (other, [theirs])):
        links = [each.get("href") for each in who.get("/history").all("a") if "/deliveries/" in each.get("href", "")]
        assert sorted(map(str, links)) == sorted(expected)
    assert "No downloads yet" in queued.visitor().get("/history").words


def test_the_history_tells_how_each_ended(queued: Site) -> None:
    visitor = queued.visitor()
    delivery(queued, visitor)
    before = visitor.get("/history").words
    queued.work()
    assert ("Queued" in before, "Ready" in visitor.get("/history").words) == (True, True)


def test_without_a_queue_a_delivery_waits_and_says_so(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(delivery(shared, visitor))
    assert page.at("delivery").get("data-state") == "Queued"
    assert "The job queue does not answer." in page.words
    assert "This page will go on by itself." in page.words


def test_a_delivery_goes_on_when_the_queue_is_back(
    sqlite_engine: Engine, tmp_path: Path, valkey_server: Valkey
) -> None:
    valkey_server.start() if valkey_server._process is None else None
    site = site_on(sqlite_engine, tmp_path, redis_url=valkey_server.url)
    visitor = site.visitor()
    valkey_server.stop()
    try:
        url = delivery(site, visitor)
        down = state(visitor, url)
    finally:
        valkey_server.start()
    with Redis.from_url(valkey_server.url) as redis:
        redis.flushall()
    visitor.get(url)  # looking at it puts the job into the queue again
    assert (down, site.work(), state(visitor, url)) == ("Queued", 1, "Ready")
    site.services.engine.dispose()


def test_a_delivery_goes_on_when_the_queue_has_forgotten_it(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    with Redis.from_url(queued.settings.redis_url) as redis:
        redis.flushall()
    assert state(visitor, url) == "Queued"
    assert (queued.work(), state(visitor, url)) == (1, "Ready")


def test_looking_often_submits_one_job(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    for _ in range(3):
        visitor.get(url)
    assert queued.work() == 1


def test_a_job_that_failed_says_why(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    (queued.settings.spool / url.strip("/") / "manifest.jsonl").write_text("damaged\n")
    queued.work()
    page = visitor.get(url)
    assert page.at("delivery").get("data-state") == "Failed"
    assert "manifest.jsonl is not a manifest." in page.words
    assert "Failed" in visitor.get("/history").words


def test_a_spool_that_takes_no_end_of_a_job_leaves_every_page_readable(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    (queued.settings.spool / url.strip("/") / "state.json.part").mkdir()
    code = f"from jobs.worker import run; run({queued.settings.redis_url!r}, ['quick'], burst=True)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert "It could not be prepared. Tell the archive's staff." in visitor.get(url).words
    assert "Failed" in visitor.get("/history").words


def test_a_damaged_state_is_a_sentence(queued: Site) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    (queued.settings.spool / url.strip("/") / "state.json").write_text("{")
    page = visitor.get(url)
    assert "Its files are gone from this server. Make it again from the basket." in page.text


@pytest.mark.parametrize("done", [False, True])
def test_a_delivery_whose_folder_is_gone_is_still_a_page(queued: Site, *, done: bool) -> None:
    visitor = queued.visitor()
    url = delivery(queued, visitor)
    if done:
        queued.work()
        visitor.get(url)
    shutil.rmtree(queued.settings.spool / "deliveries")
    assert state(visitor, url) == "Failed"
    assert visitor.get("/history").is_full
