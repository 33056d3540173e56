"""A front to MAST as docs/mast-frontend.md builds it: from nothing to the bytes, for what is exclusive too."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.fixtures.mast_rows import content
from tests.fixtures.people import PASSWORD
from tests.fixtures.replay_mast import FILE, TOKEN, Replay
from tests.fixtures.tables import DATA, ask, everything
from tests.fixtures.up import Up, free_port
from webapp.db import engine_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
L3 = "mast:JWST/product/jw04426-o001_t001_nirspec_g235m-f170lp"
LIES, UNSIZED = f"{L3}_s3d.fits", f"{L3}_x1d.fits"
SECRET = "mast:JWST/product/jw01180135001_0310j_00003_nrs2_x1d.fits"  # noqa: S105 - a file
SECONDS = 90


class Laptop:
    """One person's Skybasket: its commands, and its server."""

    def __init__(self, folder: Path, mast: str) -> None:
        self.folder, self.mast, self.port = folder, mast, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir()
        self._env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}
        self._env |= {"SKYBASKET_HOME": str(folder / "var"), "SKYBASKET_SERVER": self.url}

    @property
    def engine(self) -> Engine:
        return engine_for(f"sqlite:///{self.folder / 'var' / 'skybasket.db'}")

    def run(self, *arguments: str, words: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "webapp.cli", *arguments],
            cwd=self.folder,
            env=self._env,
            capture_output=True,
            input=words,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def ingest(self, programme: str) -> None:
        done = self.run("ingest", "mast", "--server", self.mast, "--pause", "0", "--programme", programme)
        assert done.returncode == 0, done.stderr

    def up(self, **settings: str) -> Up:
        return Up(self.folder / "var", self.port, **settings)


@pytest.fixture
def laptop(tmp_path: Path, replay: Replay) -> Iterator[Laptop]:
    """A catalogue with a programme whose table lies of one file, and of which one file has no length."""
    next(row for row in replay.products if row["dataURI"] == LIES)["size"] = 17
    replay.unsized.add(UNSIZED)
    made = Laptop(tmp_path / "laptop", replay.url)
    made.ingest("4426")
    with made.up() as up:
        up.ready()
        yield made


def held(laptop: Laptop, folder: Path) -> dict[str, bytes]:
    """What is in a folder, by URI."""
    uris = {uri.rpartition("/")[2]: uri for (uri,) in ask(laptop.engine, "SELECT uri FROM product")}
    return {uris[file.name]: file.read_bytes() for file in folder.rglob("*") if file.name in uris}


def choose(laptop: Laptop) -> None:
    assert laptop.run("basket", "new", "--match", "mission=JWST&proposal=4426").returncode == 0
    assert laptop.run("basket", "select", "--all").returncode == 0


def test_all_files_of_a_programme_come_through_the_command(laptop: Laptop) -> None:
    choose(laptop)
    done = laptop.run("basket", "download", "here")
    files = held(laptop, laptop.folder / "here")
    assert len(files) == 23, done.stderr
    assert files == {uri: content(uri) for uri in files}
    with (laptop.folder / "here" / "receipt.csv").open(encoding="utf-8") as file:
        assert {row["result"] for row in csv.DictReader(file)} <= {"OK", "OK, size only"}


def test_all_files_of_a_programme_come_by_a_shell_script(laptop: Laptop) -> None:
    choose(laptop)
    assert laptop.run("basket", "download", "--as", "script/sh", "here").returncode == 1  # the table lied, it says
    (script,) = (laptop.folder / "here").glob("*.sh")
    done = subprocess.run(
        ["sh", str(script), "--dest", "data"],
        cwd=laptop.folder,
        env={"PATH": os.environ["PATH"], "HOME": str(laptop.folder)},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    files = held(laptop, laptop.folder / "data")
    assert len(files) == 23, done.stdout + done.stderr
    assert files == {uri: content(uri) for uri in files}


def test_an_exclusive_file_comes_with_ones_own_token_for_who_is_let_in(
    tmp_path: Path, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAST_API_TOKEN", raising=False)
    laptop = Laptop(tmp_path / "laptop", replay.url)
    laptop.ingest("1180")
    with laptop.up(MAST_API_TOKEN=TOKEN) as up:
        up.ready()
        assert laptop.run("user", "add", "me", words=f"{PASSWORD}\n").returncode == 0
        assert laptop.run("programme", "allow", "JWST", "1180", "me").returncode == 0
        token = laptop.run("token", "new", "me", "--for", "a notebook").stdout.split()[-1]
        address = f"{laptop.url}{FILE}?uri={SECRET}"
        assert httpx.get(address, trust_env=False).status_code == 401
        answer = httpx.get(address, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        assert (answer.status_code, answer.content) == (200, content(SECRET))


def test_another_skybasket_is_a_source_as_mast_is(laptop: Laptop, tmp_path: Path) -> None:
    second = Laptop(tmp_path / "second", laptop.url)
    second.ingest("4426")
    mine, theirs = everything(laptop.engine), everything(second.engine)
    for part in ("observations", "links"):
        assert mine[part] == theirs[part]
    # Not what is recommended: where MAST recommends nothing of an observation, Skybasket does.
    assert [row[:8] for row in mine["products"]] == [row[:8] for row in theirs["products"]]


def test_observations_without_numbers_come_from_another_skybasket_by_their_names(tmp_path: Path) -> None:
    first, second = Laptop(tmp_path / "first", ""), Laptop(tmp_path / "second", "")
    assert first.run("ingest", "table", str(DATA / "hst_nicmos_bundle_589.csv")).returncode == 0
    with first.up() as up:
        up.ready()
        done = second.run("ingest", "mast", "--server", first.url, "--pause", "0", "--criteria", "obs_collection=H*")
    assert done.returncode == 0, done.stderr
    mine, theirs = everything(first.engine), everything(second.engine)
    assert [row[:2] for row in mine["observations"]] == [row[:2] for row in theirs["observations"]]
    assert mine["links"] == theirs["links"]
