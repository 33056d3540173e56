"""Every fault under every shell; kills at random moments; five hundred hostile names; a hundred thousand files."""

from __future__ import annotations

import random
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from jobs.names import safe_paths
from tests.fixtures.archive import TOKEN
from tests.fixtures.scripts import EVERYDAY_TOOLS, NAME, SHELLS, tools

if TYPE_CHECKING:
    from pathlib import Path

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
def test_a_token_works_in_every_shell(script: Script, archive: Archive, shell: str) -> None:
    script.write(archive.add("mast:a", body(1), exclusive=True), archive.add("mast:b", body(2)))
    assert script.run(shell=shell, SKYBASKET_TOKEN=TOKEN).code == 0
    assert script.wrong() == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_line_that_stalls_is_cut_and_continued(script: Script, archive: Archive, shell: str) -> None:
    """The script's own limit is a minute, so this one is a copy with a second."""
    entry = archive.add("mast:a", body(1))
    archive.misbehave(entry.uri, "stall")
    script.write(entry)
    text = script.file.read_text()
    assert "speed-time = 60" in text
    script.file.write_text(text.replace("speed-time = 60", "speed-time = 1"))
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
    assert found == {*paths, "receipt.csv"}
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
