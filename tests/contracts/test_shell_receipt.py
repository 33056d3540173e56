"""What a shell script says has happened: receipt.csv, MANIFEST.HTML, and what it reads of an earlier run."""

from __future__ import annotations

import csv

import pytest

from jobs import manifest_page
from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.scripts import NAME, Script, body, size_of, wait_until


def test_the_receipt_names_each_file_as_the_archive_does(script: Script, archive: Archive) -> None:
    uris = ["mast:a b/é 星%41", 'mast:"q",x', "mast:a&version=1#?+", "mast:tab\tline\nend", "mast:plain"]
    entries = [archive.add(uri, body(n), path=f"{n}") for n, uri in enumerate(uris)]
    entries[4] = entries[4]._replace(sha256=None)
    entries[3] = entries[3]._replace(size=None)
    script.write(*entries)
    assert script.run().code == 0
    with (script.dest / "receipt.csv").open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["path"])
    assert [row["uri"] for row in rows] == [*uris[:3], "mast:tab%09line%0Aend", uris[4]]
    assert [row["bytes"] for row in rows] == ["5000"] * 5
    assert [row["sha256"] for row in rows] == [entry.sha256 or "" for entry in entries]


def test_a_receipt_is_written_as_rfc_4180_says(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a,b", b"x", path="a")
    script.write(entry)
    script.run()
    assert (script.dest / "receipt.csv").read_bytes() == (
        b'path,uri,bytes,sha256,result,detail\r\n"a","mast:a,b","1","%s","OK",""\r\n' % (entry.sha256 or "").encode()
    )


def test_the_page_says_what_happened_to_each_file(script: Script, archive: Archive) -> None:
    missing = archive.add('mast:<b>&"x"', body(), path="a/&x.fits")
    secret = archive.add("mast:s", body(), exclusive=True)
    archive.misbehave(missing.uri, "404")
    script.write(missing, secret)
    assert script.run(SKYBASKET_TOKEN=TOKEN).code == 1
    page = (script.dest / "MANIFEST.HTML").read_text()
    assert page == (
        manifest_page.head(NAME, ["1 of 2 OK, 1 failed."])
        .replace("<style>", "<style>\n")
        .replace("}td,th", "}\ntd,th")
        .replace("</style>", "\n</style>")
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
    assert script.receipt()["a b/0 é.fits"] == ("No longer listed", "")
    assert script.wrong() == []
    assert script.run().out.splitlines()[0] == "No longer listed: a b/0 é.fits (kept)"
    with (script.dest / "receipt.csv").open(newline="", encoding="utf-8") as file:
        kept = next(row for row in csv.DictReader(file) if row["result"] == "No longer listed")
    assert (kept["uri"], kept["sha256"]) == (old[0].uri, old[0].sha256)


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


def test_a_receipt_of_the_python_script_is_understood(script: Script, archive: Archive) -> None:
    entries = [archive.add(uri, body(n)) for n, uri in enumerate(["mast:a,1", "mast:b 2", "mast:c"])]
    script.write(*entries)
    script.dest.mkdir()
    with (script.dest / "receipt.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "uri", "bytes", "sha256", "result", "detail"])
        writer.writerow([entries[0].path, entries[0].uri, 5_000, entries[0].sha256, "Resumed", 'so, "it" came'])
        writer.writerow([entries[1].path, entries[1].uri, 5_000, entries[1].sha256, "Failed", "x"])
        writer.writerow([entries[2].path, entries[2].uri, 5_000, "ab" * 32, "OK", "of an older version"])
    assert script.run("--retry-failed").last_line == "3 of 3 OK, 0 failed"
    assert {request.uri for request in archive.requests} == {"mast:b 2", "mast:c"}
    assert script.receipt()[entries[0].path] == ("Resumed", 'so, "it" came')


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
    run = script.run()
    assert (run.code, run.err.count("have to be files")) == (2, 1)
    assert archive.requests == []
