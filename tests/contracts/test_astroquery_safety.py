"""What the script for astroquery lets nobody have: a token's place in a request, or a way out of its folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.contracts.test_astroquery_script import run
from tests.fixtures.archive import TOKEN
from tests.fixtures.simple_scripts import Script, body

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.archive import Archive


@pytest.fixture
def script(tmp_path: Path, archive: Archive) -> Script:
    return Script(tmp_path, archive, "astroquery")


def test_what_netrc_says_of_any_host_does_not_take_the_tokens_place(script: Script, archive: Archive) -> None:
    mine, ours = archive.add("mast:a/x.fits", body(), exclusive=True), archive.add("mast:a/y.fits", body())
    archive.misbehave(mine.uri, "moved")
    script.write(mine, ours)
    home = script.folder / "home"
    home.mkdir()
    (home / ".netrc").write_text("default login joe password another\n")
    (home / ".netrc").chmod(0o600)
    done = run(script, SKYBASKET_TOKEN=TOKEN)
    assert done.code == 0, done.out
    sent = {(each.uri, each.authorization) for each in archive.requests}
    assert sent == {(mine.uri, f"Bearer {TOKEN}"), (ours.uri, "")}


def test_it_writes_through_no_link_that_others_have_left(script: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    script.write(entry)
    outside = script.folder / "outside"
    outside.write_text("mine")
    own = script.dest / ".skybasket"
    own.mkdir(parents=True)
    (own / "file.part").symlink_to(outside)
    assert run(script).code == 0
    assert outside.read_text() == "mine"
    assert all(script.right())


def test_a_folder_of_its_own_that_is_a_link_is_refused(script: Script, archive: Archive) -> None:
    script.write(archive.add("mast:a/x.fits", body()))
    script.dest.mkdir()
    (script.dest / ".skybasket").symlink_to(os.curdir)
    done = run(script)
    assert (done.code, done.err) == (
        2,
        f"{script.dest.name}/.skybasket is not what this script left there. Delete it and try again.\n",
    )
    assert archive.requests == []
