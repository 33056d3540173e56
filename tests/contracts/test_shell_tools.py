"""What a shell script asks of the machine that it runs on: old curls, a Mac, tools that are not there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.scripts import EVERYDAY_TOOLS, Script, body, old_curl, tools

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.archive import Archive


def test_without_a_tool_for_checksums_sizes_are_checked_and_that_is_said(
    script: Script, archive: Archive, tmp_path: Path
) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    run = script.run(PATH=tools(tmp_path / "bin", *EVERYDAY_TOOLS))
    assert run.code == 0
    assert "only sizes are checked" in run.err
    assert script.results() == ["OK, size only"]


@pytest.mark.parametrize("hasher", ["openssl", "sha256sum", "shasum"])
def test_any_of_the_known_tools_checks_checksums(script: Script, archive: Archive, tmp_path: Path, hasher: str) -> None:
    entry = archive.add("mast:a/x y.fits", body())
    archive.misbehave(entry.uri, "corrupt")
    script.write(entry)
    extra = ("perl",) if hasher == "shasum" else ()
    assert script.run(PATH=tools(tmp_path / "bin", *EVERYDAY_TOOLS, hasher, *extra)).code == 0
    assert script.results() == ["OK"]
    assert script.wrong() == []


def test_an_old_curl_is_asked_only_for_what_it_knows(script: Script, archive: Archive, tmp_path: Path) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(8)]
    entries[0] = entries[0]._replace(size=None, sha256=None)
    entries[1] = entries[1]._replace(sha256=None)
    for entry, fault in zip(entries, ["drop", "drop", "drop", "500", "busy", "moved", "corrupt"], strict=False):
        archive.misbehave(entry.uri, fault)
    script.write(*entries)
    run = script.run(PATH=old_curl(tmp_path / "bin"))
    assert (run.last_line, run.code) == ("8 of 8 OK, 0 failed", 0)
    assert script.wrong() == []
    assert (tmp_path / "bin/calls").exists()


def test_a_curl_that_is_too_old_is_refused(script: Script, archive: Archive, tmp_path: Path) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    path = tools(tmp_path / "bin", *EVERYDAY_TOOLS, instead={"curl": "#!/bin/sh\necho 'curl 7.29.0 (x86_64)'\n"})
    run = script.run(PATH=path)
    assert (run.code, run.err.splitlines()[-1]) == (2, "This script needs curl 7.61 or later.")


def test_a_missing_tool_is_named(script: Script, archive: Archive, tmp_path: Path) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    path = tools(tmp_path / "bin", *(tool for tool in EVERYDAY_TOOLS if tool != "curl"))
    assert script.run(PATH=path) == (2, "", "This script needs curl, which is not installed here.\n")


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


def test_a_macs_tools_are_enough(script: Script, archive: Archive, tmp_path: Path) -> None:
    """A PATH with shasum instead of sha256sum, and with tools that refuse what only GNU's know."""
    instead = {name: text.replace(name.upper(), shutil.which(name) or "") for name, text in BSD.items()}
    for name, refused in REFUSED.items():
        check = f"for word; do case $word in {refused}) exit 1 ;; esac; done"
        text = NO_GNU.replace("NAME", name).replace("REFUSED", check).replace("PROGRAM", shutil.which(name) or "")
        instead[name] = text
    entries = [archive.add(f"mast:a{n % 2}/{n} é.fits", body(n)) for n in range(6)]
    for entry, fault in zip(entries, ["drop", "corrupt", "html"], strict=False):
        archive.misbehave(entry.uri, fault)
    script.write(*entries)
    path = tools(tmp_path / "bin", *EVERYDAY_TOOLS, "perl", "shasum", instead=instead)
    assert script.run("--dry-run", PATH=path).last_line.startswith("Would fetch 6 of 6 files, 30000 bytes; ")
    run = script.run(PATH=path)
    assert run.last_line == "6 of 6 OK, 0 failed", run
    assert script.wrong() == []
    assert script.run("--verify", PATH=path).last_line == "6 of 6 OK, 0 missing or damaged"
