"""The Python script where others mean harm: a folder that they may write to, servers that send something else."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

import pytest

from jobs.dialects import dialect
from tests.fixtures.archive import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.manifest import Entry
    from tests.fixtures.archive import Archive
    from tests.fixtures.scripts import Script

BODY = bytes(n % 251 for n in range(5_000))
OTHER = BODY[::-1]
COLUMNS = "path,uri,bytes,sha256,result,detail\r\n"
OURS = [".skybasket", ".skybasket/part", ".skybasket/tag", ".skybasket/run"]


@pytest.fixture
def entry(py: Script, archive: Archive) -> Entry:
    """A file of which nobody knows a checksum, and for which there is a script."""
    entry = archive.add("mast:a/x.fits", BODY)._replace(sha256=None)
    py.write(entry)
    return entry


@pytest.fixture
def outside(py: Script) -> Path:
    """A folder of the user's own, not for the script."""
    outside = py.folder / "outside"
    (outside / "tmp.1").mkdir(parents=True)
    (outside / "tmp.1/precious").write_text("mine")
    (outside / "x.fits").write_text("mine")
    return outside


def untouched(outside: Path) -> bool:
    files = {file.relative_to(outside).as_posix(): file.read_text() for file in outside.rglob("*") if file.is_file()}
    return files == {"tmp.1/precious": "mine", "x.fits": "mine"}


def part(py: Script, path: str) -> Path:
    part = py.dest / ".skybasket/part" / path
    part.parent.mkdir(parents=True, exist_ok=True)
    return part


def has_tag(py: Script, words: str) -> None:
    tag = py.dest / ".skybasket/tag/a/x.fits"
    tag.parent.mkdir(parents=True, exist_ok=True)
    tag.write_text(words)


# --- patchworks ---


def test_an_answer_of_another_version_is_not_continued_as_the_one_asked_for(
    py: Script, archive: Archive, entry: Entry
) -> None:
    archive.replace(entry.uri, OTHER)
    archive.misbehave(entry.uri, "drop")
    archive.misbehave(entry.uri, "404")
    assert py.run().code == 1
    archive.files[entry.uri], archive.versions[entry.uri] = BODY, 1
    assert py.run().code == 0
    assert py.wrong() == []


def test_a_range_of_a_version_that_no_server_vouches_for_is_refused(py: Script, archive: Archive, entry: Entry) -> None:
    part(py, entry.path).write_bytes(OTHER[:2_000])
    has_tag(py, "version=1")
    archive.misbehave(entry.uri, "moved")  # and where it is sent on to, nobody knows versions
    assert py.run().code == 0
    assert py.wrong() == []


def test_an_answer_without_the_version_is_continued_by_its_tag(py: Script, archive: Archive, entry: Entry) -> None:
    part(py, entry.path).write_bytes(BODY[:2_000])
    has_tag(py, '"1"')
    assert py.run().code == 0
    assert [(each.start, each.condition) for each in archive.requests] == [(2_000, '"1"')]
    assert py.wrong() == []


def test_less_than_a_range_is_not_the_end_of_a_file_of_unknown_size(py: Script, archive: Archive, entry: Entry) -> None:
    py.write(entry._replace(size=None))
    part(py, entry.path).write_bytes(BODY[:2_000])
    has_tag(py, "version=1")
    archive.misbehave(entry.uri, "short range")
    assert py.run().code == 0
    assert py.wrong() == []


@pytest.mark.parametrize(
    ("fault", "detail"), [("gzip", "it came compressed"), ("xhtml", "a web page came in its place")]
)
def test_what_is_not_the_file_is_not_saved_where_nothing_else_would_tell(
    py: Script, archive: Archive, entry: Entry, fault: str, detail: str
) -> None:
    py.write(entry._replace(size=None))
    archive.misbehave(entry.uri, fault)
    assert py.run("--retries", "1").code == 1
    assert py.receipt() == {"a/x.fits": ("Failed", detail)}
    assert not (py.dest / "a/x.fits").exists()


@pytest.mark.parametrize("known", ["size", "sha256", "name"])
def test_a_compressed_file_of_a_server_that_says_so_is_saved_where_something_tells(
    py: Script, archive: Archive, known: str
) -> None:
    entry = archive.add("mast:x", BODY, path="x.fits.gz" if known == "name" else "x.fits")
    py.write(entry._replace(**{each: None for each in ("size", "sha256") if each != known}))
    archive.misbehave(entry.uri, "gzip")
    assert py.run("--retries", "1").code == 0
    assert py.wrong() == []


# --- a folder that others may write to ---


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize(("ours", "kind"), [*((name, "link") for name in OURS), (OURS[-1], "pipe")])
def test_what_is_not_ours_under_our_own_names_is_refused(py: Script, outside: Path, ours: str, kind: str) -> None:
    place = py.dest / ours
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "link":
        place.symlink_to(outside / "x.fits" if ours.endswith("run") else outside)
    else:
        os.mkfifo(place)
    sentence = f"{py.dest.name}/{ours} is not what this script left there. Delete it and try again.\n"
    assert py.run() == (2, "", sentence)
    assert untouched(outside)


@pytest.mark.parametrize("below", ["part/a", "tag/a/x.fits", "receipt.csv"])
def test_no_link_leads_out_of_our_own_folder(
    py: Script, archive: Archive, entry: Entry, outside: Path, below: str
) -> None:
    archive.misbehave(entry.uri, "404")
    py.run()
    place = py.dest / ".skybasket" / below
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(outside if below.endswith("/a") else outside / "x.fits")
    archive.misbehave(entry.uri, "drop")
    archive.misbehave(entry.uri, "404")
    assert py.run().code == 1
    assert untouched(outside)
    assert py.run().code == 0
    assert py.wrong() == []


@pytest.mark.parametrize("below", ["part/a/x.fits", "tag/a/x.fits"])
def test_nobody_waits_for_a_pipe(py: Script, entry: Entry, below: str) -> None:
    part(py, entry.path).write_bytes(BODY[:2_000])
    place = py.dest / ".skybasket" / below
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    assert py.run().code == 0
    assert py.wrong() == []


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize("args", [[], ["--dry-run"]])
def test_a_receipt_that_is_a_pipe_is_not_read(py: Script, args: list[str]) -> None:
    py.dest.mkdir()
    os.mkfifo(py.dest / "receipt.csv")
    run = py.run(*args)
    assert (run.code, "have to be files" in run.err) == ((0, False) if args else (2, True))


@pytest.mark.usefixtures("entry")
def test_a_lock_cannot_write_to_the_terminal(py: Script) -> None:
    (py.dest / ".skybasket").mkdir(parents=True)
    (py.dest / ".skybasket/run").write_text("1 \x1b]0;evil\x07\x1b[31mhost")
    run = py.run()
    assert run.err.rstrip("\n").isprintable()


# --- receipts and tokens ---


def test_a_spreadsheet_runs_no_cell_of_the_receipt_and_the_next_run_knows_the_file(
    py: Script, archive: Archive
) -> None:
    names = ["=HYPERLINK(1)", "+1", "@x", "\N{FULLWIDTH EQUALS SIGN}1"]
    entries = [archive.add(f"mast:{name}", BODY, path=name) for name in names]
    py.write(*entries)
    py.run()
    assert set(py.receipt()) == {f"./{name}" for name in names}
    for name in names:
        (py.dest / name).write_bytes(b"u" * len(BODY))  # a row that is not known would have it fetched again
    assert py.run("--retry-failed").last_line == "4 of 4 OK, 0 failed"
    assert len(archive.requests) == 4
    assert set(py.receipt()) == {f"./{name}" for name in names}


def test_of_several_rows_of_one_file_a_bad_one_counts(py: Script, entry: Entry) -> None:
    py.dest.mkdir()
    row = [entry.path, entry.uri, str(entry.size), ""]
    with (py.dest / "receipt.csv").open("w", newline="") as file:
        file.write(COLUMNS)
        csv.writer(file).writerows([[*row, "OK, size only", ""], [*row, "Failed", ""], [*row, "OK, size only", ""]])
    assert py.run("--retry-failed").code == 0
    assert py.wrong() == []


@pytest.mark.parametrize(
    ("words", "code"),
    [(f"\n  {TOKEN} \r\n\n", 0), (f"{TOKEN}\nmore\n", 2), (f"more\n{TOKEN}", 2), ("a b", 2), ("\n", 2)],
)
def test_a_token_file_holds_one_token_and_white_space(py: Script, archive: Archive, words: str, code: int) -> None:
    py.write(archive.add("mast:x", BODY, exclusive=True))
    file = py.folder / "token"
    file.write_text(words)
    file.chmod(0o600)
    assert py.run("--token-file", "token").code == code
    assert len(archive.requests) == (code == 0)


def test_who_chooses_a_script_reads_which_one_is_for_windows() -> None:
    assert "Windows" in dialect("py").about
    assert "Windows" not in dialect("sh").about
