from __future__ import annotations

import csv
import errno
import hashlib
import os
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from jobs import staged_bundles
from jobs.formats import formats
from jobs.receipts import JOURNAL_FILE
from jobs.results import STAGED, read_state
from jobs.tasks import stage_batch
from tests.fixtures.deliveries import NAME, Deliveries

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from jobs.results import State

HEADER = {"archive": "Skybasket", "link": "https://archive.example/d1", "citation": "Cite us."}
PAPERS = {"MANIFEST.HTML", "manifest.csv", "CITATION.txt"}
FORMATS = ["zip", "tar", "tar.gz"]


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    return tmp_path / "stage" / "anonymous" / "d1"


def run(deliveries: Deliveries, folder: Path, stage: Path, layout: str = "zip") -> State:
    (folder / "state.json").unlink(missing_ok=True)
    stores = [["mast:", deliveries.archive.as_uri()]]
    stage_batch(str(folder), str(stage), stores, {"layout": layout}, HEADER)
    state = read_state(folder)
    assert state is not None
    return state


def unpacked(bundle: Path) -> dict[str, bytes]:
    if bundle.suffix == ".zip":
        with zipfile.ZipFile(bundle) as packed:
            assert packed.testzip() is None
            return {name: packed.read(name) for name in packed.namelist()}
    with tarfile.open(bundle) as packed:
        return {each.name: packed.extractfile(each).read() for each in packed}  # type: ignore[union-attr]


def results(stage: Path) -> dict[str, str]:
    with (stage / "receipt.csv").open(newline="", encoding="utf-8") as lines:
        return {row["path"]: row["result"] for row in csv.DictReader(lines)}


def test_every_format_of_bundles_is_tested_here() -> None:
    assert set(FORMATS) == set(formats())


@pytest.mark.parametrize("layout", FORMATS)
def test_a_staged_bundle_holds_the_files_and_its_papers(deliveries: Deliveries, stage: Path, layout: str) -> None:
    entries = [deliveries.file("HST/a/ü.fits", b"a" * 700_000), deliveries.file("HST/b.fits", b"")]
    state = run(deliveries, deliveries.folder(*entries), stage, layout)
    assert (state.state, state.files, state.bytes) == ("Ready", 2, 700_000)
    content = unpacked(stage / f"{NAME}.{layout}")
    assert {path: content.pop(f"{NAME}/{path}") for path in ("HST/a/ü.fits", "HST/b.fits")} == {
        "HST/a/ü.fits": b"a" * 700_000,
        "HST/b.fits": b"",
    }
    assert set(content) == {f"{NAME}/{paper}" for paper in PAPERS}
    assert {file.name for file in stage.iterdir()} == {f"{NAME}.{layout}", "receipt.csv", "MANIFEST.HTML"}


def test_the_first_artefact_is_the_bundle(deliveries: Deliveries, stage: Path) -> None:
    first, *rest = run(deliveries, deliveries.folder(deliveries.file()), stage).artefacts
    content = (stage / f"{NAME}.zip").read_bytes()
    assert first == (f"{NAME}.zip", len(content), hashlib.sha256(content).hexdigest(), STAGED, 1)
    assert [each.name for each in rest] == ["receipt.csv", "MANIFEST.HTML"]


@pytest.mark.parametrize("layout", FORMATS)
def test_a_file_that_is_not_right_is_left_out_and_named(deliveries: Deliveries, stage: Path, layout: str) -> None:
    gone, bad, good = deliveries.file("gone"), deliveries.file("bad", sha256="0" * 64), deliveries.file("good")
    (deliveries.archive / "gone").unlink()
    state = run(deliveries, deliveries.folder(gone, bad, good), stage, layout)
    assert (state.state, state.files) == ("Finished with problems", 1)
    assert results(stage) == {"gone": "Missing", "bad": "Failed", "good": "OK"}
    content = unpacked(stage / f"{NAME}.{layout}")
    assert set(content) == {f"{NAME}/{name}" for name in {"good", *PAPERS}}
    assert b"<td>Failed</td>" in content[f"{NAME}/MANIFEST.HTML"]


def test_a_batch_of_which_no_file_can_be_read_makes_no_bundle(deliveries: Deliveries, stage: Path) -> None:
    gone = deliveries.file("gone")
    (deliveries.archive / "gone").unlink()
    state = run(deliveries, deliveries.folder(gone), stage)
    assert (state.state, [each.name for each in state.artefacts]) == ("Failed", ["receipt.csv", "MANIFEST.HTML"])


@pytest.mark.parametrize("layout", FORMATS)
def test_a_bundle_that_goes_on_is_the_same_to_the_byte(
    deliveries: Deliveries, stage: Path, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged_bundles, "MARK_BYTES", 1_000_000)
    entries = [deliveries.file(f"{n}.fits", os.urandom(400_000)) for n in range(12)]
    whole = deliveries.folder(*entries, name="whole")
    run(deliveries, whole, stage.with_name("whole"), layout)
    folder = deliveries.folder(*entries)
    with monkeypatch.context() as full:
        full.setattr(staged_bundles, "_saved", full_after(0 if layout == "tar.gz" else 3))
        assert run(deliveries, folder, stage, layout).state == "Failed"
    assert not (stage / f"{NAME}.{layout}").exists()
    with (stage / ".skybasket" / "bundle.part").open("ab") as part:
        part.write(b"what a killed run wrote after its last mark")
    assert run(deliveries, folder, stage, layout)._replace(finished_at=0) == read_state(whole)._replace(finished_at=0)  # type: ignore[union-attr]
    assert all(file.read_bytes() == (stage.with_name("whole") / file.name).read_bytes() for file in stage.iterdir())


def full_after(times: int) -> object:
    left = iter(range(times))
    saved = staged_bundles._saved

    def save(out: BinaryIO) -> int:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return saved(out)

    return save


def test_a_tar_is_not_written_again_before_its_last_mark(
    deliveries: Deliveries, stage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged_bundles, "MARK_BYTES", 1_000_000)
    folder = deliveries.folder(*(deliveries.file(f"{n}.fits", bytes(400_000)) for n in range(12)))
    with monkeypatch.context() as full:
        full.setattr(staged_bundles, "_saved", full_after(3))
        run(deliveries, folder, stage, "tar")
    with (stage / ".skybasket" / "bundle.part").open("r+b") as part:
        part.seek(600_000)
        part.write(b"not read again")
    run(deliveries, folder, stage, "tar")
    assert b"not read again" in (stage / f"{NAME}.tar").read_bytes()


def test_a_file_that_changed_after_it_was_verified_is_verified_again(
    deliveries: Deliveries, stage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [deliveries.file("a"), deliveries.file("b")]
    folder = deliveries.folder(*entries)
    with monkeypatch.context() as full:
        full.setattr(staged_bundles, "_saved", full_after(0))
        run(deliveries, folder, stage)
    deliveries.file("a", b"others")
    os.utime(deliveries.archive / "b", (1_600_000_000, 1_600_000_000))  # touched, and the same bytes
    assert run(deliveries, folder, stage).state == "Finished with problems"
    assert results(stage) == {"a": "Failed", "b": "OK"}
    assert f"{NAME}/a" not in unpacked(stage / f"{NAME}.zip")


def test_a_retry_packs_what_has_been_repaired(deliveries: Deliveries, stage: Path) -> None:
    entries = [deliveries.file("a"), deliveries.file("b")]
    (deliveries.archive / "a").unlink()
    folder = deliveries.folder(*entries)
    run(deliveries, folder, stage)
    deliveries.file("a")
    assert run(deliveries, folder, stage).state == "Ready"
    assert f"{NAME}/a" in unpacked(stage / f"{NAME}.zip")


def test_the_same_files_make_the_same_bundle(deliveries: Deliveries, stage: Path) -> None:
    entries = [deliveries.file(f"{n}.fits", b"%d" % n) for n in range(20)]
    for name in ("d1", "d2"):
        run(deliveries, deliveries.folder(*entries, name=name), stage.with_name(name))
    one, other = (stage.with_name(name) / f"{NAME}.zip" for name in ("d1", "d2"))
    assert one.read_bytes() == other.read_bytes()


def test_a_layout_that_is_not_there_fails_with_a_sentence(deliveries: Deliveries, stage: Path) -> None:
    state = run(deliveries, deliveries.folder(deliveries.file()), stage, "rar")
    assert state.sentence == f"Nothing can be staged as 'rar'; there are: files, {', '.join(formats())}."


def test_what_was_verified_before_is_not_read_again(deliveries: Deliveries, stage: Path) -> None:
    folder = deliveries.folder(deliveries.file("a"))
    run(deliveries, folder, stage)
    before = (folder / JOURNAL_FILE).read_bytes()
    run(deliveries, folder, stage)
    assert (folder / JOURNAL_FILE).read_bytes() == before
