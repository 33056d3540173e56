"""``skybasket up`` as a user starts it: real processes, real ports, a small catalogue."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest
from redis import Redis

from tests.fixtures.up import ROOT, SECONDS, Up, free_port
from webapp.settings import embedded_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fixtures.valkey import Valkey


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def small_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose catalogue has one file, so that no demo archive is made."""
    folder = tmp_path_factory.mktemp("small")
    table = folder / "table.csv"
    table.write_text("obs_id,dataURI,productFilename,size\na_1,mast:HLSP/a/a_1.fits,a_1.fits,10\n")
    subprocess.run(
        [sys.executable, "-m", "webapp.cli", "ingest", "table", str(table)],
        cwd=ROOT,
        env=os.environ | {"SKYBASKET_HOME": str(folder / "home")},
        check=True,
        timeout=SECONDS,
    )
    return folder / "home"


@pytest.fixture
def home(tmp_path: Path, small_catalogue: Path) -> Path:
    return Path(shutil.copytree(small_catalogue, tmp_path / "home"))


@pytest.fixture(scope="module")
def short() -> Iterator[Path]:
    """A temporary folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="up-") as folder:
        yield Path(folder)


@pytest.fixture
def start(home: Path, port: int) -> Iterator[Callable[..., Up]]:
    """Start one; what is left of it ends with the test."""
    with ExitStack() as started:
        yield lambda where=home, **settings: started.enter_context(Up(where, port, **settings))


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, small_catalogue: Path, short: Path) -> Iterator[Up]:
    """One for tests that leave it as it is; its home is too deep for a socket."""
    home = Path(shutil.copytree(small_catalogue, tmp_path_factory.mktemp("lasting") / ("d" * 120)))
    with Up(home, free_port(), TMPDIR=str(short)) as up:
        yield up.ready()


class Stopped(NamedTuple):
    """What was seen of one that worked until Ctrl-C."""

    up: Up
    kinds: set[str]
    said: str
    left: list[str]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory, small_catalogue: Path) -> Iterator[Stopped]:
    home = Path(shutil.copytree(small_catalogue, tmp_path_factory.mktemp("stopped") / "home"))
    with Up(home, free_port()) as up:
        kinds = {name.partition(":")[0] for name in up.ready().family()}
        with Redis.from_url(embedded_url(home)) as redis:
            redis.set("kept", "1")
        os.killpg(up.process.pid, signal.SIGINT)  # as a terminal does it: the whole foreground group
        yield Stopped(up, kinds, up.end(), list(up.family()))


class Killed(NamedTuple):
    """What was seen of one whose supervisor was killed once it was ready."""

    up: Up
    kept: bytes | None


@pytest.fixture(scope="module")
def killed(stopped: Stopped) -> Iterator[Killed]:
    """From the home of the one that was stopped."""
    home = stopped.up.home
    with Up(home, free_port()) as up:
        up.ready()
        with Redis.from_url(embedded_url(home)) as redis:
            kept = redis.get("kept")
        up.process.kill()
        yield Killed(up, kept)


def test_it_serves_pages_at_the_address_that_it_prints(lasting: Up) -> None:
    assert httpx.get(f"http://127.0.0.1:{lasting.port}/healthz", timeout=SECONDS).text == "ok\n"


def test_ctrl_c_ends_every_process(stopped: Stopped) -> None:
    assert len(stopped.kinds) == 5  # up, valkey, gunicorn, workers, clock
    assert stopped.said.endswith("Stopping.\n")
    assert stopped.up.process.returncode == 0
    assert stopped.left == []


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("worker", "webapp.cli worker quick"),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in (("valkey", "valkey-server"), ("web", "gunicorn"), ("clock", "webapp.cli clock"))
        ),
    ],
)
def test_the_death_of_one_process_is_said_and_ends_all(start: Callable[..., Up], name: str, program: str) -> None:
    up = start().ready()
    up.child(program).kill()
    assert f"{name} stopped by signal SIGKILL; Skybasket is stopping." in up.end()
    assert up.process.returncode == 1
    assert not up.family()


def test_a_killed_supervisor_leaves_no_process(killed: Killed) -> None:
    killed.up.wait_until_gone()


def test_a_taken_port_is_a_sentence_that_names_a_free_one(start: Callable[..., Up], port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        up = start()
        said = up.end()
    assert re.fullmatch(
        rf"Port {port} on 127\.0\.0\.1 is taken by another program\. Set SKYBASKET_BIND=127\.0\.0\.1:\d+\.\n", said
    )
    assert up.process.returncode == 2


def test_a_second_one_from_the_same_home_is_refused_by_a_sentence(lasting: Up, port: int) -> None:
    second = Up(lasting.home, port)  # not by ``start``, which would end the first with it
    assert second.end().startswith(f"Skybasket already runs from {lasting.home} (process {lasting.process.pid}).")
    assert second.process.returncode == 2


def test_a_home_too_deep_for_a_socket_works(lasting: Up, short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    with Redis.from_url(embedded_url(lasting.home)) as redis:
        assert redis.ping()


def test_what_was_queued_outlives_a_restart(killed: Killed) -> None:
    assert killed.kept == b"1"


def test_a_redis_of_your_own_is_used_instead_of_the_embedded_one(start: Callable[..., Up], valkey: Valkey) -> None:
    up = start(SKYBASKET_REDIS_URL=valkey.url).ready()
    assert not [name for name in up.family() if "valkey" in name]
