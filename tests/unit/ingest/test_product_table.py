"""One table says the same in every format it may be saved in."""

from __future__ import annotations

import gzip
import json
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from hypothesis import given
from hypothesis import strategies as st

from webapp.ingest.errors import IngestError
from webapp.ingest.product_table import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMNS = {
    "dataURI": ["mast:JWST/product/a_cal.fits", "mast:JWST/product/b_cal.fits", "mast:JWST/product/c d_cal.fits"],
    "size": [1000, None, 3],
    "calib_level": [2, 3, -1],
    "obs_id": ["a", None, 'c "d", é'],
    "s_ra": [10.5, None, 350.25],
}
EXPECTED = {
    "uri": ["mast:JWST/product/a_cal.fits", "mast:JWST/product/b_cal.fits", "mast:JWST/product/c d_cal.fits"],
    "size": ["1000", None, "3"],
    "level": ["2", "3", "-1"],
    "obs_id": ["a", None, 'c "d", é'],
    "ra": ["10.5", None, "350.25"],
}


def table() -> Table:
    made = Table()
    for name, values in COLUMNS.items():
        filled = [0 if value is None and name != "obs_id" else value or "" for value in values]
        made[name] = MaskedColumn(filled, mask=[value is None for value in values])
    return made


def as_json(file: Path) -> None:
    rows = [dict(zip(COLUMNS, values, strict=True)) for values in zip(*COLUMNS.values(), strict=True)]
    file.write_text(json.dumps({"status": "COMPLETE", "data": rows}))


def as_bare_list(file: Path) -> None:
    as_json(file)
    file.write_text(json.dumps(json.loads(file.read_text())["data"]))


def as_fits(file: Path) -> None:
    made = table()
    made["obs_id"] = [name.encode() for name in made["obs_id"].filled("")]
    made["s_ra"] = np.where(made["s_ra"].mask, np.nan, made["s_ra"].data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.write(file, format="fits")


def by_astropy(name: str, **options: object) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table().write(file, format=name, **options)

    return write


FORMATS: dict[str, Callable[[Path], None]] = {
    "csv": by_astropy("ascii.csv"),
    "csv with semicolons": by_astropy("ascii.csv", delimiter=";"),
    "tabs": by_astropy("ascii.csv", delimiter="\t"),
    "ecsv": by_astropy("ascii.ecsv"),
    "ecsv with commas": by_astropy("ascii.ecsv", delimiter=","),
    "votable": by_astropy("votable"),
    "binary votable": by_astropy("votable", tabledata_format="binary2"),
    "json answer": as_json,
    "json list": as_bare_list,
    "fits": as_fits,
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("packed", ["plain", "gzip"])
def test_a_table_says_the_same_in_every_format(name: str, packed: str, tmp_path: Path) -> None:
    file = tmp_path / "table"  # the name tells nothing
    FORMATS[name](file)
    if packed == "gzip":
        file.write_bytes(gzip.compress(file.read_bytes()))
    (batch,) = read(file).batches
    assert {field: list(batch.cells[field]) for field in EXPECTED} == EXPECTED


@pytest.mark.parametrize("word", ["", "--", "null", "NULL", "None", "masked"])
def test_words_for_nothing_are_missing(word: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"uri,size\nmast:JWST/product/a_cal.fits,{word}\n")
    (batch,) = read(tmp_path / "t.csv").batches
    assert batch.cells["size"] == [None]


def test_column_names_may_be_in_any_case_and_order(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("SIZE,other,DATAURI\n5,x,mast:JWST/product/a_cal.fits\n")
    assert read(tmp_path / "t.csv").names == {"size": "SIZE", "uri": "DATAURI"}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfuri,size\r\nmast:JWST/product/a_cal.fits,5\r\n\r\n")
    (batch,) = read(tmp_path / "t.csv").batches
    assert batch.cells == {"uri": ("mast:JWST/product/a_cal.fits",), "size": ("5",)}


def test_rows_are_counted_over_lines_that_a_quoted_cell_spans(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('uri,description\na,"two\nlines"\nb,c\n')
    assert read(tmp_path / "t.csv").where(2) == "row 2 (line 4)"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("bytes") / "t"
    file.write_bytes(content)
    try:
        said = [batch.rows for batch in read(file).batches]
    except IngestError as error:
        said = [str(error)]
    assert said
