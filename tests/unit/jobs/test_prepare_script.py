from __future__ import annotations

import hashlib
import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from jobs.manifest import MANIFEST_FILE
from jobs.results import Finding, read_findings, read_state
from jobs.tasks import prepare_script
from tests.fixtures.deliveries import NAME, Deliveries

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.results import State


def run(deliveries: Deliveries, folder: Path, **changes: object) -> State:
    prepare_script(**deliveries.kwargs(folder, **changes))
    state = read_state(folder)
    assert state is not None
    return state


def table(folder: Path) -> list[list[str]]:
    """The rows of the script: size, SHA-256, access, path, whether the name is enough, query."""
    script = (folder / f"{NAME}.sh").read_text()
    body = script.partition("<<'END OF TABLE'\n")[2].partition("END OF TABLE\n")[0]
    return [line.split("\t") for line in body.splitlines()]


def test_a_delivery_with_all_files_in_place_is_ready(deliveries: Deliveries) -> None:
    state = run(deliveries, deliveries.folder(deliveries.file(), deliveries.file("HST/b.fits", b"")))
    assert (state.state, state.sentence, state.files, state.bytes) == ("Ready", "", 2, 6)


def test_the_state_names_the_script_with_size_and_hash(deliveries: Deliveries) -> None:
    folder = deliveries.folder(deliveries.file())
    (artefact,) = run(deliveries, folder).artefacts
    content = (folder / artefact.name).read_bytes()
    assert artefact == (f"{NAME}.sh", len(content), hashlib.sha256(content).hexdigest(), "file", 0)


def test_the_table_holds_size_hash_path_and_query(deliveries: Deliveries) -> None:
    entry = deliveries.file(exclusive=True)
    folder = deliveries.folder(entry)
    run(deliveries, folder)
    assert table(folder) == [["6", entry.sha256, "x", entry.path, "f", f"uri={entry.uri}"]]


def test_a_missing_file_is_a_problem_and_stays_in_the_script(deliveries: Deliveries) -> None:
    entry = deliveries.file()
    (deliveries.archive / entry.path).unlink()
    folder = deliveries.folder(entry, deliveries.file("HST/b.fits"))
    assert run(deliveries, folder).state == "Finished with problems"
    assert list(read_findings(folder)) == [
        Finding(entry.uri, "The archive lists this file, but it is not in its store.", None)
    ]
    assert [row[3] for row in table(folder)] == [entry.path, "HST/b.fits"]


def test_the_true_size_goes_into_the_script_and_the_old_hash_does_not(deliveries: Deliveries) -> None:
    entry = deliveries.file(size=5)
    folder = deliveries.folder(entry)
    state = run(deliveries, folder)
    assert (state.state, state.bytes) == ("Finished with problems", 6)
    assert list(read_findings(folder)) == [Finding(entry.uri, "The file has 6 bytes; the catalogue says 5.", 6)]
    assert table(folder)[0][:2] == ["6", "-"]


def test_an_unknown_size_is_found_out_and_is_no_problem(deliveries: Deliveries) -> None:
    entry = deliveries.file(size=None)
    folder = deliveries.folder(entry)
    assert run(deliveries, folder).state == "Ready"
    assert table(folder)[0][0] == "6"
    assert list(read_findings(folder)) == [Finding(entry.uri, "", 6)]


def test_a_file_without_a_store_is_a_problem(deliveries: Deliveries) -> None:
    folder = deliveries.folder(deliveries.file(uri="ivo:elsewhere"))
    run(deliveries, folder)
    assert [finding.problem for finding in read_findings(folder)] == ["No store is configured for this file."]


def test_a_file_at_a_server_that_is_not_public_is_a_problem(deliveries: Deliveries) -> None:
    folder = deliveries.folder(deliveries.file(location="https://archive.example/x", size=None, sha256=None))
    state = run(deliveries, folder)
    assert (state.state, state.bytes) == ("Finished with problems", 0)
    assert table(folder)[0][:2] == ["-", "-"]
    (finding,) = read_findings(folder)
    assert finding.problem == "archive.example is not a public server, and it is not configured as a store."


def test_running_again_changes_nothing(deliveries: Deliveries) -> None:
    folder = deliveries.folder(deliveries.file())
    run(deliveries, folder)
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    (deliveries.archive / "JWST/jw1/jw1_cal.fits").unlink()
    run(deliveries, folder)
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()} == before | {
        ".lock": (b"", (folder / ".lock").stat().st_mtime_ns)
    }


def test_what_a_killed_run_left_is_written_over(deliveries: Deliveries) -> None:
    whole = deliveries.folder(deliveries.file(), name="whole")
    run(deliveries, whole)
    begun = deliveries.folder(deliveries.file(), name="begun")
    (begun / f"{NAME}.sh").write_text("half a scr")
    (begun / f"{NAME}.sh.part").write_text("half")
    (begun / "result.jsonl").write_text('{"uri": "x"')
    (begun / "state.json.part").write_text('{"sta')
    run(deliveries, begun)
    names = {file.name for file in whole.iterdir()}
    assert {file.name for file in begun.iterdir()} == names
    for name in names - {"state.json"}:
        assert (begun / name).read_bytes() == (whole / name).read_bytes()


def test_a_missing_manifest_fails_with_a_sentence(deliveries: Deliveries) -> None:
    folder = deliveries.folder(deliveries.file())
    (folder / MANIFEST_FILE).unlink()
    state = run(deliveries, folder)
    assert (state.state, state.sentence) == (
        "Failed",
        "The manifest manifest.jsonl cannot be read: No such file or directory.",
    )


def test_a_format_that_is_not_there_fails_with_a_sentence(deliveries: Deliveries) -> None:
    state = run(deliveries, deliveries.folder(deliveries.file()), format="exe")
    assert state.state == "Failed"
    assert "no script or list of kind 'exe'" in state.sentence


def test_an_error_nobody_thought_of_fails_with_a_sentence_and_no_traceback(deliveries: Deliveries) -> None:
    state = run(deliveries, deliveries.folder(deliveries.file()), header={"no": "such"})
    assert state == (
        "Failed",
        "Something went wrong while this was being prepared. Please try again.",
        0,
        0,
        (),
        state.finished_at,
    )


def test_an_entry_that_is_not_safe_fails_instead_of_being_written(deliveries: Deliveries) -> None:
    folder = deliveries.folder(deliveries.file(path="../../x"))
    assert run(deliveries, folder).state == "Failed"
    assert not (folder / f"{NAME}.sh").exists()


def test_text_for_people_cannot_become_a_command(deliveries: Deliveries, tmp_path: Path) -> None:
    folder = deliveries.folder(deliveries.file())
    evil = f"x\ntouch {tmp_path}/canary\r\n$(touch {tmp_path}/canary)\u2028'`"
    run(deliveries, folder, header={"archive": evil, "link": evil, "citation": evil})
    subprocess.run(["sh", f"{folder}/{NAME}.sh", "--list"], check=True, stdout=subprocess.DEVNULL)
    assert not (tmp_path / "canary").exists()


def test_many_files_keep_their_order_through_parallel_checks(deliveries: Deliveries) -> None:
    entries = [deliveries.file(f"HST/f{n}.fits", b"x" * (n % 7)) for n in range(2_000)]
    folder = deliveries.folder(*entries)
    run(deliveries, folder)
    assert [row[3] for row in table(folder)] == [entry.path for entry in entries]
    assert [int(row[0]) for row in table(folder)] == [n % 7 for n in range(2_000)]


def test_the_state_file_is_plain_json(deliveries: Deliveries) -> None:
    folder = deliveries.folder(deliveries.file())
    run(deliveries, folder)
    assert set(json.loads((folder / "state.json").read_text())) == {
        "state",
        "sentence",
        "files",
        "bytes",
        "artefacts",
        "finished_at",
    }


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"state": "Ready"'])
def test_a_damaged_state_is_a_sentence(deliveries: Deliveries, text: str) -> None:
    folder = deliveries.folder(deliveries.file())
    (folder / "state.json").write_text(text)
    with pytest.raises(Exception, match="The state of delivery cannot be read"):
        read_state(folder)
