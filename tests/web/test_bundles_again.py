"""Bundles that are made again: another name, another tag, and nothing of the first one in them."""

from __future__ import annotations

import io
import os
import tarfile
from typing import TYPE_CHECKING

import pytest

from jobs.bundles import BrokenBundle, mark_broken
from tests.fixtures.orders import asked, link
from tests.fixtures.visitor import words
from tests.web.test_bundles import C0F, I2D, fetched, ready

if TYPE_CHECKING:
    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

CHANGED = b"other pixels of another size"


def broken_one(site: Site, form: str = "zip") -> tuple[Visitor, str]:
    """A bundle that was cut off because a file of it has changed; its address."""
    visitor, address = ready(site, I2D, C0F, **{"as": f"bundle/{form}"})
    site.holdings.place(site.holdings[I2D]).write_bytes(CHANGED)
    with pytest.raises(BrokenBundle):
        fetched(visitor, address)
    return visitor, address


def again(site: Site, visitor: Visitor, address: str) -> str:
    """Have it made again; the new bundle's address."""
    url = address.rpartition("/")[0]
    visitor.post(f"{url}/retry")
    site.work()
    return link(visitor, url)


def content_of(bundle: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(bundle)) as content:
        return {each.name.rpartition("/")[2]: content.extractfile(each).read() for each in content}  # type: ignore[union-attr] - all are files


def test_a_range_that_begins_in_a_changed_file_is_answered_in_words(queued: Site) -> None:
    visitor, address = ready(queued, I2D)
    queued.holdings.place(queued.holdings[I2D]).write_bytes(CHANGED)
    with visitor.client.get(address, headers={"Range": "bytes=1000-"}) as answer:
        assert (answer.status_code, f"{I2D} is not as it was" in answer.text) == (410, True)


def test_the_file_that_cut_a_bundle_off_comes_first_on_its_page(queued: Site) -> None:
    visitor, address = broken_one(queued)
    first = visitor.get(address.rpartition("/")[0]).all("tr")[1]
    assert words(first).startswith(f"{queued.holdings[I2D].path} Problem 'JWST/product/{I2D}' has changed")


def test_what_is_made_again_holds_what_is_there_now(queued: Site) -> None:
    visitor, address = broken_one(queued, "tar")
    assert content_of(fetched(visitor, again(queued, visitor, address)))[I2D] == CHANGED


def test_it_has_another_name_so_that_nobody_resumes_the_old_one_with_it(queued: Site) -> None:
    visitor, old = broken_one(queued)
    new = again(queued, visitor, old)
    with visitor.client.get(old, headers={"Range": "bytes=100-"}) as answer:
        assert answer.status_code == 404
    assert new.endswith("_2.zip")


def test_the_old_tag_in_if_range_gives_all_of_the_new_one(queued: Site) -> None:
    visitor, address = ready(queued, I2D, C0F)
    with visitor.client.head(address) as answer:
        tag = answer.headers["ETag"]
    queued.holdings.place(queued.holdings[I2D]).write_bytes(CHANGED)
    with pytest.raises(BrokenBundle):
        fetched(visitor, address)
    new = again(queued, visitor, address)
    with visitor.client.get(new, headers={"Range": "bytes=100-", "If-Range": tag}) as answer:
        assert (answer.status_code, answer.data) == (200, fetched(visitor, new))


def test_who_still_reads_the_old_one_does_not_break_the_new_one(queued: Site) -> None:
    visitor, old = broken_one(queued)
    new = again(queued, visitor, old)
    folder = queued.settings.spool / old.strip("/").rpartition("/")[0]
    mark_broken(folder, 1, BrokenBundle("mast:x", "x", "It has changed."))
    with visitor.client.get(new) as answer:
        assert answer.status_code == 200


def test_a_tar_gz_that_is_made_again_is_not_the_old_one(queued: Site) -> None:
    visitor, answer = asked(queued, I2D, C0F, **{"as": "bundle/tar.gz"})
    place = queued.holdings.place(queued.holdings[I2D])
    place.write_bytes(CHANGED)  # after it was planned: a problem, and what is there is in the bundle
    queued.work()
    first = link(visitor, answer.location)
    place.write_bytes(2 * CHANGED)
    assert content_of(fetched(visitor, again(queued, visitor, first)))[I2D] == 2 * CHANGED


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_files_of_one_size_and_second_have_different_tags(queued: Site, form: str) -> None:
    place, tags = queued.holdings.place(queued.holdings[I2D]), set()
    for content, nanoseconds in ((b"a" * 99, 1), (b"b" * 99, 2)):
        place.write_bytes(content)
        os.utime(place, ns=(nanoseconds, nanoseconds))
        visitor, page = asked(queued, I2D, status=409, **{"as": f"bundle/{form}"})
        done = visitor.post(page.all("form")[0].get("action", ""), page.forms("/deliveries")[0])
        queued.work()
        with visitor.client.head(link(visitor, done.location)) as answer:
            tags.add(answer.headers["ETag"])
    assert len(tags) == 2
