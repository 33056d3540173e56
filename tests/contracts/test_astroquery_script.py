"""What a downloaded script for astroquery does, against a real server that misbehaves."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.archive import TOKEN, Archive
from tests.fixtures.scripts import Run
from tests.fixtures.simple_scripts import Script, body, troubled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def script(tmp_path: Path, archive: Archive) -> Script:
    return Script(tmp_path, archive, "astroquery")


def run(script: Script, *args: str, **env: str) -> Run:
    home = script.folder / "home"
    home.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", **env}
    command = [sys.executable, script.file.name, *args]
    done = subprocess.run(
        command, cwd=script.folder, env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    return Run(done.returncode, done.stdout, done.stderr)


def test_all_files_come_past_faults_and_names_and_once(script: Script, archive: Archive) -> None:
    script.write(*troubled(archive))
    first = run(script)
    assert (first.last_line, first.code, first.err) == ("19 of 19 OK, 0 failed", 0, "")
    assert all(script.right())
    asked = len(archive.requests)
    assert run(script).last_line == "19 of 19 OK, 0 failed"
    assert len(archive.requests) == asked


def test_a_file_that_fails_is_named_with_the_reason_and_others_come(script: Script, archive: Archive) -> None:
    gone, page = archive.add("mast:gone", b"x"), archive.add("mast:page", b"y")
    here = archive.add("mast:here", b"z", exclusive=True)
    del archive.files[gone.uri]
    archive.files[page.uri] = b"<!DOCTYPE html><p>Sorry"
    script.write(gone, page._replace(size=None, sha256=None), here)
    done = run(script, SKYBASKET_TOKEN=TOKEN)
    assert done.code == 1
    assert "Failed: gone (HTTPError: 404" in done.out
    assert "Failed: page (a web page came in its place)" in done.out
    assert done.last_line == "1 of 3 OK, 2 failed"
    assert TOKEN not in done.out + done.err


def test_without_a_token_it_names_the_exclusive_files_and_moves_nothing(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body(), exclusive=True), archive.add("mast:a/y.fits", body()))
    done = run(script)
    assert done.code == 2
    assert "a/x.fits" in done.err
    assert archive.requests == []


def test_a_wrong_token_ends_in_two(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body(), exclusive=True))
    assert run(script, SKYBASKET_TOKEN="wrong").code == 2  # noqa: S106 - a word that is none
