"""What ingest takes for a file name, an inventory takes too: one that it refused would make whole baskets unusable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.tables import row, write
from webapp.ingest import IngestError, ingest_fits, ingest_table
from webapp.ingest.errors import CellError
from webapp.ingest.identity import filename
from webapp.inventory.names import pack_names

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

GOOD = "jw02733002001_02103_00001_mirimage_cal.fits"


@given(st.text(max_size=300) | st.text(st.sampled_from("a/.\\\n\r\0\x85\u2028\ud800 "), max_size=8))
def test_a_name_is_refused_by_ingest_or_can_be_in_an_inventory(name: str) -> None:
    try:
        taken = filename(name)
    except CellError:
        return
    assert pack_names([taken])[0] == taken


@pytest.mark.parametrize(
    "name",
    [
        "a\nb_cal.fits",
        "a\r\nb_cal.fits",
        "a\x00_cal.fits",
        "a\x1b[31m_cal.fits",
        "a\u2028_cal.fits",
        "a/",
        "/",
        " ",
        "a\\b",
    ],
)
def test_a_name_that_no_file_can_have_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(CellError, match=r"^has .+, which is not a file name$"):
        filename(name)


def test_a_path_in_the_column_of_names_is_its_last_part() -> None:
    assert filename("deep/below/x_cal.fits") == "x_cal.fits"


@pytest.mark.parametrize("name", ["a\nb_cal.fits", "folder/", "a\x7f_cal.fits"])
def test_a_table_with_such_a_name_is_refused_by_row_and_column(
    name: str, sqlite_engine: Engine, tmp_path: Path
) -> None:
    table = write(tmp_path / "t.csv", [row(GOOD), row(GOOD.replace("00001", "00002"), productFilename=name)])
    with pytest.raises(IngestError, match=r"^t.csv: row 2 \(.+\), column productFilename has .+ is not a file name\.$"):
        ingest_table(sqlite_engine, table)


def test_a_uri_that_ends_in_a_slash_names_no_file(sqlite_engine: Engine, tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", [row(GOOD, dataURI="mast:JWST/product/", productFilename="")])
    with pytest.raises(
        IngestError, match=r"column dataURI has 'mast:JWST/product/', which does not end in a file name"
    ):
        ingest_table(sqlite_engine, table)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good file, two with names that cannot be, and a stray one that nobody wants."""
    place = tmp_path / "holdings"
    place.mkdir()
    header = fits.Header({"TELESCOP": "JWST", "INSTRUME": "MIRI"})
    for name in (GOOD, GOOD.replace("00001", "0000\n2"), GOOD.replace("00001", "0000\\3")):
        fits.PrimaryHDU(header=header).writeto(place / name)
    (place / "Icon\r").touch()
    return place


def test_files_of_a_folder_whose_names_cannot_be_are_listed(folder: Path, sqlite_engine: Engine) -> None:
    with pytest.raises(IngestError) as refused:
        ingest_fits(sqlite_engine, folder, prefix="mast:")
    assert str(refused.value).split("\n") == [
        f"{GOOD.replace('00001', each)!a} has a character that names cannot have; rename it."
        for each in ("0000\n2", "0000\\3")
    ]


def test_files_of_a_folder_whose_names_cannot_be_can_be_left_out(folder: Path, sqlite_engine: Engine) -> None:
    counts = ingest_fits(sqlite_engine, folder, prefix="mast:", skip_damaged=True)
    assert (counts.new, counts.ignored, len(counts.skipped)) == (1, 1, 2)
