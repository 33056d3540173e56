"""What the shell script alone promises: it runs with old curls, a Mac's tools, and without some tools."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.archive import TOKEN
from tests.fixtures.scripts import EVERYDAY_TOOLS, NOWHERE, Script, body, old_curl, tools

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.archive import Archive


def test_without_a_tool_for_checksums_sizes_are_checked_and_that_is_said(
    sh: Script, archive: Archive, tmp_path: Path
) -> None:
    sh.write(archive.add("mast:a/x.fits", body()))
    run = sh.run(PATH=tools(tmp_path / "bin", *EVERYDAY_TOOLS))
    assert run.code == 0
    assert "only sizes are checked" in run.err
    assert sh.results() == ["OK, size only"]


@pytest.mark.parametrize("hasher", ["openssl", "sha256sum", "shasum"])
def test_any_of_the_known_tools_checks_checksums(sh: Script, archive: Archive, tmp_path: Path, hasher: str) -> None:
    entry = archive.add("mast:a/x y.fits", body())
    archive.misbehave(entry.uri, "corrupt")
    sh.write(entry)
    extra = ("perl",) if hasher == "shasum" else ()
    assert sh.run(PATH=tools(tmp_path / "bin", *EVERYDAY_TOOLS, hasher, *extra)).code == 0
    assert sh.results() == ["OK"]
    assert sh.wrong() == []


def test_an_old_curl_is_asked_only_for_what_it_knows(sh: Script, archive: Archive, tmp_path: Path) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(8)]
    entries[0] = entries[0]._replace(size=None, sha256=None)
    entries[1] = entries[1]._replace(sha256=None)
    for entry, fault in zip(entries, ["drop", "drop", "drop", "500", "busy", "moved", "corrupt"], strict=False):
        archive.misbehave(entry.uri, fault)
    sh.write(*entries)
    run = sh.run(PATH=old_curl(tmp_path / "bin"))
    assert (run.last_line, run.code) == ("8 of 8 OK, 0 failed", 0)
    assert sh.wrong() == []
    assert (tmp_path / "bin/calls").exists()


def test_an_old_curl_makes_no_patchwork_of_a_file_that_was_replaced(
    sh: Script, archive: Archive, tmp_path: Path
) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(4)]
    entries[1:] = [entry._replace(sha256=None) for entry in entries[1:]]
    entries[3] = entries[3]._replace(size=None)
    sh.write(*entries)
    for n, entry in enumerate(entries):
        sh.part(entry).write_bytes(body(n)[:2_000])
        sh.tag(entry).write_text("version=1")
    for n in (1, 3):
        archive.replace(entries[n].uri, body(n + 10))
    run = sh.run(PATH=old_curl(tmp_path / "bin"))
    assert (run.last_line, run.code) == ("4 of 4 OK, 0 failed", 0)
    assert sh.wrong() == []
    assert [archive.starts(entry.uri) for entry in entries] == [[2_000], [2_000, 0], [2_000], [2_000, 0]]


def test_a_server_that_is_gone_is_not_asked_for_every_file_that_goes_alone(
    sh: Script, archive: Archive, tmp_path: Path
) -> None:
    sh.write(*(archive.add(f"mast:a/{n}.fits", body(n))._replace(size=None) for n in range(60)))
    archive.close()
    run = sh.run("--retries", "1", PATH=old_curl(tmp_path / "bin"))
    assert (run.code, run.last_line) == (1, "0 of 60 OK, 60 failed")
    assert len((tmp_path / "bin/calls").read_text().splitlines()) == 20


def test_a_curl_that_would_take_the_token_along_does_not_follow(
    sh: Script, archive: Archive, elsewhere: Archive, tmp_path: Path
) -> None:
    entry = archive.add("mast:a/x.fits", body(), exclusive=True)
    archive.misbehave(entry.uri, f"to {elsewhere.url}")
    sh.write(entry)
    run = sh.run(PATH=old_curl(tmp_path / "bin"), SKYBASKET_TOKEN=TOKEN)
    assert run.code == 1
    assert sh.receipt()[entry.path] == ("Failed", "the server answered 302, which this curl cannot follow safely")
    assert elsewhere.requests == []


def test_more_files_than_one_curl_takes_all_come(sh: Script, archive: Archive) -> None:
    sh.write(*(archive.add(f"mast:a{n // 40}/{n}.fits", b"%d" % n) for n in range(210)))
    sh.patch("most=5000", "most=50")
    assert sh.run("--jobs", "8").last_line == "210 of 210 OK, 0 failed"
    assert sh.wrong() == []


def test_a_small_file_of_which_nothing_is_known_is_started_again(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(size=None, sha256=None)
    archive.misbehave(entry.uri, "drop")
    sh.write(entry, version=NOWHERE)
    assert sh.run().code == 0
    assert archive.starts(entry.uri) == [0, 0]


def test_a_whole_script_passes_shellcheck(sh: Script, archive: Archive) -> None:
    sh.write(*(archive.add(f"mast:HST/x{name}", b"x") for name in ("$(touch canary)", "a'; touch canary; '", "-rf")))
    subprocess.run(["shellcheck", "-s", "sh", sh.file], check=True)


def test_every_field_of_a_receipt_is_quoted(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a,b", b"x", path="a")
    sh.write(entry)
    sh.run()
    assert (sh.dest / "receipt.csv").read_bytes() == (
        b'path,uri,bytes,sha256,result,detail\r\n"a","mast:a,b","1","%s","OK",""\r\n' % (entry.sha256 or "").encode()
    )


def test_free_space_is_what_df_says(sh: Script, archive: Archive, tmp_path: Path) -> None:
    sh.write(archive.add("mast:a/x.fits", body()))
    df = "#!/bin/sh\necho Filesystem 1024-blocks Used Available Capacity Mounted on\necho /dev/x 100 98 2 98% /\n"
    path = tools(tmp_path / "bin", *(t for t in EVERYDAY_TOOLS if t != "df"), "sha256sum", instead={"df": df})
    run = sh.run(PATH=path)
    assert run.code == 3
    assert "needs 5000 bytes more and has 2048 free" in run.err


def test_a_disk_that_fills_up_ends_the_run_and_the_next_goes_on(sh: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body(size=400_000))
    sh.write(entry)
    # A limit on the size of files fails writes as a full disk does.
    limited = f"trap '' XFSZ; ulimit -f 200; exec dash {sh.file.name}"
    done = subprocess.run(["dash", "-c", limited], cwd=sh.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "There is no space left" in done.stderr
    assert sh.part(entry).stat().st_size > 0
    assert sh.run().code == 0
    assert sh.wrong() == []
    assert archive.starts(entry.uri)[-1] > 0


def test_a_curl_that_is_too_old_is_refused(sh: Script, archive: Archive, tmp_path: Path) -> None:
    sh.write(archive.add("mast:a/x.fits", body()))
    path = tools(tmp_path / "bin", *EVERYDAY_TOOLS, instead={"curl": "#!/bin/sh\necho 'curl 7.29.0 (x86_64)'\n"})
    run = sh.run(PATH=path)
    assert (run.code, run.err.splitlines()[-1]) == (2, "This script needs curl 7.61 or later.")


def test_a_missing_tool_is_named(sh: Script, archive: Archive, tmp_path: Path) -> None:
    sh.write(archive.add("mast:a/x.fits", body()))
    path = tools(tmp_path / "bin", *(tool for tool in EVERYDAY_TOOLS if tool != "curl"))
    assert sh.run(PATH=path) == (2, "", "This script needs curl, which is not installed here.\n")


BSD = {
    "xargs": '#!/bin/sh\ncase $2 in -*) exit 1 ;; esac\n[ "$1" = -0 ] && exec XARGS "$@"\nexit 1\n',
    "stat": """#!/bin/sh
[ "$1 $2 $3" = '-L -f %Xp/%z/%N' ] || exit 1
shift 3
exec STAT -L -c %f/%s/%n "$@"
""",
    "df": '#!/bin/sh\n[ "$1" = -Pk ] || exit 1\nexec DF "$@"\n',
    "mktemp": "#!/bin/sh\ncase $*,$# in '-d /'*XXXXXX,2) exec MKTEMP \"$@\" ;; esac\nexit 1\n",
}
NO_GNU = """#!/bin/sh
for word; do
  case $word in --*) echo "NAME: illegal option -- -" >&2; exit 1 ;; esac
done
REFUSED
exec PROGRAM "$@"
"""
REFUSED = {
    "mv": "-t|-T|-n",
    "sort": "-V|-z",
    "cut": "-z",
    "find": "-printf",
    "ls": "-Z",
    "rm": "-d",
}


def test_a_macs_tools_are_enough(sh: Script, archive: Archive, tmp_path: Path) -> None:
    """A PATH with shasum instead of sha256sum, and with tools that refuse what only GNU's know."""
    instead = {name: text.replace(name.upper(), shutil.which(name) or "") for name, text in BSD.items()}
    for name, refused in REFUSED.items():
        check = f"for word; do case $word in {refused}) exit 1 ;; esac; done"
        text = NO_GNU.replace("NAME", name).replace("REFUSED", check).replace("PROGRAM", shutil.which(name) or "")
        instead[name] = text
    entries = [archive.add(f"mast:a{n % 2}/{n} é.fits", body(n)) for n in range(6)]
    for entry, fault in zip(entries, ["drop", "corrupt", "html"], strict=False):
        archive.misbehave(entry.uri, fault)
    sh.write(*entries)
    path = tools(tmp_path / "bin", *EVERYDAY_TOOLS, "perl", "shasum", instead=instead)
    assert sh.run("--dry-run", PATH=path).last_line.startswith("Would fetch 6 of 6 files, 30000 bytes; ")
    run = sh.run(PATH=path)
    assert run.last_line == "6 of 6 OK, 0 failed", run
    assert sh.wrong() == []
    assert sh.run("--verify", PATH=path).last_line == "6 of 6 OK, 0 missing or damaged"
