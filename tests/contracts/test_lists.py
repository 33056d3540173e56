"""What the programs that lists are for do with them, beyond fetching: verify, go on, keep a token to themselves."""

from __future__ import annotations

import io
import subprocess
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING
from zipfile import ZipFile

import bagit
import pytest

from jobs.dialects import dialect
from jobs.items import Header, Item
from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.runners import bagit as bags
from tests.fixtures.runners import follow
from tests.fixtures.scripts import listed

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.manifest import Entry

METALINK = "{urn:ietf:params:xml:ns:metalink}"
ONCE = {"identity", "size", "copyright", "description", "language", "logo", "publisher", "version"}  # RFC 5854, 4.1.2


def saved(kind: str, folder: Path, archive: Archive, *entries: Entry, citation: str = "") -> Path:
    size = sum(entry.size or 0 for entry in entries)
    about = Header("list", 1_777_000_000, archive.url, len(entries), size, 0, link="https://x.org/", citation=citation)
    file = folder / f"list{dialect(kind).suffix}"
    with file.open("wb") as out:
        dialect(kind).write(about, listed(entries), out)
    return file


def some(archive: Archive) -> list[Entry]:
    return [archive.add(f"mast:a/{n} x.fits", bytes([n]) * 5_000) for n in range(3)]


@pytest.mark.parametrize("kind", ["aria2", "metalink"])
def test_aria2_finds_a_damaged_file_and_gets_it_again(kind: str, archive: Archive, tmp_path: Path) -> None:
    file = saved(kind, tmp_path, archive, *some(archive))
    tree = follow(file, kind)
    (tree / "a/1 x.fits").write_bytes(bytes(5_000))
    archive.requests.clear()
    follow(file, kind)
    assert (tree / "a/1 x.fits").read_bytes() == bytes([1]) * 5_000


@pytest.mark.parametrize("kind", ["aria2", "metalink"])
def test_aria2_says_that_a_file_came_wrong(kind: str, archive: Archive, tmp_path: Path) -> None:
    archive.misbehave("mast:a/1 x.fits", "corrupt", 9)
    with pytest.raises(subprocess.CalledProcessError):
        follow(saved(kind, tmp_path, archive, *some(archive)), kind)


def test_aria2_sends_a_token_only_with_exclusive_files(archive: Archive, tmp_path: Path) -> None:
    entries = [archive.add("mast:mine", b"x", exclusive=True), archive.add("mast:ours", b"y")]
    file = saved("aria2", tmp_path, archive, *entries)
    (tmp_path / "conf").write_text(f"header=Authorization: Bearer {TOKEN}\n")
    command = [*dialect("aria2").use.format(file=file.name, name="list").split(), "--conf-path=conf"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    assert {each.uri: each.authorization for each in archive.requests} == {
        "mast:mine": f"Bearer {TOKEN}",
        "mast:ours": "",
    }


def test_a_metalink_is_what_the_rfc_allows(archive: Archive, tmp_path: Path) -> None:
    entries = [*some(archive), archive.add("mast:b", b"x", path="b & 'c' [1]")._replace(size=None, sha256=None)]
    root = ET.parse(saved("metalink", tmp_path, archive, *entries, citation="a--->\x00b")).getroot()  # noqa: S314 - ours
    assert root.tag == f"{METALINK}metalink"
    assert [each.tag.removeprefix(METALINK) for each in root] == ["generator", "published", *["file"] * 4]
    for file, entry in zip(root.findall(f"{METALINK}file"), entries, strict=True):
        tags = [each.tag.removeprefix(METALINK) for each in file]
        assert file.attrib == {"name": entry.path}
        assert set(tags) <= ONCE | {"hash", "url"}
        assert not [tag for tag in ONCE if tags.count(tag) > 1]
        size, sha256 = file.findtext(f"{METALINK}size"), file.find(f"{METALINK}hash")
        assert size == (None if entry.size is None else str(entry.size))
        assert (
            sha256 is None if entry.sha256 is None else (sha256.text, sha256.get("type")) == (entry.sha256, "sha-256")
        )


@pytest.mark.parametrize(
    "command", [["sha256sum", "-c"], ["shasum", "-a", "256", "-c"], ["busybox", "sha256sum", "-c"]]
)
def test_checksums_are_read_by_every_program_for_them(command: list[str], archive: Archive, tmp_path: Path) -> None:
    entries = [*some(archive), archive.add("mast:b", b"", path="b $(x) `y` 'z' 100%")]
    file = saved("sha256", tmp_path, archive, *entries)
    for entry in entries:
        place = tmp_path / "list" / entry.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(archive.files[entry.uri])
    assert subprocess.run([*command, file], cwd=tmp_path / "list", check=False).returncode == 0
    place.write_bytes(b"x")
    assert subprocess.run([*command, file], cwd=tmp_path / "list", check=False).returncode == 1


def test_a_completed_bag_is_valid_for_the_library_of_congress(archive: Archive, tmp_path: Path) -> None:
    bag = bags.complete(saved("bagit", tmp_path, archive, *some(archive), citation="Somebody\n2026: x"))
    found = bagit.Bag(str(bag))
    found.validate()
    assert found.info == {
        "Source-Organization": "Skybasket",
        "External-Description": "list, files chosen in a download basket",
        "External-Identifier": "https://x.org/",
        "Bagging-Date": "2026-04-24",
        "Payload-Oxum": "15000.3",
        "Citation": "Somebody; 2026: x",
    }


def test_an_incomplete_bag_is_not_valid(archive: Archive, tmp_path: Path) -> None:
    bag = bags.complete(saved("bagit", tmp_path, archive, *some(archive)))
    (bag / "data/a/1 x.fits").unlink()
    with pytest.raises(bagit.BagError):
        bagit.Bag(str(bag)).validate()


def test_a_bag_of_unknown_sizes_promises_none() -> None:
    out = io.BytesIO()
    item = Item("mast:x", "x", "x", None, "ab" * 32, exclusive=False, query="uri=mast:x")
    dialect("bagit").write(Header("list", 1_777_000_000, "http://127.0.0.1:8000", 1, 0, 1), [item], out)
    with ZipFile(out) as archive:
        assert b"Payload-Oxum" not in archive.read("list/bag-info.txt")
        assert archive.read("list/fetch.txt").endswith(b"uri=mast:x - data/x\n")
