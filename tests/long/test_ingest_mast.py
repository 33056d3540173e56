"""``skybasket ingest mast`` interrupted, kept waiting and answered wrongly; and what it asks of MAST for very much."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.tables import ask_one, everything
from webapp.db import engine_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.replay_mast import Replay

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
PRODUCTS = "Mast.Caom.Products"
NEAR = ("--coordinates", "23.1 60.65", "--radius", "0.2d")  # 19 observations without files
MANY = ("--criteria", "proposal_id=5", "--yes")
SECONDS = 240


class Home:
    """A home of Skybasket, and its command as users run it."""

    def __init__(self, home: Path, replay: Replay) -> None:
        self.home, self._replay = home, replay
        self._env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SKYBASKET_HOME": str(home)}
        self.engine = engine_for(f"sqlite:///{home / 'skybasket.db'}")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        common = ["ingest", "mast", "--server", self._replay.url, "--pause", "0"]
        return subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", *common, *arguments],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=SECONDS)
        return process.returncode, out, err


@pytest.fixture
def home(tmp_path: Path, replay: Replay) -> Home:
    return Home(tmp_path / "home", replay)


def fill(replay: Replay, count: int, files: int) -> None:
    """A programme of so many observations with so many files each."""
    about, product = replay.observations[0], replay.products[0]
    replay.observations = [
        about | {"obsid": 10**6 + n, "obs_id": f"obs{n}", "proposal_id": "5", "dataRights": "PUBLIC"}
        for n in range(count)
    ]
    replay.products = [
        product
        | {"obsID": str(10**6 + n), "parent_obsid": str(10**6 + n), "obs_id": f"obs{n}", "dataRights": "PUBLIC"}
        | {"dataURI": f"mast:HST/product/obs{n}_{k}_raw.fits", "productFilename": f"obs{n}_{k}_raw.fits"}
        for n in range(count)
        for k in range(files)
    ]


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_what_was_stopped_goes_on_where_it_was(home: Home, replay: Replay, how: signal.Signals, tmp_path: Path) -> None:
    fill(replay, 60, 5)
    replay.bad["1000030"] = "silent"
    process = home.start(*MANY)
    wait_until(lambda: "1000030" in replay.numbers_asked())
    process.send_signal(how)
    said = process.communicate(timeout=SECONDS)[1]
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert said.endswith("The same command goes on there.\n")
    came = replay.questions(PRODUCTS)[:-1]
    assert came
    replay.bad.clear()
    replay.asked.clear()
    assert home.run(*MANY)[0] == 0
    assert not set(replay.numbers_asked()) & {n for each in came for n in each.params["obsid"].split(",")}
    at_once = Home(tmp_path / "other", replay)
    assert at_once.run(*MANY)[0] == 0
    assert everything(home.engine) | {"version": []} == everything(at_once.engine) | {"version": []}


def test_a_torn_journal_means_only_that_more_is_asked_for(home: Home, replay: Replay) -> None:
    fill(replay, 60, 2)
    assert home.run(*MANY)[0] == 0
    (journal,) = (home.home / "mast").iterdir()
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"\xff\xfe{]\n" + b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2])
    replay.asked.clear()
    code, out, _ = home.run(*MANY)
    assert (code, "0 new, 0 updated" in out) == (0, True)
    assert 0 < len(replay.numbers_asked()) < 60


@pytest.mark.parametrize("fault", ["EXECUTING", "silent", "drip"])
def test_an_answer_that_never_ends_is_given_up(home: Home, replay: Replay, fault: str) -> None:
    replay.only, replay.always = {PRODUCTS}, fault
    code, out, err = home.run("--obs", "U9O40504M", "--timeout", "1")
    assert (code, out.split(";")[0]) == (1, "127.0.0.1: 0 observations")
    assert "Left out: U9O40504M: 127.0.0.1 did not finish its answer within 1 seconds." in err.splitlines()


def test_a_count_that_never_comes_ends_in_a_sentence(home: Home, replay: Replay) -> None:
    replay.always = "EXECUTING"
    code, out, err = home.run(*NEAR, "--timeout", "1")
    assert (code, out, err) == (2, "", "127.0.0.1 did not finish its answer within 1 seconds.\n")


def test_what_is_too_much_at_once_is_asked_for_in_halves(home: Home, replay: Replay) -> None:
    fill(replay, 16, 3)
    replay.only, replay.faults = {PRODUCTS}, ["413", "ERROR"]
    code, out, _ = home.run(*MANY)
    assert (code, out.split(",")[0]) == (0, "127.0.0.1: 16 observations; 48 new")
    sizes = [len(each.params["obsid"].split(",")) for each in replay.questions(PRODUCTS)]
    assert sizes[:4] == [8, 4, 2, 2]


def test_where_nothing_comes_it_is_not_asked_for_everything(home: Home, replay: Replay) -> None:
    fill(replay, 300, 1)
    replay.only, replay.always = {PRODUCTS}, "ERROR"
    code, _, err = home.run(*MANY)
    assert code == 2
    assert "The first 10 observations all failed." in err
    assert len(replay.questions(PRODUCTS)) < 30


def test_a_server_that_asks_for_too_much_patience_is_not_waited_for(home: Home, replay: Replay) -> None:
    replay.always = "503 86400"
    code, _, err = home.run(*NEAR)
    assert (code, len(replay.asked)) == (2, 1)
    assert "is busy (status 503). It asks to come back in 86,400 seconds." in err


def test_requests_keep_the_pause(home: Home, replay: Replay) -> None:
    fill(replay, 20, 1)
    assert home.run(*MANY, "--pause", "0.3")[0] == 0
    assert all(later.at - sooner.at >= 0.3 for sooner, later in pairwise(replay.asked))


def test_many_observations_need_few_requests(home: Home, replay: Replay) -> None:
    fill(replay, 3_000, 3)
    code, out, _ = home.run(*MANY)
    assert (code, out.split(" new")[0]) == (0, "127.0.0.1: 3,000 observations; 9,000")
    assert len(replay.questions(PRODUCTS)) < 15
    assert ask_one(home.engine, "SELECT count(*) FROM product") == 9_000


def test_observations_with_very_many_files_are_asked_for_a_few_at_a_time(home: Home, replay: Replay) -> None:
    fill(replay, 24, 10_000)
    replay.page_rows = 50_000
    assert home.run(*MANY)[0] == 0
    asked = [len(each.params["obsid"].split(",")) for each in replay.questions(PRODUCTS) if each.page == 1]
    assert asked == [8, 4, 4, 4, 4]


def test_two_at_once_make_one_catalogue(home: Home, replay: Replay) -> None:
    fill(replay, 60, 5)
    assert home.run("--criteria", "obs_id=obs0")[0] == 0
    both = [home.start(*MANY) for _ in range(2)]
    said = [each.communicate(timeout=SECONDS) for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert ask_one(home.engine, "SELECT count(*) FROM product") == 300
