"""Every fault under every shell and with an old curl; kills at random moments; five hundred hostile names; a hundred
thousand files; tokens, and folders that cannot be written, under every shell.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.names import safe_paths
from tests.fixtures.archive import TOKEN
from tests.fixtures.scripts import EVERYDAY_TOOLS, NAME, SHELLS, old_curl, size_of, tools, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobs.manifest import Entry
    from tests.fixtures.archive import Archive
    from tests.fixtures.scripts import Script

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

PASSING = [
    "drop",
    "500",
    "503",
    "408",
    "429",
    "busy",
    "html",
    "corrupt",
    "short",
    "moved",
    "ignores range",
    "wrong range",
]
LASTING = {"404": "Missing", "410": "Missing", "401": "Not authorised", "403": "Not authorised", "400": "Failed"}


@pytest.fixture
def script(sh: Script) -> Script:
    """Here, the shell script alone."""
    return sh


def body(n: int, size: int = 20_000) -> bytes:
    return random.Random(n).randbytes(size)  # noqa: S311 - test data


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_nothing(script: Script, archive: Archive, shell: str, fault: str) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)]
    archive.misbehave(entries[1].uri, fault)
    script.write(*entries)
    script.part(entries[1]).write_bytes(body(1)[:7_000])
    assert script.run(shell=shell).code == 0
    assert script.wrong() == []
    assert script.run("--verify", shell=shell).code == 0


@pytest.mark.parametrize("known", ["all", "no checksum", "no size", "nothing"])
@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("old", [False, True])
def test_a_fault_that_passes_costs_nothing_whatever_is_known(
    script: Script, archive: Archive, fault: str, known: str, *, old: bool
) -> None:
    if fault in ("corrupt", "short") and known in ("nothing", "no checksum"):
        return  # nobody can tell
    unknown: dict[str, Any] = {
        "all": {},
        "no checksum": {"sha256": None},
        "no size": {"size": None},
        "nothing": {"size": None, "sha256": None},
    }[known]
    entries = [archive.add(f"mast:a/{n}.fits", body(n))._replace(**unknown) for n in range(3)]
    archive.misbehave(entries[1].uri, fault)
    script.write(*entries)
    script.part(entries[1]).write_bytes(body(1)[:7_000])
    script.tag(entries[1]).write_text("version=1")
    env = {"PATH": old_curl(script.folder / "bin")} if old else {}
    assert script.run(**env).code == 0
    assert script.wrong() == []


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_stays_is_reported(script: Script, archive: Archive, shell: str, fault: str) -> None:
    entries = [archive.add(f"mast:a/{n}.fits", body(n)) for n in range(3)]
    archive.misbehave(entries[1].uri, fault, times=50)
    script.write(*entries)
    assert script.run(shell=shell).code == (2 if LASTING[fault] == "Not authorised" else 1)
    assert script.results() == ["OK", LASTING[fault], "OK"]
    assert script.wrong() == ["a/1.fits"]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_token_is_in_no_list_of_processes_no_output_and_no_file(
    script: Script, archive: Archive, tmp_path: Path, shell: str
) -> None:
    exclusive = archive.add("mast:a", body(1, 300_000), exclusive=True)
    archive.misbehave(exclusive.uri, "stall")
    script.write(exclusive, archive.add("mast:b", body(2)))
    (tmp_path / "tmp").mkdir()
    env = {"SKYBASKET_TOKEN": TOKEN, "TMPDIR": str(tmp_path / "tmp")}
    with script.start(shell=shell, **env) as run:
        wait_until(lambda: script.curl() and size_of(script.part(exclusive)))
        processes = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout
        files = content(tmp_path)
        run.terminate()
        out, err = run.communicate(timeout=20)
    end = script.run(shell=shell, **env)
    assert end.last_line == "2 of 2 OK, 0 failed"
    assert script.wrong() == []
    assert TOKEN.encode() not in processes + files + content(tmp_path)
    assert TOKEN not in out + err + end.out + end.err
    assert TOKEN not in "".join(request.uri for request in archive.requests)


def content(folder: Path) -> bytes:
    """All names and bytes in it, of files that may go while they are read."""
    found = b""
    for file in folder.rglob("*"):
        try:
            found += os.fsencode(file) + (file.read_bytes() if file.is_file() else b"")
        except OSError:
            continue
    return found


@pytest.fixture
def small_disk(script: Script) -> Iterator[None]:
    """The script's folder on a disk of 1 MB, if this user may make one."""
    script.dest.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(script.dest)]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    yield
    if mounted:
        subprocess.run(["umount", "-l", script.dest], check=True)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_ends_the_run_and_keeps_what_came(script: Script, archive: Archive, shell: str) -> None:
    small, big = archive.add("mast:a", body(1)), archive.add("mast:b", body(2, 2_000_000))
    script.write(small._replace(size=None), big._replace(size=None))  # else it is said before anything moves
    # Where there is no small disk, a limit on the size of files fails writes in the same way.
    limited = f"trap '' XFSZ; ulimit -f 1000; exec {' '.join(script.command(shell=shell))}"
    done = subprocess.run(["dash", "-c", limited], cwd=script.folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "There is no space left" in done.stderr) == (3, True), done.stderr
    assert size_of(script.part(big)) > 0


@pytest.mark.parametrize("shell", SHELLS)
def test_a_folder_that_only_others_may_write_is_a_sentence(script: Script, archive: Archive, shell: str) -> None:
    script.write(archive.add("mast:a", body(1)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        program = folder / "script"
        program.write_bytes(script.file.read_bytes())
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        command = [*as_nobody, *SHELLS[shell], str(program), "--dest", f"{folder}/x"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        folder.chmod(0o755)
    assert (done.returncode, done.stderr) == (2, f"The folder {folder}/x cannot be written to.\n")
    assert archive.requests == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_path_that_is_too_long_fails_alone(script: Script, archive: Archive, shell: str) -> None:
    script.write(archive.add("mast:a", body(1), path="long.fits"), archive.add("mast:b", body(2)))
    script.patch("\tlong.fits\t", f"\t{'n' * 300}/{'m' * 300}\t")
    assert script.run(shell=shell).last_line == "1 of 2 OK, 1 failed"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_line_that_stalls_is_cut_and_continued(script: Script, archive: Archive, shell: str) -> None:
    """The script's own limit is a minute, so this one is a copy with a second."""
    entry = archive.add("mast:a", body(1))
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    script.patch("speed-time = 60", "speed-time = 1")
    assert script.run(shell=shell).code == 0
    assert script.wrong() == []


@pytest.mark.parametrize("seed", range(20))
def test_killed_at_any_moment_the_next_run_completes(script: Script, archive: Archive, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a moment, not a secret
    script.write(*(archive.add(f"mast:a{n % 7}/{n}.fits", body(n, 50_000)) for n in range(200)))
    shell = chance.choice(sorted(SHELLS))
    for _ in range(3):
        with subprocess.Popen(script.command(shell=shell), cwd=script.folder, stderr=subprocess.DEVNULL) as run:
            time.sleep(chance.uniform(0.01, 0.6))
            run.kill()
    end = script.run(shell=shell)
    assert end.out.endswith("200 of 200 OK, 0 failed\n"), end.err
    assert script.wrong() == []


def test_five_hundred_hostile_names_touch_nothing_outside(script: Script, archive: Archive, tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - names, not secrets
    pieces = [
        "$(touch canary)",
        "`touch canary`",
        "'; touch canary; '",
        '"',
        "\\",
        "\n",
        "..",
        "/",
        "-",
        "~",
        "%",
        "#1",
        "[a]",
    ]
    pieces += [
        "{b,c}",
        "*",
        "?",
        "&",
        "|",
        ";",
        "<",
        ">",
        "é",
        "星",
        " ",
        "\t",
        "con",
        "nul.fits",
        "receipt.csv",
        "$HOME",
        "!!",
    ]
    wanted = ["".join(chance.choices(pieces, k=chance.randint(1, 8))) + ".fits" for _ in range(500)]
    paths = safe_paths(wanted)
    uris = [f"mast:{n}/{name}" for n, name in enumerate(wanted)]
    script.write(
        *(archive.add(uri, body(n, 50), path=path) for n, (uri, path) in enumerate(zip(uris, paths, strict=True)))
    )
    run = script.run()
    assert run.last_line == "500 of 500 OK, 0 failed"
    assert script.wrong() == []
    found = {str(file.relative_to(script.dest)) for file in script.dest.rglob("*") if file.is_file()}
    assert found == {*paths, "receipt.csv", "MANIFEST.HTML"}
    assert {file.name for file in tmp_path.iterdir()} == {script.file.name, NAME}


def test_a_hundred_thousand_files_are_verified_in_every_shell(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:x", b"x")
    entries: list[Entry] = [entry._replace(path=f"JWST/jw{n // 25}/jw{n}_cal.fits") for n in range(100_000)]
    script.write(*entries)
    assert script.file.stat().st_size < 25_000_000
    for each in entries:
        file = script.dest / each.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    ends = {shell: script.run(shell=shell).last_line for shell in SHELLS}
    assert ends == dict.fromkeys(SHELLS, "100000 of 100000 OK, 0 failed")
    assert archive.requests == []


@pytest.mark.parametrize("shell", SHELLS)
def test_tools_of_busybox_alone_are_enough(script: Script, archive: Archive, tmp_path: Path, shell: str) -> None:
    entries = [archive.add(f"mast:a/{n} é.fits", body(n)) for n in range(8)]
    for entry, fault in zip(entries, PASSING, strict=False):
        archive.misbehave(entry.uri, fault)
    script.write(*entries)
    path = tools(tmp_path / "bin", "curl", "busybox", SHELLS[shell][0])
    for applet in (EVERYDAY_TOOLS | {"sha256sum", "grep", "printf"}) - {"curl", "dash", SHELLS[shell][0]}:
        (tmp_path / "bin" / applet).symlink_to("busybox")
    assert script.run(shell=shell, PATH=path).last_line == "8 of 8 OK, 0 failed"
    assert script.wrong() == []
