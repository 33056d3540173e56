from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, insert

from tests.fixtures.holdings import NOW
from tests.fixtures.house import OWNER, House
from webapp.db import writing
from webapp.errors import UserError
from webapp.models import Delivery
from webapp.staging_room import claim, staged_folder

if TYPE_CHECKING:
    from pathlib import Path

ROW = {"method": "batch", "format": "files", "name": "n", "digest": "d", "files": 1, "bytes": 1, "created_at": NOW}


@pytest.fixture
def small(engine: Engine, tmp_path: Path) -> House:
    """A stage of 1,000 bytes, 600 for each user."""
    return House(engine, tmp_path, stage_bytes=1_000, stage_user_bytes=600)


def ask(house: House, wanted: int, owner: str = OWNER) -> None:
    with writing(house.engine) as session:
        claim(session, house.settings, owner, wanted)


def refusal(house: House, wanted: int, owner: str = OWNER) -> tuple[int, str]:
    with pytest.raises(UserError) as caught:
        ask(house, wanted, owner)
    return caught.value.status, caught.value.sentence


def test_exactly_the_limit_of_a_user_fits(small: House) -> None:
    small.batch(staged_bytes=200)
    ask(small, 400)


def test_one_byte_over_the_limit_of_a_user_is_refused_with_what_is_free(small: House) -> None:
    small.batch(staged_bytes=200)
    sentence = "This selection is 401 B; of the 600 B that you may have staged, 400 B are free."
    assert refusal(small, 401) == (413, sentence)


def test_a_selection_that_no_user_may_stage_is_told_so_at_once(small: House) -> None:
    assert refusal(small, 601) == (413, "This selection is 601 B; the staged files of one user may be 600 B.")


def test_a_full_stage_is_refused_with_what_is_free(small: House) -> None:
    small.batch(staged_bytes=600)
    sentence = "This selection is 500 B; of the 1.0 kB for staged files on this server, 400 B are free."
    assert refusal(small, 500, "another") == (507, sentence)


def test_what_the_disk_has_no_room_for_is_refused_with_what_is_free(engine: Engine, tmp_path: Path) -> None:
    vast = House(engine, tmp_path, stage_bytes=10**18, stage_user_bytes=10**18)
    status, sentence = refusal(vast, 10**17)
    assert status == 507
    assert sentence.startswith("This selection is 100.0 PB; of the 1,000.0 PB for staged files on this server, ")


def test_a_delivery_that_has_left_the_stage_counts_no_more(small: House) -> None:
    small.batch(staged_bytes=0, state="Expired")
    ask(small, 600)


def test_two_who_ask_at_once_do_not_share_one_room(small: House) -> None:
    together, said = threading.Barrier(2), []

    def place(number: int) -> None:
        together.wait()
        try:
            with writing(small.engine) as session:
                claim(session, small.settings, OWNER, 400)
                session.execute(insert(Delivery).values(**ROW, id=f"d{number}", owner=OWNER, staged_bytes=400))
            said.append("accepted")
        except UserError as error:
            said.append(str(error.status))

    threads = [threading.Thread(target=place, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["413", "accepted"]


def test_the_staged_folder_of_a_delivery_is_below_anonymous(lite_house: House) -> None:
    class Record:
        id = "abc"

    assert staged_folder(lite_house.settings, Record()) == lite_house.settings.stage / "anonymous" / "abc"
