"""Bundles from the button to the bytes: what is inside, ranges, what was agreed, and sources that change."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from tests.fixtures.holdings import IMAGE, RELEASE, WFPC2
from tests.fixtures.orders import asked, link
from webapp.models import CatalogueState, Product, Rights

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

I2D, C0F = f"{IMAGE}_i2d.fits", f"{WFPC2}_c0f.fits"
ZIP = {"as": "bundle/zip"}
PAPERS = ["CITATION.txt", "MANIFEST.HTML", "manifest.csv"]


def ready(site: Site, *names: str, **form: object) -> tuple[Visitor, str]:
    """A visitor, and the address of the bundle that was made."""
    visitor, answer = asked(site, *names, **{**ZIP, **form})
    site.work()
    return visitor, link(visitor, answer.location)


def fetched(visitor: Visitor, address: str, **headers: str) -> bytes:
    with visitor.client.get(address, headers=headers) as answer:
        return answer.data


def test_a_zip_holds_the_selected_files_and_its_papers(working: Site) -> None:
    visitor, address = ready(working, I2D, C0F)
    content = zipfile.ZipFile(io.BytesIO(fetched(visitor, address)))
    top = address.rpartition("/")[2].removesuffix(".zip")
    expected = {f"{top}/{working.holdings[name].path}": working.holdings[name].content for name in (I2D, C0F)}
    assert {name: content.read(name) for name in content.namelist() if not name.endswith(tuple(PAPERS))} == expected
    assert sorted(name.partition("/")[2] for name in content.namelist() if name.endswith(tuple(PAPERS))) == PAPERS


@pytest.mark.parametrize("form", ["tar", "tar.gz"])
def test_a_tar_holds_the_same(working: Site, form: str) -> None:
    visitor, address = ready(working, I2D, C0F, **{"as": f"bundle/{form}"})
    with tarfile.open(fileobj=io.BytesIO(fetched(visitor, address))) as content:
        names = [name.partition("/")[2] for name in content.getnames()]
    assert sorted(names) == sorted([*PAPERS, *(working.holdings[name].path for name in (I2D, C0F))])


def test_flat_means_one_folder(working: Site) -> None:
    visitor, address = ready(working, I2D, C0F, flat="1")
    content = zipfile.ZipFile(io.BytesIO(fetched(visitor, address)))
    assert sorted(name.partition("/")[2] for name in content.namelist()) == sorted([*PAPERS, I2D, C0F])


def test_any_range_of_a_bundle_is_that_range_of_the_whole(working: Site) -> None:
    visitor, address = ready(working, I2D, C0F)
    whole = fetched(visitor, address)
    for start, end in ((0, 0), (0, 99), (30, 31), (len(whole) - 1, len(whole) - 1), (len(whole) // 2, len(whole) - 1)):
        assert fetched(visitor, address, Range=f"bytes={start}-{end}") == whole[start : end + 1]


def test_a_bundle_says_its_length_and_a_strong_tag_before_it_is_sent(working: Site) -> None:
    visitor, address = ready(working, I2D, C0F)
    whole = fetched(visitor, address)
    with visitor.client.head(address) as answer:
        assert answer.headers["Content-Length"] == str(len(whole))
        assert not answer.headers["ETag"].startswith("W/")


def test_missing_checksums_are_computed_and_kept_for_the_next_time(working: Site) -> None:
    visitor, address = ready(working, C0F)
    content = zipfile.ZipFile(io.BytesIO(fetched(visitor, address)))
    with Session(working.services.engine) as session:
        known = session.exec(select(Product.crc32).where(Product.filename == C0F)).one()
    assert (content.testzip(), known) == (None, zlib.crc32(working.holdings[C0F].content or b""))


@pytest.mark.parametrize("damage", ["removed", "truncated", "grown"])
def test_a_bundle_whose_file_has_changed_is_never_sent_wrong(working: Site, damage: str) -> None:
    visitor, address = ready(working, I2D, C0F)
    file = working.holdings.place(working.holdings[I2D])
    if damage == "removed":
        file.unlink()
    elif damage == "truncated":
        os.truncate(file, 1)
    else:
        file.write_bytes(file.read_bytes() + b"more")

    with pytest.raises(Exception, match="is not as it was"):
        fetched(visitor, address)

    with visitor.client.get(address) as answer:
        assert (answer.status_code, I2D in answer.text) == (410, True)
    page = visitor.get(address.rpartition("/")[0])
    assert page.at("delivery").get("data-state") == "Finished with problems"


def test_a_file_that_is_not_in_its_store_is_asked_about_before(site: Site) -> None:
    site.holdings.place(site.holdings[I2D]).unlink()
    _, page = asked(site, I2D, C0F, status=409, **ZIP)
    assert "1 of 2 files is not in its store" in page.words
    assert "Download the 1 you can have" in page.words


def test_a_bundle_that_lacks_a_file_by_then_fails_and_can_be_made_without_it(queued: Site) -> None:
    visitor, answer = asked(queued, I2D, C0F, **ZIP)
    queued.holdings.place(queued.holdings[I2D]).unlink()
    queued.work()
    url = answer.location
    page = visitor.get(url)
    assert (page.at("delivery").get("data-state"), I2D in page.words) == ("Failed", True)
    assert any("Make it without this 1 file" in "".join(each.itertext()) for each in page.all("button"))
    visitor.post(f"{url}/retry", {"on_problem": "drop"})
    queued.work()
    assert visitor.get(url).at("delivery").get("data-state") == "Finished with problems"
    content = zipfile.ZipFile(io.BytesIO(fetched(visitor, link(visitor, url))))
    assert any(name.endswith(C0F) for name in content.namelist())
    listed = content.read(next(name for name in content.namelist() if name.endswith(".csv"))).decode().splitlines()
    assert [line.rpartition(",")[2] for line in listed if I2D in line] == ["Missing"]


@pytest.mark.parametrize("way", ["bundle/zip", "bundle/tar.gz", "batch/files"])
def test_what_becomes_exclusive_after_it_was_ordered_is_not_sent_any_more(working: Site, way: str) -> None:
    visitor, address = ready(working, I2D, C0F, **{"as": way})
    with Session(working.services.engine) as session:
        ours = select(Product.rights_id).where(Product.filename == I2D).scalar_subquery()
        session.exec(update(Rights).where(col(Rights.id) == ours).values(released_at=RELEASE))
        session.exec(update(CatalogueState).values(version=col(CatalogueState.version) + 1))  # as an ingest does
        session.commit()
    with visitor.client.get(address) as answer:
        assert (answer.status_code, "exclusive" in answer.text) == (401, True)


def test_what_an_ingest_leaves_public_is_sent_on(queued: Site) -> None:
    visitor, address = ready(queued, I2D, C0F)
    with Session(queued.services.engine) as session:
        session.exec(update(CatalogueState).values(version=col(CatalogueState.version) + 1))
        session.commit()
    assert zipfile.ZipFile(io.BytesIO(fetched(visitor, address))).testzip() is None
