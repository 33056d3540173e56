"""Files that stay at MAST and are streamed from there: bundles, single files, and what its tables have wrong."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.mast_rows import content
from tests.fixtures.orders import link
from tests.fixtures.replay_mast import FILE
from tests.fixtures.webapp import Site, application
from webapp.ingest.mast import Ingest
from webapp.ingest.mast_criteria import selection
from webapp.ingest.mast_journal import Journal
from webapp.ingest.mast_server import Mast
from webapp.ingest.mast_wire import Patience
from webapp.stores import add_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.replay_mast import Replay
    from tests.fixtures.visitor import Page, Visitor

L3 = "jw04426-o001_t001_nirspec_g235m-f170lp"
FOLDER = f"JWST/{L3}/"
CUBE, SPECTRUM = (f"mast:JWST/product/{L3}_{suffix}.fits" for suffix in ("s3d", "x1d"))


@pytest.fixture
def front(queued: Site, replay: Replay) -> Iterator[Site]:
    """A front to MAST with a programme: a table that lies of one file, and a file without a length."""
    next(row for row in replay.products if row["dataURI"] == CUBE)["size"] = 17
    replay.unsized.add(SPECTRUM)
    settings = replace(queued.settings, stores=())
    add_store(settings, "mast:", f"{replay.url}{FILE}?uri=mast:")
    mast = Mast(replay.url, "", Patience(pause=0), print)
    ingest = Ingest(queued.services.engine, mast, Journal(settings.home, mast.url, "here"), said=print)
    chosen = selection([], programmes=["4426"])
    ingest.look(chosen, mast.count(chosen))
    ingest.run()
    made = Site(application(settings), settings, queued.holdings)
    yield made
    made.services.engine.dispose()


def asked(front: Site, wanted: str) -> tuple[Visitor, Page]:
    """Everything of that observation, as ``wanted``; the job is done."""
    visitor = front.visitor()
    base = visitor.basket(L3)
    visitor.tick(base, FOLDER)
    page = visitor.post(f"{base}/deliveries", {"as": wanted, "back": "mrp=0", "on_problem": "drop"})
    front.work()
    return visitor, page


def test_a_bundle_holds_the_bytes_of_there_and_leaves_out_what_has_no_size(front: Site) -> None:
    visitor, page = asked(front, "bundle/zip")
    with visitor.client.get(link(visitor, page.location)) as answer:
        bundle = zipfile.ZipFile(io.BytesIO(answer.data))
    held = {f"mast:JWST/product/{name.rpartition('/')[2]}": bundle.read(name) for name in bundle.namelist()}
    files = {uri: data for uri, data in held.items() if uri.endswith((".fits", ".json", ".jpg"))}
    assert files == {uri: content(uri) for uri in files}
    assert CUBE in files
    assert SPECTRUM not in files
    said = visitor.get(page.location).words
    assert "Finished with problems" in said
    assert SPECTRUM.rpartition("/")[2] in said


def test_a_file_without_a_length_is_sent_on_whole(front: Site) -> None:
    with front.visitor().client.get(FILE, query_string={"uri": SPECTRUM}) as answer:
        assert answer.data == content(SPECTRUM)
    assert "Content-Length" not in answer.headers


def test_a_list_names_every_file_also_those_of_no_known_size(front: Site) -> None:
    visitor, page = asked(front, "list/urls")
    with visitor.client.get(link(visitor, page.location)) as answer:
        names = {line.rpartition("/")[2] for line in answer.get_data(as_text=True).splitlines()}
    assert names > {CUBE.rpartition("/")[2], SPECTRUM.rpartition("/")[2]}
