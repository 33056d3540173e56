from __future__ import annotations

import csv
import errno
import hashlib
import os
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from jobs import copying
from jobs.omitted import Omitted, write_omitted
from jobs.receipts import JOURNAL_FILE
from jobs.results import STAGED, Finding, read_findings, read_state
from jobs.tasks import stage_batch

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.manifest import Entry
    from jobs.results import State
    from tests.fixtures.deliveries import Deliveries


HEADER = {"archive": "Skybasket", "link": "https://archive.example/d1", "citation": "Cite us."}


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    return tmp_path / "stage" / "anonymous" / "d1"


def run(deliveries: Deliveries, folder: Path, stage: Path, layout: str = "files") -> State:
    stores = [["mast:", deliveries.archive.as_uri()]]
    stage_batch(str(folder), str(stage), stores, {"layout": layout}, HEADER)
    state = read_state(folder)
    assert state is not None
    return state


def again(deliveries: Deliveries, folder: Path, stage: Path, layout: str = "files") -> State:
    (folder / "state.json").unlink()
    return run(deliveries, folder, stage, layout)


def receipt(stage: Path) -> dict[str, dict[str, str]]:
    with (stage / "receipt.csv").open(newline="", encoding="utf-8") as lines:
        return {row["path"]: row for row in csv.DictReader(lines)}


def results(stage: Path) -> dict[str, str]:
    return {path: row["result"] for path, row in receipt(stage).items()}


def tree(stage: Path) -> dict[str, bytes]:
    return {str(file.relative_to(stage)): file.read_bytes() for file in stage.rglob("*") if file.is_file()}


def right(entry: Entry, content: bytes) -> Entry:
    return entry._replace(crc32=zlib.crc32(content))


def test_each_file_is_staged_in_its_path_with_its_bytes(deliveries: Deliveries, stage: Path) -> None:
    entries = [deliveries.file("HST/a/a.fits", b"a" * 700_000), deliveries.file("HST/b.fits", b"")]
    run(deliveries, deliveries.folder(*entries), stage)
    assert {path: content for path, content in tree(stage).items() if path.endswith(".fits")} == {
        "HST/a/a.fits": b"a" * 700_000,
        "HST/b.fits": b"",
    }


def test_a_staged_file_has_the_time_of_its_source(deliveries: Deliveries, stage: Path) -> None:
    entry = deliveries.file()
    os.utime(deliveries.archive / entry.path, (1_500_000_000, 1_500_000_000))
    run(deliveries, deliveries.folder(entry), stage)
    assert (stage / entry.path).stat().st_mtime == 1_500_000_000


def test_a_batch_without_problems_is_ready_with_what_it_staged(deliveries: Deliveries, stage: Path) -> None:
    state = run(deliveries, deliveries.folder(deliveries.file("a", b"12"), deliveries.file("b", b"345")), stage)
    assert (state.state, state.sentence, state.files, state.bytes) == ("Ready", "", 2, 5)


def test_the_artefacts_are_the_two_receipts(deliveries: Deliveries, stage: Path) -> None:
    state = run(deliveries, deliveries.folder(deliveries.file()), stage)
    assert [(each.name, each.kind, each.bytes, each.sha256) for each in state.artefacts] == [
        (name, STAGED, (stage / name).stat().st_size, hashlib.sha256((stage / name).read_bytes()).hexdigest())
        for name in ("receipt.csv", "MANIFEST.HTML")
    ]


def test_nothing_else_is_left_in_the_staged_folder(deliveries: Deliveries, stage: Path) -> None:
    run(deliveries, deliveries.folder(deliveries.file("a.fits")), stage)
    assert sorted(file.name for file in stage.iterdir()) == ["MANIFEST.HTML", "a.fits", "receipt.csv"]


def test_the_receipt_says_what_was_copied(deliveries: Deliveries, stage: Path) -> None:
    entry = deliveries.file("HST/ü.fits", b"pixels")
    run(deliveries, deliveries.folder(entry), stage)
    assert (stage / "receipt.csv").read_bytes().decode() == (
        "path,uri,bytes,sha256,result,detail\r\n"
        f"HST/ü.fits,mast:HST/ü.fits,6,{hashlib.sha256(b'pixels').hexdigest()},OK,\r\n"
    )


def test_the_manifest_page_has_the_columns_of_masts_and_escapes(deliveries: Deliveries, stage: Path) -> None:
    entry = deliveries.file(exclusive=True)._replace(uri="mast:<b>", location=str(deliveries.archive / "x"))
    deliveries.file("x")
    run(deliveries, deliveries.folder(entry), stage)
    page = (stage / "MANIFEST.HTML").read_text()
    assert "<tr><th>URI</th><th>File</th><th>Access</th><th>Status</th></tr>" in page
    row = ("mast:&lt;b&gt;", entry.path, "EXCLUSIVE_ACCESS", "OK")
    assert f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" in page


def test_what_was_left_out_stands_last_in_the_receipt(deliveries: Deliveries, stage: Path) -> None:
    folder = deliveries.folder(deliveries.file("a.fits"))
    write_omitted(folder, [Omitted("mast:secret", "secret.fits", exclusive=True, reason="Not authorised")])
    assert run(deliveries, folder, stage).state == "Ready"
    assert list(results(stage).items()) == [("a.fits", "OK"), ("secret.fits", "Not authorised")]


@pytest.mark.parametrize(
    ("known", "result"),
    [
        ({}, "OK"),
        ({"crc32": None}, "OK"),
        ({"sha256": None, "crc32": zlib.crc32(b"pixels")}, "OK"),
        ({"sha256": None, "crc32": None}, "OK, size only"),
        ({"sha256": None, "crc32": None, "size": None}, "OK, size only"),
        ({"sha256": None}, "Failed"),  # the CRC-32 of the fixture is another file's
        ({"sha256": "0" * 64}, "Failed"),
    ],
)
def test_a_file_is_held_to_the_best_that_the_catalogue_knows(
    deliveries: Deliveries, stage: Path, known: dict[str, Any], result: str
) -> None:
    run(deliveries, deliveries.folder(deliveries.file("a.fits", b"pixels", **known), deliveries.file("b.fits")), stage)
    assert results(stage)["a.fits"] == result
    assert (stage / "a.fits").exists() == (result != "Failed")


def test_what_the_catalogue_did_not_know_is_a_finding_without_a_problem(deliveries: Deliveries, stage: Path) -> None:
    sha256, crc32 = hashlib.sha256(b"pixels").hexdigest(), zlib.crc32(b"pixels")
    known = deliveries.file("a", b"pixels", crc32=crc32)
    new = deliveries.file("b", b"pixels", size=None, sha256=None, crc32=None)
    folder = deliveries.folder(known, new)
    assert run(deliveries, folder, stage).state == "Ready"
    assert list(read_findings(folder)) == [Finding("mast:b", "", 6, sha256, crc32)]


def test_a_file_of_another_size_is_staged_and_is_a_problem(deliveries: Deliveries, stage: Path) -> None:
    state = run(deliveries, deliveries.folder(deliveries.file("a", b"pixels", size=5, sha256="0" * 64)), stage)
    assert state.state == "Finished with problems"
    assert state.sentence == "1 of 1 files is not as the catalogue says. a: The file has 6 bytes; the catalogue says 5."
    assert (stage / "a").read_bytes() == b"pixels"


def test_a_missing_file_does_not_keep_the_rest_back(deliveries: Deliveries, stage: Path) -> None:
    gone = deliveries.file("gone")
    (deliveries.archive / "gone").unlink()
    state = run(deliveries, deliveries.folder(gone, deliveries.file("b"), deliveries.file("c", sha256="0" * 64)), stage)
    assert (state.state, state.files) == ("Finished with problems", 1)
    assert state.sentence == (
        "2 of 3 files failed. The first is gone: The archive lists this file, but it is not in its store."
    )
    assert results(stage) == {"gone": "Missing", "b": "OK", "c": "Failed"}


def test_a_batch_of_which_nothing_could_be_staged_has_failed(deliveries: Deliveries, stage: Path) -> None:
    gone = deliveries.file("gone")
    (deliveries.archive / "gone").unlink()
    state = run(deliveries, deliveries.folder(gone), stage)
    assert state.state == "Failed"
    assert state.sentence == "1 of 1 files failed. gone: The archive lists this file, but it is not in its store."


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"uri": "ivo:elsewhere"}, "No store is configured for this file."),
        (
            {"location": "https://archive.example/x"},
            "archive.example is not a public server, and it is not configured as a store.",
        ),
        ({"uri": "mast:../../etc/passwd"}, "'../../etc/passwd' is not a path within a store."),
    ],
)
def test_a_file_that_no_store_can_give_has_failed(
    deliveries: Deliveries, stage: Path, changes: dict[str, Any], detail: str
) -> None:
    run(deliveries, deliveries.folder(deliveries.file("a", **changes)), stage)
    assert (receipt(stage)["a"]["result"], receipt(stage)["a"]["detail"]) == ("Failed", detail)


def test_a_retry_copies_only_what_failed(deliveries: Deliveries, stage: Path) -> None:
    good, gone = deliveries.file("good"), deliveries.file("gone")
    (deliveries.archive / "gone").unlink()
    folder = deliveries.folder(good, gone)
    run(deliveries, folder, stage)
    deliveries.file("gone")
    (deliveries.archive / "good").unlink()
    assert again(deliveries, folder, stage).state == "Ready"
    assert results(stage) == {"good": "OK", "gone": "OK"}


@pytest.mark.parametrize("harm", ["removed", "other bytes", "shorter"])
def test_a_staged_file_that_has_been_harmed_is_copied_again(deliveries: Deliveries, stage: Path, harm: str) -> None:
    folder = deliveries.folder(deliveries.file("a", b"pixels"))
    run(deliveries, folder, stage)
    if harm == "removed":
        (stage / "a").unlink()
    else:
        (stage / "a").write_bytes(b"PIXELS" if harm == "other bytes" else b"pix")
    again(deliveries, folder, stage)
    assert (stage / "a").read_bytes() == b"pixels"


def test_a_run_that_goes_on_ends_like_one_that_nobody_disturbed(deliveries: Deliveries, stage: Path) -> None:
    entries = [deliveries.file(f"f{n}/{n}.fits", b"%d" % n * n) for n in range(50)]
    (deliveries.archive / entries[7].path).unlink()
    whole, begun = deliveries.folder(*entries, name="whole"), deliveries.folder(*entries, name="begun")
    run(deliveries, whole, stage)
    half, other = deliveries.root / "half", stage.with_name("d2")
    half.mkdir()
    run(deliveries, begun, other)
    lines = (begun / JOURNAL_FILE).read_bytes().splitlines(keepends=True)
    (begun / JOURNAL_FILE).write_bytes(b"".join(lines[:20]) + lines[20][:15])  # torn
    (other / ".skybasket").mkdir()
    (other / ".skybasket" / "3.part").write_bytes(b"half a file")
    (other / entries[30].path).unlink()
    for paper in ("receipt.csv", "MANIFEST.HTML"):
        (other / paper).unlink()
    end = again(deliveries, begun, other)
    assert end._replace(finished_at=0) == read_state(whole)._replace(finished_at=0)  # type: ignore[union-attr]
    assert tree(other) == tree(stage)
    assert (begun / "result.jsonl").read_bytes() == (whole / "result.jsonl").read_bytes()


def test_a_file_that_is_promised_twice_is_copied_once(deliveries: Deliveries, stage: Path) -> None:
    first = deliveries.file("a/pool.csv")
    state = run(deliveries, deliveries.folder(first, first._replace(path="b/pool.csv")), stage)
    assert results(stage) == {"a/pool.csv": "OK", "b/pool.csv": "Duplicate of a/pool.csv"}
    assert (state.state, state.files, (stage / "b").exists()) == ("Ready", 1, False)


def test_a_path_that_is_not_safe_fails_the_batch_before_anything_is_written(
    deliveries: Deliveries, stage: Path
) -> None:
    assert (
        run(deliveries, deliveries.folder(deliveries.file(), deliveries.file(path="../../x")), stage).state == "Failed"
    )
    assert not (stage.parent / "x").exists()


def test_a_full_disk_fails_with_a_sentence_and_a_retry_goes_on(
    deliveries: Deliveries, stage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = deliveries.folder(*(deliveries.file(str(n)) for n in range(40)))
    with monkeypatch.context() as full:
        full.setattr(copying, "_write", no_room)
        state = run(deliveries, folder, stage)
    assert (state.state, state.sentence) == (
        "Failed",
        "There is no room left in the staging store. What is there stays, and a retry goes on from it.",
    )
    assert again(deliveries, folder, stage).state == "Ready"


def no_room(_file: int, _data: bytes) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_staging_store_that_is_a_file_fails_with_a_sentence(deliveries: Deliveries, stage: Path) -> None:
    stage.parent.parent.write_text("not a folder")
    state = run(deliveries, deliveries.folder(deliveries.file()), stage)
    assert state.state == "Failed"
    assert state.sentence.startswith("The staging store cannot be written: Not a directory.")


def test_an_empty_manifest_is_ready(deliveries: Deliveries, stage: Path) -> None:
    assert run(deliveries, deliveries.folder(), stage).state == "Ready"
