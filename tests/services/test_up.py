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
from typing import TYPE_CHECKING

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


@pytest.fixture
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
def lasting(tmp_path_factory: pytest.TempPathFactory, small_catalogue: Path) -> Iterator[Up]:
    """One for tests that leave it as it is."""
    home = Path(shutil.copytree(small_catalogue, tmp_path_factory.mktemp("lasting") / "home"))
    with Up(home, free_port()) as up:
        yield up.ready()


def test_it_serves_pages_at_the_address_that_it_prints(lasting: Up) -> None:
    assert httpx.get(f"http://127.0.0.1:{lasting.port}/healthz", timeout=SECONDS).text == "ok\n"


def test_ctrl_c_ends_every_process(start: Callable[..., Up]) -> None:
    up = start().ready()
    assert len({name.partition(":")[0] for name in up.family()}) == 5  # up, valkey, gunicorn, workers, clock
    os.killpg(up.process.pid, signal.SIGINT)  # as a terminal does it: the whole foreground group
    assert up.end().endswith("Stopping.\n")
    assert up.process.returncode == 0
    assert not up.family()


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


def test_a_killed_supervisor_leaves_no_process(start: Callable[..., Up]) -> None:
    up = start().ready()
    up.process.kill()
    up.wait_until_gone()


def test_a_taken_port_is_a_sentence_that_names_a_free_one(start: Callable[..., Up], port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        up = start()
        said = up.end()
    assert re.fullmatch(
        rf"Port {port} on 127\.0\.0\.1 is taken by another program\. Set SKYBASKET_BIND=127\.0\.0\.1:\d+\.\n", said
    )
    assert up.process.returncode == 2


def test_a_second_one_from_the_same_home_is_refused_by_a_sentence(start: Callable[..., Up], lasting: Up) -> None:
    second = start(lasting.home)
    assert second.end().startswith(f"Skybasket already runs from {lasting.home} (process {lasting.process.pid}).")
    assert second.process.returncode == 2


def test_a_home_too_deep_for_a_socket_works(
    start: Callable[..., Up], small_catalogue: Path, tmp_path: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    deep = Path(shutil.copytree(small_catalogue, tmp_path / ("d" * 120)))
    start(deep, TMPDIR=str(short)).ready()
    with Redis.from_url(embedded_url(deep)) as redis:
        assert redis.ping()


def test_what_was_queued_outlives_a_restart(start: Callable[..., Up], home: Path) -> None:
    up = start().ready()
    with Redis.from_url(embedded_url(home)) as redis:
        redis.set("kept", "1")
    up.process.terminate()
    up.end()
    start().ready()
    with Redis.from_url(embedded_url(home)) as redis:
        assert redis.get("kept") == b"1"


def test_a_redis_of_your_own_is_used_instead_of_the_embedded_one(start: Callable[..., Up], valkey: Valkey) -> None:
    up = start(SKYBASKET_REDIS_URL=valkey.url).ready()
    assert not [name for name in up.family() if "valkey" in name]
