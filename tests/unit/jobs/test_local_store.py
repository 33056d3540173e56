"""What only files on a disk can do. The rest is in tests/contracts/test_stores.py."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from jobs.errors import ChangedFile, MissingFile, StoreError
from jobs.storage import Store, open_store
from jobs.storage.local import REMEMBERED_FOLDERS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "x.fits").write_text("x")
    return folder


@pytest.fixture
def store(folder: Path) -> Store:
    return open_store(str(folder))


@pytest.mark.parametrize("target", ["../secret", "/etc/passwd", "../archive/../secret"])
def test_a_link_that_leads_out_is_refused(folder: Path, store: Store, target: str) -> None:
    (folder / "link").symlink_to(target)
    with pytest.raises(StoreError, match="leads outside"):
        store.stat("link")
    with pytest.raises(StoreError, match="leads outside"):
        list(store.read("link", 0, 1))
    with pytest.raises(StoreError, match="leads outside"):
        store.local_path("link")


def test_a_folder_link_that_leads_out_is_refused(folder: Path, store: Store, tmp_path: Path) -> None:
    (folder / "up").symlink_to(tmp_path)
    with pytest.raises(StoreError, match="leads outside"):
        store.stat("up/secret")


def test_a_link_that_stays_inside_is_followed(folder: Path, store: Store) -> None:
    (folder / "link").symlink_to("x.fits")
    assert b"".join(store.read("link", 0, 1)) == b"x"


def test_a_store_may_itself_be_reached_by_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(folder)
    store = open_store(str(tmp_path / "current"))
    assert store.stat("x.fits").size == 1
    assert store.local_path("x.fits") == folder / "x.fits"


def test_the_link_that_is_a_store_may_be_changed(folder: Path, tmp_path: Path) -> None:
    current, newer = tmp_path / "current", tmp_path / "newer"
    current.symlink_to(folder)
    store = open_store(str(current))
    newer.mkdir()
    (newer / "y.fits").write_text("yy")
    current.unlink()
    current.symlink_to(newer)
    assert store.stat("y.fits").size == 2
    with pytest.raises(MissingFile):
        store.stat("x.fits")


def test_a_folder_that_has_been_read_may_move(folder: Path, store: Store) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "x").write_text("old")
    assert store.fetch("a/x", 0, 3) == b"old"
    (folder / "a").rename(folder / "b")
    (folder / "a").symlink_to("b")
    assert store.fetch("a/x", 0, 3) == b"old"
    (folder / "b" / "x").unlink()
    with pytest.raises(MissingFile):
        store.fetch("a/x", 0, 3)


def test_a_file_of_a_folder_that_has_been_read_may_become_a_link_that_leads_out(folder: Path, store: Store) -> None:
    assert store.fetch("x.fits", 0, 1) == b"x"
    (folder / "x.fits").unlink()
    (folder / "x.fits").symlink_to("../secret")
    for ask in (
        lambda: store.fetch("x.fits", 0, 1),
        lambda: store.stat("x.fits"),
        lambda: list(store.read("x.fits", 0, 1)),
    ):
        with pytest.raises(StoreError, match="leads outside"):
            ask()


def test_many_folders_are_not_all_remembered(store: Store) -> None:
    for n in range(REMEMBERED_FOLDERS + 10):
        with pytest.raises(MissingFile):
            store.stat(f"{n}/x")
    assert store.stat("x.fits").size == 1
    assert len(store._folders) <= REMEMBERED_FOLDERS  # type: ignore[attr-defined]  # of the local kind


def test_links_in_a_circle_are_a_sentence(folder: Path, store: Store) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    with pytest.raises(StoreError):
        store.stat("a")


def test_a_pipe_is_refused_at_once(folder: Path, store: Store) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(StoreError, match="not a regular file"):
        list(store.read("pipe", 0, 1))


def test_a_device_is_refused(folder: Path) -> None:
    with pytest.raises(StoreError, match="not a regular file"):
        open_store("/dev").stat("null")
    assert folder.is_dir()


def test_a_folder_that_is_not_mounted_has_no_files_and_may_come_back(tmp_path: Path) -> None:
    store = open_store((tmp_path / "later").as_uri())
    with pytest.raises(MissingFile):
        store.stat("x")
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "x").touch()
    assert store.stat("x").size == 0


def test_closing_a_reader_closes_its_file(store: Store, folder: Path) -> None:
    (folder / "big").write_bytes(bytes(1_000_000))
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - counting, not naming
    pieces = store.read("big", 0, 1_000_000)
    next(pieces)
    pieces.close()
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208 - as above


@pytest.mark.parametrize("url", ["file://other.host/archive", "file:relative", "file:", "/a\0b"])
def test_a_url_that_names_no_folder_of_this_machine_is_a_sentence(url: str) -> None:
    with pytest.raises(StoreError, match="needs an absolute folder"):
        open_store(url)


def test_the_folder_of_a_url_may_hold_odd_characters(tmp_path: Path) -> None:
    folder = tmp_path / "my archive %41 #1"
    folder.mkdir()
    (folder / "x").touch()
    assert open_store(folder.as_uri()).stat("x").size == 0
    assert open_store(str(folder)).stat("x").size == 0


def test_another_file_of_the_same_time_is_told_by_its_size(folder: Path, store: Store) -> None:
    time = (folder / "x.fits").stat().st_mtime_ns
    before = store.stat("x.fits")
    (folder / "x.fits").write_text("yz")
    os.utime(folder / "x.fits", ns=(time, time))
    with pytest.raises(ChangedFile, match="has changed"):
        store.fetch("x.fits", 0, 1, before.version)
