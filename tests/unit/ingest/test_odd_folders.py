"""A folder may hold what is no file of it: named pipes, and links to elsewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from astropy.io import fits

from tests.fixtures.tables import ask
from webapp.ingest import ingest_fits

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def test_only_regular_files_of_the_folder_itself_come_in(sqlite_engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "holdings"
    (folder / "deep").mkdir(parents=True)
    header = fits.Header({"TELESCOP": "MYSCOPE"})
    fits.PrimaryHDU(header=header).writeto(folder / "own.fits")
    fits.PrimaryHDU(header=header).writeto(tmp_path / "secret.fits")
    os.mkfifo(folder / "pipe.fits")
    for name, target in {
        "away": "../secret.fits",
        "loop": "loop.fits",
        "inside": "own.fits",
        "deep/up": "../../secret.fits",
    }.items():
        (folder / f"{name}.fits").symlink_to(target)
    counts = ingest_fits(sqlite_engine, folder, prefix="local:h/")
    assert [uri for (uri,) in ask(sqlite_engine, "SELECT uri FROM product ORDER BY uri")] == [
        "local:h/inside.fits",
        "local:h/own.fits",
    ]
    assert counts.skipped == (
        "'away.fits' is a link that leaves the folder.",
        "'deep/up.fits' is a link that leaves the folder.",
        "'loop.fits' is a link to nothing.",
        "'pipe.fits' is not a regular file.",
    )
