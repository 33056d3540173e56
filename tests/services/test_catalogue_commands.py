"""The commands that fill the catalogue, run as users run them: one that ends well and one that fails as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest
from astropy.io import fits
from click.testing import CliRunner

from jobs.storage import Located
from tests.fixtures.tables import DATA, ask, ask_one, row, write
from webapp.cli import main
from webapp.db import engine_for
from webapp.settings import Settings
from webapp.stores import store_map

if TYPE_CHECKING:
    from sqlalchemy import Engine

ROOT = Path(__file__).resolve().parents[2]
NAME = "jw02733002001_02103_00001_mirimage_cal.fits"


class Command(Protocol):
    """Runs ``skybasket`` with a home of its own."""

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def skybasket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """In this process, which is quicker."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        words, env = [str(each) for each in arguments], {"SKYBASKET_HOME": str(tmp_path / "home")}
        done = CliRunner().invoke(main, words, env=env, catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Command:
    """As users run it."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SKYBASKET_HOME": str(tmp_path / "home")}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "webapp.cli", *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100, check=False)

    return run


@pytest.fixture
def holdings(tmp_path: Path) -> Path:
    """A folder with a FITS file, with a name that a URL must escape."""
    folder = tmp_path / "my holdings"
    folder.mkdir()
    header = fits.Header({"TELESCOP": "JWST", "TARGPROP": "NGC-3132"})
    fits.HDUList([fits.PrimaryHDU(header=header), fits.ImageHDU(np.zeros((9, 9)))]).writeto(folder / NAME)
    return folder


def catalogue(tmp_path: Path) -> Engine:
    return engine_for(f"sqlite:///{tmp_path / 'home' / 'skybasket.db'}")


def said_first(tmp_path: Path) -> str:
    """What commands that write say on standard error before anything else."""
    return f"Catalogue: {tmp_path / 'home' / 'skybasket.db'}\n"


def test_init_makes_the_database_and_says_where(skybasket: Command, tmp_path: Path) -> None:
    done = skybasket("init")
    assert (done.returncode, done.stderr) == (0, "")
    assert str(tmp_path / "home" / "skybasket.db") in done.stdout


def test_tables_end_with_one_plain_line_each(process: Command, tmp_path: Path) -> None:
    done = process("ingest", "table", DATA / "astroquery_products_hst_wfpc2.json", DATA / "hst_nicmos_bundle_589.csv")
    assert (done.returncode, done.stderr) == (0, said_first(tmp_path))
    assert done.stdout.splitlines() == [
        "astroquery_products_hst_wfpc2.json: 22 new, 0 updated, 0 unchanged, 0 duplicate links, 0 withdrawn",
        "hst_nicmos_bundle_589.csv: 589 new, 0 updated, 0 unchanged, 0 duplicate links, 0 withdrawn",
    ]


def test_bad_input_is_one_sentence_and_exit_code_two(process: Command, tmp_path: Path) -> None:
    table = write(tmp_path / "bad.csv", [row(NAME, size="many")])
    done = process("ingest", "table", table)
    sentence = "bad.csv: row 1 (line 2), column size has 'many', which is not a number of bytes. It changed nothing.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said_first(tmp_path) + sentence)


def test_links_to_references_end_with_what_was_left_out_and_what_is_missing(skybasket: Command, tmp_path: Path) -> None:
    skybasket("ingest", "table", write(tmp_path / "products.csv", [row(NAME)]))
    uris = (f"mast:JWST/product/{NAME}", "mast:JWST/product/other_cal.fits")
    links = [{"product": uri, "reference": "crds://jwst_miri_dark_0057.fits", "keyword": "R_DARK"} for uri in uris]
    done = skybasket("ingest", "references", write(tmp_path / "links.csv", links), "--skip-unknown")
    counts = "products: 1; links: 1 (1 new, 0 unchanged, 0 removed); references: 1 (0 new, 0 updated, 1 missing)"
    said = (
        f"Left out: the catalogue does not have {uris[1]}\n"
        "Missing: the archive does not have jwst_miri_dark_0057.fits\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"links.csv: {counts}\n",
        said_first(tmp_path) + said,
    )


def test_a_folder_is_served_at_once(skybasket: Command, holdings: Path, tmp_path: Path) -> None:
    done = skybasket("ingest", "fits", "my holdings")
    assert (done.returncode, done.stdout.partition(",")[0]) == (0, "local:my-holdings/: 1 new")
    ((uri, location),) = ask(catalogue(tmp_path), "SELECT uri, location FROM product")
    place = store_map(Settings(home=tmp_path / "home")).locate(uri, location)
    assert isinstance(place, Located)
    assert place.store.stat(place.path).size == (holdings / NAME).stat().st_size


def test_two_folders_cannot_share_a_prefix(skybasket: Command, holdings: Path, tmp_path: Path) -> None:
    skybasket("ingest", "fits", holdings, "--prefix", "local:same/")
    other = holdings.rename(tmp_path / "other")
    done = skybasket("ingest", "fits", other, "--prefix", "local:same/")
    assert done.returncode == 2
    assert "local:same/ already stands for" in done.stderr


@pytest.mark.parametrize(
    "prefix", ["local:../", *(pytest.param(each, marks=pytest.mark.long) for each in ("local:holdings", "/etc/", "x/"))]
)
def test_a_prefix_that_cannot_begin_a_uri_is_refused(skybasket: Command, holdings: Path, prefix: str) -> None:
    done = skybasket("ingest", "fits", holdings, "--prefix", prefix)
    assert done.returncode == 2
    assert done.stderr.startswith("The prefix")


def test_checksums_are_filled(skybasket: Command, holdings: Path, tmp_path: Path) -> None:
    skybasket("ingest", "fits", holdings)
    filled = skybasket("checksum")
    assert (filled.returncode, filled.stdout.partition(" (")[0]) == (0, "1 hashed")
    assert len(ask_one(catalogue(tmp_path), "SELECT sha256 FROM product")) == 64


def test_a_missing_file_is_named_and_exit_code_one(skybasket: Command, holdings: Path, tmp_path: Path) -> None:
    skybasket("ingest", "fits", holdings)
    (holdings / NAME).unlink()
    done = skybasket("checksum")
    assert (done.returncode, done.stderr) == (1, f"{said_first(tmp_path)}Missing: local:my-holdings/{NAME}\n")


def test_an_operators_mission_is_used(skybasket: Command, tmp_path: Path) -> None:
    (tmp_path / "skybasket.toml").write_text(
        "[missions.KEPLER]\nnames = 'kplr\\d{9}'\n"
        "suffixes = [{ group = 'LLC', category = 'SCIENCE', level = 2, recommended = true }]\n"
    )
    (tmp_path / "t.csv").write_text("filename\nkplr006922244-2010078095331_llc.fits\n")
    assert skybasket("ingest", "table", "t.csv").returncode == 0
    found = ask(catalogue(tmp_path), 'SELECT mission, category, "group", level, recommended FROM kind')
    assert found == [("KEPLER", "SCIENCE", "LLC", 2, 1)]


def test_a_wrong_mission_table_is_a_sentence(skybasket: Command, tmp_path: Path) -> None:
    (tmp_path / "skybasket.toml").write_text("[missions.KEPLER]\nlevel = 9\n")
    done = skybasket("ingest", "table", write(tmp_path / "t.csv", [row(NAME)]))
    assert done.returncode == 2
    assert "[missions.KEPLER] in skybasket.toml: level must be from -1 to 4." in done.stderr
