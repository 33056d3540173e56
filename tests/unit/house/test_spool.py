from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import NOW
from tests.fixtures.house import DAY, House
from webapp import spool
from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

KB = 1_000


@pytest.fixture
def small(engine: Engine, tmp_path: Path, at: Callable[[int], None]) -> House:  # noqa: ARG001 - it is NOW
    """A spool of 10 kB."""
    return House(engine, tmp_path, spool_bytes=10 * KB)


def script(house: House, kilobytes: int, used_at: int = NOW - DAY, **values: object) -> str:
    made = house.delivery(made=bytes(kilobytes * KB), **values)
    house.last_used(house.folder(made), used_at)
    return made


def inventory(house: House, kilobytes: int, used_at: int = NOW - DAY, name: str = "digest") -> Path:
    folder = house.settings.spool / "inventories" / name
    folder.mkdir(parents=True)
    (folder / "names.npy").write_bytes(bytes(kilobytes * KB))
    house.last_used(folder, used_at)
    return folder


def test_what_was_not_used_for_longest_goes_first(small: House) -> None:
    newer, older = script(small, 6, NOW - DAY), script(small, 6, NOW - 2 * DAY)
    spool.evict(small.services)
    assert [small.value(each, "state") for each in (newer, older)] == ["Ready", "Expired"]
    assert (small.folder(newer) / "skybasket.sh").exists()


def test_an_evicted_delivery_keeps_its_list_of_files_and_says_why(small: House) -> None:
    evicted = script(small, 11)
    spool.evict(small.services)
    assert small.inside(evicted) == {"manifest.jsonl"}
    assert small.value(evicted, "sentence") == "It was removed to make room for newer ones. You can make it again."


def test_a_spool_within_its_limit_loses_nothing(small: House) -> None:
    kept = script(small, 9)
    spool.evict(small.services)
    assert small.value(kept, "state") == "Ready"


def test_a_cached_inventory_goes_too(small: House) -> None:
    cached, kept = inventory(small, 6, NOW - 2 * DAY), script(small, 6)
    spool.evict(small.services)
    assert not cached.exists()
    assert small.value(kept, "state") == "Ready"


def test_what_is_marked_as_used_stays_longer(small: House, at: Callable[[int], None]) -> None:
    at(NOW - DAY)
    marked, other = script(small, 6, NOW - 3 * DAY), script(small, 6, NOW - 2 * DAY)
    spool.used(small.folder(marked))
    at(NOW)
    spool.evict(small.services)
    assert [small.value(each, "state") for each in (marked, other)] == ["Ready", "Expired"]


@pytest.mark.parametrize(
    "values",
    [
        {"state": None},
        {"method": "batch", "format": "files", "staged_bytes": 1, "expires_at": NOW + DAY},
        {"method": "batch", "format": "files", "staged_bytes": 1, "state": "Failed"},
    ],
    ids=["unfinished", "staged", "a failed batch"],
)
def test_what_is_still_needed_is_never_evicted(small: House, values: dict[str, object]) -> None:
    kept = script(small, 11, **values)
    spool.evict(small.services)
    assert (small.folder(kept) / "skybasket.sh").exists()
    assert small.value(kept, "state") == values.get("state", "Ready")


def test_what_was_just_made_is_not_evicted(small: House) -> None:
    fresh = script(small, 11, NOW - 60)
    spool.evict(small.services)
    assert small.value(fresh, "state") == "Ready"


def test_a_folder_that_a_job_works_in_is_not_evicted(lite_house: House, tmp_path: Path) -> None:
    house = House(lite_house.engine, tmp_path, spool_bytes=10 * KB)
    busy = script(house, 11)
    with (house.folder(busy) / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        spool.evict(house.services)
    assert house.value(busy, "state") == "Ready"


def test_what_a_failed_delivery_left_goes_and_it_stays_failed(small: House) -> None:
    failed = script(small, 11, state="Failed")
    spool.evict(small.services)
    assert small.inside(failed) == {"manifest.jsonl"}
    assert small.value(failed, "state") == "Failed"


def test_room_for_something_new_is_made_at_once(small: House) -> None:
    old = script(small, 8)
    spool.room(small.services, 5 * KB)
    assert small.value(old, "state") == "Expired"


def test_something_too_large_is_refused_with_what_is_free(small: House) -> None:
    script(small, 4, state=None)
    with pytest.raises(UserError) as caught:
        spool.room(small.services, 8 * KB)
    assert caught.value.status == 507
    assert caught.value.sentence == "This download needs 8.0 kB on this server, and 5.9 kB are free."


def test_a_refusal_removes_nothing(small: House) -> None:
    old = script(small, 4)
    with pytest.raises(UserError):
        spool.room(small.services, 11 * KB)
    assert small.value(old, "state") == "Ready"


def test_folders_that_no_delivery_has_are_removed_after_a_day(small: House) -> None:
    kept = script(small, 1)
    left = small.settings.spool / "deliveries" / "nobodys"
    young = small.settings.spool / "deliveries" / "just-made"
    half = inventory(small, 1, NOW - 2 * DAY, ".digest.x1")
    for folder, used_at in ((left, NOW - 2 * DAY), (young, NOW - 60)):
        folder.mkdir()
        small.last_used(folder, used_at)
    spool.evict(small.services)
    assert [each.exists() for each in (left, half, young, small.folder(kept))] == [False, False, True, True]


def test_a_mark_is_not_written_for_every_range_of_a_download(lite_house: House, at: Callable[[int], None]) -> None:
    folder = lite_house.folder(lite_house.delivery())
    spool.used(folder)
    at(NOW + 30)
    spool.used(folder)
    assert (folder / spool.MARKER).stat().st_mtime == NOW


def test_a_folder_that_is_gone_is_no_error_to_mark(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool.used(tmp_path / "gone")
    assert caplog.messages == ["The time of use of gone could not be noted."]


def test_a_link_in_the_spool_is_removed_and_not_followed(small: House, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("stays")
    evicted = script(small, 11)
    (small.folder(evicted) / "link").symlink_to(outside)
    os.utime(small.folder(evicted) / "link", (NOW - DAY, NOW - DAY), follow_symlinks=False)
    spool.evict(small.services)
    assert small.inside(evicted) == {"manifest.jsonl"}
    assert (outside / "precious").exists()
