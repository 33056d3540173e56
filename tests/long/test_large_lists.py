"""A basket of 100,000 files, listed to its end: neither the command nor the server holds more than a page of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from skybasket_client import Skybasket
from tests.fixtures.up import ROOT, SECONDS, Up, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.long

MB = 1_000_000
MANY, FEW = 100_000, 2_000
COMMAND_GROWS, SERVER_GROWS = 20 * MB, 40 * MB  # all the files are 40 MB of JSON, a page 0.4 MB


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A server over observations of many files and of few."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "store").mkdir()
    with (folder / "table.csv").open("w") as table:
        table.write("obs_id,dataURI,productFilename,size,obs_collection\n")
        for obs, count in (("many", MANY), ("few", FEW)):
            for n in range(count):
                name = f"{obs}_{n:06}_i2d.fits"
                (folder / "store" / name).write_bytes(b"x")
                table.write(f"{obs},mast:{name},{name},1,JWST\n")
    command = [sys.executable, "-m", "webapp.cli", "ingest", "table", str(folder / "table.csv")]
    home = folder / "home"
    subprocess.run(command, cwd=ROOT, env=os.environ | {"SKYBASKET_HOME": str(home)}, check=True, timeout=300)
    with Up(home, free_port(), SKYBASKET_STORES=f"mast:={(folder / 'store').as_uri()}") as made:
        yield made.ready()


@pytest.fixture
def sky(up: Up) -> Iterator[Skybasket]:
    with Skybasket(f"http://127.0.0.1:{up.port}", token="") as made:
        yield made


def memory(up: Up) -> int:
    """Bytes that the web server's processes hold."""
    return sum(process.memory_info().rss for name, process in up.family().items() if "gunicorn" in name)


# A process counts as having held what the one that started it holds, so that one has to be small.
MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(held * (1 if sys.platform == "darwin" else 1024), file=sys.stderr)
sys.exit(code)
"""


def listed(sky: Skybasket, obs: str, folder: Path) -> tuple[int, int]:
    """The lines that ``basket files`` prints for an observation, and the most bytes that the command held."""
    basket = sky.new_basket([obs]).id
    command = [sys.executable, "-m", "webapp.cli", "basket", "files", "--all", "--json", "--basket", basket]
    out = folder / f"{obs}.jsonl"
    with out.open("wb") as lines:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", MEASURED, *command],
            cwd=ROOT,
            env=os.environ | {"SKYBASKET_SERVER": sky.server, "HOME": str(folder)},
            stdout=lines,
            stderr=subprocess.PIPE,
            check=True,
            timeout=SECONDS * 4,
        )
    with out.open("rb") as lines:
        return sum(1 for _ in lines), int(done.stderr)


def test_the_command_holds_no_more_for_many_files_than_for_few(sky: Skybasket, tmp_path: Path) -> None:
    few, held_for_few = listed(sky, "few", tmp_path)
    many, held_for_many = listed(sky, "many", tmp_path)
    assert (few, many) == (FEW, MANY)
    assert held_for_many - held_for_few < COMMAND_GROWS


def test_the_server_holds_no_more_after_all_pages_than_after_the_first(up: Up, sky: Skybasket) -> None:
    basket = sky.new_basket(["many"])
    files = basket.files(mrp=0)
    next(files)
    before = most = memory(up)
    count = 1
    for count, _ in enumerate(files, 2):
        if count % 5_000 == 0:
            most = max(most, memory(up))
    assert count == MANY
    assert most - before < SERVER_GROWS


def test_the_list_of_a_delivery_of_all_has_all(sky: Skybasket, tmp_path: Path) -> None:
    basket = sky.new_basket(["many"])
    assert basket.select("mrp=0")["selected"]["files"] == MANY
    (file,) = basket.deliver("list", "jsonl").wait(SECONDS * 4).download(tmp_path)
    with file.open("rb") as lines:
        assert sum(1 for _ in lines) == MANY
