"""Bundles by curl from the real server: cut off, resumed, fetched in pieces, and their files changed meanwhile."""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import time
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.fixtures.up import ROOT, SECONDS, Up, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGE = 40_000_000  # more than what two sockets hold, so that a slow reader leaves most of it unread
ENDED_EARLY = {18, 56}  # curl: fewer bytes than promised, or the connection was cut
SLOW = ("--limit-rate", "8M")
DAMAGES: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "truncated": lambda file: os.truncate(file, 1000),
    "grown": lambda file: os.truncate(file, LARGE + 1),
    "touched": lambda file: os.utime(file, (0, 0)),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
}
AFEW = [each if each in {"deleted", "touched"} else pytest.param(each, marks=pytest.mark.long) for each in DAMAGES]
OBSERVATIONS = (
    "calm",
    "again",
    *(f"{when}_{name.replace(' ', '_')}" for name in DAMAGES for when in ("early", "late")),
)


@dataclass
class Archive:
    """A server, and the files behind it: of each observation a small one, a large one, a small one."""

    url: str
    store: Path
    visitors: ExitStack

    def file(self, obs: str, name: str) -> Path:
        return self.store / "HST" / f"{obs}_{name}.fits"

    def ask(self, obs: str, form: str = "zip") -> Delivery:
        """Ask for everything of an observation; its delivery when it is over."""
        client = self.visitors.enter_context(httpx.Client(base_url=self.url, timeout=SECONDS))
        client.post("/basket/add", data={"obs": obs})
        base = client.get("/basket").headers["Location"].partition("?")[0]
        client.post(f"{base}/selection", data={"set": "matching", "back": "mrp=0"})
        answer = client.post(f"{base}/deliveries", data={"as": f"bundle/{form}", "back": "mrp=0"})
        assert answer.status_code == 303, answer.text
        made = Delivery(client, answer.headers["Location"])
        made.wait()
        return made


@dataclass
class Delivery:
    """A delivery's page as its owner sees it."""

    client: httpx.Client
    path: str

    @property
    def page(self) -> str:
        return self.client.get(self.path).text

    @property
    def state(self) -> str:
        found = re.search('data-state="([^"]*)"', self.page)
        assert found
        return found[1]

    def wait(self) -> None:
        wait_until(lambda: 'data-final="1"' in self.page)

    def again(self) -> None:
        assert self.client.post(f"{self.path}/retry").status_code == 303
        self.wait()

    @property
    def address(self) -> str:
        """Of its one bundle."""
        (link,) = re.findall('href="([^"]*)" download', self.page)
        return f"{self.client.base_url}{link}"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("streams")
    store, home, dice = folder / "store", folder / "home", random.Random(1)  # noqa: S311 - bytes that do not compress
    (store / "HST").mkdir(parents=True)
    rows = ["obs_id,dataURI,productFilename,size"]
    for obs in OBSERVATIONS:
        for name, size in (("a", 300_000), ("b", 1_000_000 if "early" in obs else LARGE), ("c", 300_001)):
            file = store / "HST" / f"{obs}_{name}.fits"
            file.write_bytes(dice.randbytes(min(size, 1_000_000)))
            os.truncate(file, size)
            rows.append(f"{obs},mast:HST/{file.name},{file.name},{size}")
    (folder / "table.csv").write_text("\n".join(rows))
    settings = {"SKYBASKET_HOME": str(home), "SKYBASKET_STORES": f"mast:={store.as_uri()}"}
    command = [sys.executable, "-m", "webapp.cli", "ingest", "table", str(folder / "table.csv")]
    subprocess.run(command, cwd=ROOT, env=os.environ | settings, check=True, timeout=SECONDS)
    port = free_port()
    with Up(home, port, SKYBASKET_STORES=settings["SKYBASKET_STORES"]) as up, ExitStack() as visitors:
        up.ready()
        yield Archive(f"http://127.0.0.1:{port}", store, visitors)


@pytest.fixture(scope="module", params=["zip", pytest.param("tar", marks=pytest.mark.long)])
def calm(archive: Archive, request: pytest.FixtureRequest) -> Delivery:
    """A bundle whose files nobody touches."""
    return archive.ask("calm", request.param)


def curl(*arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["curl", "-s", "--max-time", str(SECONDS), *map(str, arguments)])


def fetch(*arguments: str | Path) -> int:
    """curl's exit code."""
    return curl(*arguments).wait(SECONDS)


def sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def wait_for(file: Path, least: int) -> None:
    """Until a download has brought so many bytes."""
    deadline = time.monotonic() + SECONDS
    while size(file) < least:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_interrupted_and_resumed_it_is_what_it_is_undisturbed(calm: Delivery, tmp_path: Path) -> None:
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    assert fetch("-f", "-o", whole, calm.address) == 0
    for _ in range(3):
        interrupted = curl("-f", *SLOW, "-C", "-", "-o", resumed, calm.address)
        wait_for(resumed, size(resumed) + 1)
        interrupted.kill()
        interrupted.wait()
    assert 0 < size(resumed) < size(whole)
    assert fetch("-f", "-C", "-", "-o", resumed, calm.address) == 0
    assert sha256(resumed) == sha256(whole)


def test_sixteen_ranges_at_once_joined_are_the_whole(calm: Delivery, tmp_path: Path) -> None:
    whole, joined = tmp_path / "whole", tmp_path / "joined"
    assert fetch("-f", "-o", whole, calm.address) == 0
    step = size(whole) // 16 + 1
    running = [
        curl("-f", "-r", f"{at}-{at + step - 1}", "-o", tmp_path / f"{n:02}", calm.address)
        for n, at in enumerate(range(0, size(whole), step))
    ]
    assert [each.wait(SECONDS) for each in running] == [0] * 16
    with joined.open("wb") as out:
        for part in sorted(tmp_path.glob("[0-9]*")):
            out.write(part.read_bytes())
    assert sha256(joined) == sha256(whole)


def test_head_says_what_get_sends(calm: Delivery, tmp_path: Path) -> None:
    headers, body = tmp_path / "headers", tmp_path / "body"
    assert fetch("-f", "-I", "-o", headers, calm.address) == 0
    assert fetch("-f", "-o", body, calm.address) == 0
    said = headers.read_text().lower()
    assert f"content-length: {size(body)}\n" in said.replace("\r", "")
    assert "accept-ranges: bytes" in said


@pytest.mark.parametrize("damage", AFEW)
def test_a_file_that_changes_while_it_is_sent_cuts_the_bundle_off(
    archive: Archive, damage: str, tmp_path: Path
) -> None:
    obs, got = f"late_{damage.replace(' ', '_')}", tmp_path / "bundle.zip"
    large, kept = archive.file(obs, "b"), tmp_path / "kept"
    shutil.copy2(large, kept)
    delivery = archive.ask(obs)
    address = delivery.address
    running = curl("-f", *SLOW, "-o", got, address)
    wait_for(got, 1_000_000)

    DAMAGES[damage](large)

    assert running.wait(SECONDS) in ENDED_EARLY
    assert delivery.state == "Finished with problems"
    assert f"{large.name} is not as it was" in delivery.page
    refused = httpx.get(address, headers={"Range": "bytes=-100"})
    assert (refused.status_code, large.name in refused.text) == (410, True)

    if not large.is_file():
        shutil.rmtree(large, ignore_errors=True)
        shutil.copy2(kept, large)
    delivery.again()
    assert fetch("-f", "-o", got, delivery.address) == 0
    assert contents(got) == {file.name: sha256(file) for file in map(archive.file, [obs] * 3, "abc")}


@pytest.mark.parametrize("damage", AFEW)
def test_a_file_that_changed_before_it_is_sent_cuts_the_bundle_off(
    archive: Archive, damage: str, tmp_path: Path
) -> None:
    obs = f"early_{damage.replace(' ', '_')}"
    file = archive.file(obs, "c")
    delivery = archive.ask(obs)
    address = delivery.address

    DAMAGES[damage](file)

    assert fetch("-f", "-o", tmp_path / "bundle.zip", address) in ENDED_EARLY
    assert delivery.state == "Finished with problems"
    assert f"{file.name} is not as it was" in delivery.page


def test_the_old_tag_does_not_resume_what_was_made_again(archive: Archive, tmp_path: Path) -> None:
    delivery, got = archive.ask("again"), tmp_path / "bundle.zip"
    tag = httpx.head(delivery.address).headers["ETag"]
    archive.file("again", "a").write_bytes(b"anew")
    fetch("-o", tmp_path / "nothing", delivery.address)
    delivery.again()
    assert fetch("-f", "-r", "1000-", "-H", f"If-Range: {tag}", "-o", got, delivery.address) == 0
    assert contents(got)["again_a.fits"] == hashlib.sha256(b"anew").hexdigest()


def contents(bundle: Path) -> dict[str, str]:
    """SHA-256 of each file in a zip, its papers left out."""
    found = {}
    with zipfile.ZipFile(bundle) as content:
        for name in content.namelist():
            if name.endswith(".fits"):
                with content.open(name) as file:
                    found[name.rpartition("/")[2]] = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type] - reads in binary
    return found
