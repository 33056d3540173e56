"""What both downloaded scripts say has happened: receipt.csv, MANIFEST.HTML, and what they read of an earlier run."""

from __future__ import annotations

import csv
import os

import pytest

from jobs import manifest_page
from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.scripts import NAME, Script, body, size_of, wait_until

COLUMNS = ["path", "uri", "bytes", "sha256", "result", "detail"]


def test_the_receipt_names_each_file_as_the_archive_does(script: Script, archive: Archive) -> None:
    uris = ["mast:a b/é 星%41", 'mast:"q",x', "mast:a&version=1#?+", "mast:tab\tline\nend", "mast:plain"]
    entries = [archive.add(uri, body(n), path=f"{n}") for n, uri in enumerate(uris)]
    entries[4] = entries[4]._replace(sha256=None)
    entries[3] = entries[3]._replace(size=None)
    script.write(*entries)
    assert script.run().code == 0
    rows = script.rows()
    assert [list(row) for row in rows.values()] == [COLUMNS] * 5
    assert [rows[entry.path]["uri"] for entry in entries] == [*uris[:3], "mast:tab%09line%0Aend", uris[4]]
    assert [rows[entry.path]["bytes"] for entry in entries] == ["5000"] * 5
    assert [rows[entry.path]["sha256"] for entry in entries] == [entry.sha256 or "" for entry in entries]


def test_the_lines_of_a_receipt_end_as_rfc_4180_says(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a,b", b"x", path="a"))
    script.run()
    lines = (script.dest / "receipt.csv").read_bytes().split(b"\r\n")
    assert len(lines) == 3
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert lines[2] == b""


def test_the_page_says_what_happened_to_each_file(script: Script, archive: Archive) -> None:
    missing = archive.add("mast:<b>&\"x'", body(), path="a/&x.fits")
    secret = archive.add("mast:s", body(), exclusive=True)
    archive.misbehave(missing.uri, "404")
    script.write(missing, secret)
    assert script.run(SKYBASKET_TOKEN=TOKEN).code == 1
    assert (script.dest / "MANIFEST.HTML").read_text() == (
        manifest_page.head(NAME, ["1 of 2 OK, 1 failed."])
        + manifest_page.row(missing.uri, missing.path, "Missing (the server answered 404)", exclusive=False)
        + manifest_page.row(secret.uri, secret.path, "OK", exclusive=True)
        + manifest_page.END
    )


def test_a_newer_script_fetches_only_what_is_new_and_keeps_what_is_no_longer_listed(
    script: Script, archive: Archive
) -> None:
    old = [archive.add(f"mast:a b/{n} é.fits", body(n)) for n in range(3)]
    script.write(*old)
    assert script.run().code == 0
    archive.requests.clear()
    new = archive.add("mast:c/new.fits", body(9))
    changed = archive.add(old[1].uri, body(8))
    (script.dest / "a b/2 é.fits").unlink()
    script.write(changed, new)
    run = script.run()
    assert run.out.splitlines() == ["No longer listed: a b/0 é.fits (kept)", "2 of 2 OK, 0 failed"]
    assert {request.uri for request in archive.requests} == {changed.uri, new.uri}
    assert (script.dest / "a b/0 é.fits").read_bytes() == body(0)
    assert script.wrong() == []


def test_what_is_no_longer_listed_is_so_in_each_run_from_then_on_whatever_its_kind(
    script: Script, other: Script, archive: Archive
) -> None:
    old, kept = archive.add('mast:a "b",\té.fits', body(0), path="a é,'b'.fits"), archive.add("mast:b", body(1))
    other.write(old, kept)
    assert other.run().code == 0
    script.write(kept)
    for _ in range(2):
        assert script.run().out.splitlines()[0] == f"No longer listed: {old.path} (kept)"
    row = script.rows()[old.path]
    assert list(row.values()) == [old.path, 'mast:a "b",%09é.fits', "5000", old.sha256, "No longer listed", ""]


def test_only_what_failed_is_tried_again(script: Script, archive: Archive) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(4)]
    for n, fault in ((1, "404"), (2, "403")):
        archive.misbehave(entries[n].uri, fault)
    script.write(*entries)
    assert script.run().code == 1
    before = script.rows()
    (script.dest / "a/0.fits").write_bytes(b"u" * 5_000)
    archive.requests.clear()
    run = script.run("--retry-failed")
    assert (run.last_line, run.code) == ("4 of 4 OK, 0 failed", 0)
    assert {request.uri for request in archive.requests} == {"mast:a/1.fits", "mast:a/2.fits"}
    after = script.rows()
    assert {path for path in before if before[path] == after[path]} == {"a/0.fits", "a/3.fits"}
    assert script.results() == ["OK"] * 4
    assert (script.dest / "a/0.fits").read_bytes() == b"u" * 5_000


def test_what_is_gone_or_cut_since_is_tried_again_too(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    assert script.run().code == 0
    (script.dest / "a/0.fits").unlink()
    os.truncate(script.dest / "a/1.fits", 100)
    archive.requests.clear()
    assert script.run("--retry-failed").last_line == "3 of 3 OK, 0 failed"
    assert {request.uri for request in archive.requests} == {"mast:a/0.fits", "mast:a/1.fits"}
    assert script.wrong() == []


def test_of_many_that_are_no_longer_listed_the_first_are_shown(script: Script, archive: Archive) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n, 10)) for n in range(24)]
    script.write(*entries)
    assert script.run().code == 0
    script.write(entries[0])
    lines = script.run().out.splitlines()
    assert lines[20:] == ["No longer listed: and 3 more, as receipt.csv says (kept)", "1 of 1 OK, 0 failed"]


def test_what_failed_in_a_run_of_the_other_kind_is_tried_again(script: Script, other: Script, archive: Archive) -> None:
    uris = ['mast:a,"1"', "mast:é 2", "mast:tab\t3", "mast:plain"]
    entries = [archive.add(uri, body(n), path=f"{n}, 'é'.fits") for n, uri in enumerate(uris)]
    entries[2] = entries[2]._replace(size=None)
    entries[3] = entries[3]._replace(sha256=None)
    archive.misbehave(entries[1].uri, "404")
    for each in (script, other):
        each.write(*entries)
    assert other.run().code == 1
    before = other.rows()
    archive.requests.clear()
    assert script.run("--retry-failed").last_line == "4 of 4 OK, 0 failed"
    assert [request.uri for request in archive.requests] == [entries[1].uri]
    after = script.rows()
    assert [path for path in before if before[path] != after[path]] == [entries[1].path]


def test_a_row_stays_as_it_is_only_if_it_is_of_the_same_content(script: Script, archive: Archive) -> None:
    entries = [archive.add(uri, body(n)) for n, uri in enumerate(["mast:a,1", "mast:b 2", "mast:c"])]
    script.write(*entries)
    script.dest.mkdir()
    (script.dest / entries[0].path).write_bytes(body(0))
    with (script.dest / "receipt.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerow([entries[0].path, entries[0].uri, 5_000, entries[0].sha256, "Resumed", 'so, "it" came'])
        writer.writerow([entries[1].path, entries[1].uri, 5_000, entries[1].sha256, "Failed", "x"])
        writer.writerow([entries[2].path, entries[2].uri, 5_000, "ab" * 32, "OK", "of an older version"])
    assert script.run("--retry-failed").last_line == "3 of 3 OK, 0 failed"
    assert {request.uri for request in archive.requests} == {"mast:b 2", "mast:c"}
    assert script.receipt()[entries[0].path] == ("Resumed", 'so, "it" came')


def test_a_torn_receipt_is_read_as_far_as_it_goes(script: Script, archive: Archive) -> None:
    script.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)))
    script.run("--jobs", "1")
    receipt = script.dest / "receipt.csv"
    os.truncate(receipt, receipt.stat().st_size - 20)
    (script.dest / "a/0.fits").write_bytes(b"u" * 5_000)
    (script.dest / "a/2.fits").write_bytes(b"u" * 5_000)
    assert script.run("--retry-failed").last_line == "3 of 3 OK, 0 failed"
    assert script.wrong() == ["a/0.fits"]


@pytest.mark.parametrize(
    "receipt",
    [
        b"",
        b"path,uri,bytes,sha256,result,detail\r\n",
        b'path,uri,bytes,sha256,result,detail\r\n"a/x.fits","mast:a',
        b"path,uri,bytes,sha256,result,detail\r\na/x.fits,mast:a/x.fits,5000,",
        b'"a/x.fits"\r\n,,,,,\r\n"../../outside","u","1","","OK",""\r\n/etc/passwd,u,1,,OK,\n-x,u,1,,OK,\n',
        b'\x00\xff"""\n"\n\n',
    ],
)
def test_a_torn_or_strange_receipt_does_no_harm(script: Script, archive: Archive, receipt: bytes) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    script.dest.mkdir()
    (script.folder / "outside").write_text("x")
    (script.dest / "receipt.csv").write_bytes(receipt)
    run = script.run("--retry-failed")
    assert (run.out, run.code) == ("1 of 1 OK, 0 failed\n", 0)
    assert script.receipt() == {"a/x.fits": ("OK", "")}


def test_a_killed_run_leaves_a_receipt_of_what_was_there(script: Script, archive: Archive) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n, 200_000)) for n in range(2)]
    script.write(entries[0])
    script.run()
    archive.misbehave(entries[1].uri, "stall")
    script.write(*entries)
    with script.start() as run:
        wait_until(lambda: size_of(script.part(entries[1])))
        run.kill()
    assert script.receipt() == {"a/0.fits": ("Already had it", "")}
    assert script.run().code == 0


@pytest.mark.parametrize("name", ["receipt.csv", "MANIFEST.HTML"])
def test_a_folder_where_a_receipt_should_be_is_a_sentence(script: Script, archive: Archive, name: str) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    (script.dest / name).mkdir(parents=True)
    assert script.run() == (2, "", f"In {NAME} receipt.csv and MANIFEST.HTML have to be files, or not there.\n")
    assert archive.requests == []
