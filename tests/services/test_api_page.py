"""docs/api.md: what it shows works as it stands there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.up import ROOT, Up, free_port

if TYPE_CHECKING:
    from tests.fixtures.counter import Counter, Shell

SECONDS = 100  # a dozen programs start
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
SHELL_COMMAND = f'#!/bin/sh\nexec "{sys.executable}" -m webapp.cli "$@"\n'


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def run(command: list[str], program: str, folder: Path, url: str) -> str:
    """What a program says that is made of blocks of the page, at another server."""
    (folder / "skybasket").write_text(SHELL_COMMAND)
    (folder / "skybasket").chmod(0o755)
    mine = {"HOME": str(folder), "PYTHONPATH": str(ROOT), "PATH": f"{folder}:{os.environ['PATH']}"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SKYBASKET_", "XDG_"))}
    done = subprocess.run(
        [*command, program.replace("http://127.0.0.1:8000", url)],
        cwd=folder,
        env=clean | mine,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lines_of_python_do_what_is_said(counter: Counter, tmp_path: Path) -> None:
    first, *_ = blocks("python")
    assert len(first.strip().splitlines()) <= 11
    said = run([sys.executable, "-c"], "\n".join(blocks("python")), tmp_path, counter.url)
    assert [file.suffix for file in (tmp_path / "jwst").iterdir()] == [".zip"]
    assert "['JWST:no-such-observation']" in said


def commands() -> str:
    return "".join(block for block in blocks("sh") if "curl" not in block)


def test_the_commands_do_what_is_said(shell: Shell, tmp_path: Path) -> None:
    for line in commands().splitlines():
        command, _, file = line.partition(" > ")
        first, *words = shlex.split(command)
        if first == "skybasket":  # in this process, which is quicker; a shell runs them in the long suite
            (tmp_path / (file or "printed")).write_text(shell.run(*words).stdout)
    arrived(tmp_path)


@pytest.mark.long
def test_a_shell_does_with_the_commands_what_is_said(counter: Counter, tmp_path: Path) -> None:
    run(["sh", "-eu", "-c"], commands(), tmp_path, counter.url)
    arrived(tmp_path)


@pytest.mark.long
def test_all_of_it_works_with_the_demo_archive(demo_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    with Up(home, free_port()) as up:
        url = f"http://127.0.0.1:{up.ready().port}"
        run([sys.executable, "-c"], "\n".join(blocks("python")), tmp_path, url)
        run(["sh", "-eu", "-c"], "".join(blocks("sh")), tmp_path, url)
    arrived(tmp_path, bundles=2)  # by the commands, and by curl


def arrived(folder: Path, bundles: int = 1) -> None:
    assert (folder / "jwst-files" / "receipt.csv").is_file()
    assert len(list(folder.glob("skybasket_*.zip"))) == bundles
    assert json.loads((folder / "result.json").read_text())["state"] == "Ready"


def test_the_lines_of_curl_do_what_is_said(counter: Counter, tmp_path: Path) -> None:
    (lines,) = [block for block in blocks("sh") if "curl" in block]
    run(["sh", "-eu", "-c"], lines, tmp_path, counter.url)
    (bundle,) = tmp_path.glob("skybasket_*.zip")
    assert bundle.read_bytes().startswith(b"PK")


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 130])
def test_every_exit_code_is_told(code: int) -> None:
    assert f"\n| {code} | " in PAGE
