from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.holdings import NOW
from tests.fixtures.house import DAY, OWNER
from webapp.errors import UserError
from webapp.expiry import expire, extend

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.house import House


def refusal(house: House, delivery: str, owner: str | None = OWNER) -> UserError:
    with pytest.raises(UserError) as caught:
        extend(house.services, delivery, owner)
    return caught.value


def test_staged_files_are_removed_when_their_time_is_over(house: House) -> None:
    batch = house.batch(expires_at=NOW)
    expire(house.services)
    assert not house.stage(batch).exists()
    assert house.value(batch, "state") == "Expired"


def test_an_expired_delivery_keeps_its_list_of_files_so_that_it_can_be_made_again(house: House) -> None:
    batch = house.batch(expires_at=NOW)
    expire(house.services)
    assert house.inside(batch) == {"manifest.jsonl"}
    assert house.value(batch, "sentence") == "Its files were kept until 2027-01-15 08:00 UTC. You can make it again."


def test_an_expired_delivery_takes_no_room_any_more(house: House) -> None:
    batch = house.batch(expires_at=NOW)
    expire(house.services)
    assert house.value(batch, "staged_bytes") == 0


def test_staged_files_stay_to_their_last_second(house: House) -> None:
    batch = house.batch(expires_at=NOW + 1)
    expire(house.services)
    assert (house.stage(batch) / "HST" / "a.fits").read_bytes() == b"stars"
    assert house.value(batch, "state") == "Ready"


def test_a_run_that_was_cut_off_after_the_row_changed_is_finished_by_the_next(lite_house: House) -> None:
    batch = lite_house.batch(state="Expired", expires_at=NOW - DAY)
    expire(lite_house.services)
    assert not lite_house.stage(batch).exists()
    assert lite_house.value(batch, "staged_bytes") == 0


def test_what_a_failed_batch_left_is_removed_after_a_day(lite_house: House) -> None:
    old = lite_house.batch(state="Failed", expires_at=None, finished_at=NOW - DAY - 1)
    new = lite_house.batch(state="Cancelled", expires_at=None, finished_at=NOW - 60)
    expire(lite_house.services)
    assert [lite_house.stage(old).exists(), lite_house.stage(new).exists()] == [False, True]
    assert lite_house.value(old, "state") == "Failed"


def test_a_batch_that_a_job_works_on_is_left_alone(lite_house: House) -> None:
    batch = lite_house.batch(state="Failed", expires_at=None, finished_at=NOW - 2 * DAY)
    with (lite_house.folder(batch) / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        expire(lite_house.services)
    assert lite_house.stage(batch).exists()


def test_its_owner_can_extend_a_delivery_by_a_week(house: House, at: Callable[[int], None]) -> None:
    batch = house.batch(expires_at=NOW + DAY)
    assert extend(house.services, batch, OWNER) == NOW + 8 * DAY
    at(NOW + 7 * DAY)
    expire(house.services)
    assert house.stage(batch).exists()


def test_a_delivery_can_be_extended_once(house: House) -> None:
    batch = house.batch()
    extend(house.services, batch, OWNER)
    found = refusal(house, batch)
    assert found.status == 409
    assert found.sentence == "This delivery was extended once already; its files are kept until 2027-01-28 08:00 UTC."


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"state": "Expired"}, "This delivery has expired, so it cannot be extended."),
        ({"expires_at": NOW}, "This delivery has expired, so it cannot be extended."),
        (
            {"state": None, "expires_at": None},
            "There are no staged files of this delivery that could be kept for longer.",
        ),
        ({"state": "Failed"}, "There are no staged files of this delivery that could be kept for longer."),
    ],
)
def test_nothing_else_can_be_extended(lite_house: House, values: dict[str, Any], sentence: str) -> None:
    found = refusal(lite_house, lite_house.batch(**values))
    assert (found.status, found.sentence) == (409, sentence)


@pytest.mark.parametrize("other", ["somebody-else", None])
def test_only_its_owner_can_extend_a_delivery(lite_house: House, other: str | None) -> None:
    assert refusal(lite_house, lite_house.batch(), other).status == 403


def test_a_delivery_that_is_not_there_cannot_be_extended(lite_house: House) -> None:
    assert refusal(lite_house, "nothing").status == 404
