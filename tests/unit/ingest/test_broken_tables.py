"""Every broken table gets one sentence that says file, row and column, and changes nothing."""

from __future__ import annotations

import gzip
import json
import shutil
import warnings
from typing import TYPE_CHECKING

import pytest
from astropy.table import Table

from tests.fixtures.tables import DATA, everything, row, write
from webapp.db import engine_for
from webapp.ingest import IngestError, ingest_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

GOOD = "jw02733002001_02103_00001_mirimage_cal.fits"
BAD = "jw02733002001_02103_00002_mirimage_cal.fits"
HEADER = "dataURI,productFilename,size\n"
LINE = f"mast:JWST/product/{GOOD},{GOOD},10\n"


def rows_with(**cells: object) -> Callable[[Path], None]:
    """A good row, then one with these cells."""
    return lambda file: str(write(file, [row(GOOD), row(BAD, **cells)])) and None


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda file: str(file.write_bytes(content.encode(encoding))) and None


def data(content: bytes) -> Callable[[Path], None]:
    return lambda file: str(file.write_bytes(content)) and None


def fits_cut_off(file: Path) -> None:
    Table({"dataURI": [f"mast:JWST/product/{i:05d}_cal.fits" for i in range(2000)]}).write(file, format="fits")
    file.write_bytes(file.read_bytes()[:8000])


def fits_image(file: Path) -> None:
    from astropy.io import fits  # noqa: PLC0415 - this one test

    fits.PrimaryHDU().writeto(file)


def votable_cut_off(file: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Table({"dataURI": ["mast:JWST/product/x_cal.fits"]}).write(file, format="votable")
    file.write_bytes(file.read_bytes()[:-200])


def votable(table: str = "<TABLE>", stream: str = "<STREAM>", before: str = "") -> Callable[[Path], None]:
    field = '<FIELD name="uri" datatype="char" arraysize="*"/>'
    inside = f"{table}{field}<DATA><BINARY>{stream}</STREAM></BINARY></DATA></TABLE>"
    return text(f'<?xml version="1.0"?>{before}<VOTABLE version="1.4"><RESOURCE>{inside}</RESOURCE></VOTABLE>')


def address(url: str) -> Callable[[Path], None]:
    return text(f"filename,url\n{GOOD},{url}\n")


def answer(**changes: object) -> Callable[[Path], None]:
    content = {"status": "COMPLETE", "data": [{"dataURI": f"mast:JWST/product/{GOOD}"}]} | changes
    return lambda file: str(file.write_text(json.dumps(content))) and None


BROKEN = {
    "truncated row": (
        text(HEADER + LINE + f"mast:JWST/product/{BAD},{BAD}"),
        "row 2 (line 3): there are 2 cells, up to column productFilename; the header names 3 columns. Is the file cut",
    ),
    "row too long": (text(HEADER + LINE.replace("10\n", "10,11\n")), "row 1 (line 2): there are 4 cells"),
    "truncated gzip": (
        data(gzip.compress((HEADER + LINE * 50_000).encode())[:200]),
        "is damaged: its compressed data end too early.",
    ),
    "truncated answer": (
        data((DATA / "astroquery_products_hst_wfpc2.json").read_bytes()[:5000]),
        "is not valid JSON at line",
    ),
    "truncated FITS table": (fits_cut_off, "is a damaged FITS table"),
    "truncated VOTable": (votable_cut_off, "is a damaged VOTable"),
    "VOTable with data at an address": (
        votable(stream='<STREAM href="file:///etc/passwd">'),
        "keeps its data elsewhere (STREAM with href); save it with the data inside.",
    ),
    "VOTable of absurd length": (votable(table='<TABLE nrows="9999999999999">'), "has over 50,000,000 rows (nrows)"),
    "VOTable with entities": (votable(before='<!DOCTYPE VOTABLE [<!ENTITY a "b">]>'), "declares XML entities"),
    "no column that names products": (
        text("obs_id,size\nx,1\n"),
        "has no column that names the products (dataURI, uri, productFilename, filename or url); it begins with obs_id",
    ),
    "two columns for one thing": (text("uri,dataURI\na,b\n"), "has two columns for the same thing: uri and dataURI."),
    "text in a size": (
        rows_with(size="many"),
        "row 2 (line 3), column size has 'many', which is not a number of bytes.",
    ),
    "negative size": (rows_with(size="-5"), "row 2 (line 3), column size has '-5', which is not a number of bytes."),
    "NaN in a size": (rows_with(size="NaN"), "row 2 (line 3), column size has 'NaN', which is not a number of bytes."),
    "fraction of a byte": (rows_with(size="10.5"), "column size has '10.5'"),
    "absurd size": (rows_with(size="9" * 17), "more than a petabyte in one file"),
    "absurd level": (rows_with(calib_level="9"), "column calib_level has '9'; calibration levels are -1 to 4."),
    "unknown category": (rows_with(productType="FUN"), "column productType has 'FUN'; it can be SCIENCE,"),
    "unknown rights": (rows_with(dataRights="SECRET"), "column dataRights has 'SECRET'; it can be PUBLIC,"),
    "text as a number of an observation": (
        rows_with(obsID="abc"),
        "column obsID has 'abc', which is not an observation",
    ),
    "text as a number of a parent": (rows_with(parent_obsid="x1"), "row 2 (line 3), column parent_obsid has 'x1'"),
    "ten megabytes in a cell": (
        rows_with(productFilename="x" * 10_000_000),
        "row 2 (line 3), column productFilename: has more than 131,072 characters.",
    ),
    "a text that is too long": (rows_with(obs_id="x" * 5_000), "column obs_id has a text of 5,000 characters"),
    "a group that is too long": (rows_with(productSubGroupDescription="X" * 50), "a group has at most 40 characters"),
    "Latin-1": (
        text(HEADER + LINE + f"mast:JWST/product/{BAD},caf\xe9_cal.fits,10\n", "latin-1"),
        "row 2 (line 3), column productFilename: is not UTF-8 (byte 0xe9); save the file as UTF-8.",
    ),
    "Latin-1 in the header": (text("dataURI,gr\xf6\xdfe\n", "latin-1"), "line 1: is not UTF-8"),
    "UTF-16": (text(HEADER + LINE, "utf-16"), "is UTF-16 text; save it as UTF-8."),
    "JSON in Latin-1": (text('{"data": [{"uri": "caf\xe9"}]}', "latin-1"), "is not UTF-8"),
    "same URI, other size": (
        text(HEADER + LINE + LINE.replace(",10\n", ",11\n")),
        f"row 2 (line 3), column size has 11 bytes for mast:JWST/product/{GOOD}, which had 10 in an earlier row.",
    ),
    "same product by its older URI, other size": (
        text(HEADER + "mast:HST/product/u9o40504m_c0m.fits,a,10\nmast:HST/product/u9o40504m/u9o40504m_c0m.fits,a,11\n"),
        "row 2 (line 3), column size has 11 bytes",
    ),
    "URI that climbs": (
        rows_with(dataURI="mast:JWST/../../etc/passwd"),
        "row 2 (line 3), column dataURI is refused: The URI 'mast:JWST/../../etc/passwd' has a '..' or '.' in its",
    ),
    "URI that is a path": (rows_with(dataURI="/etc/passwd"), "column dataURI is refused"),
    "URI that is too long": (rows_with(dataURI="mast:" + "x" * 2_000), "has 2,005 characters; 1,000 are allowed"),
    "URI with a control character": (rows_with(dataURI="mast:JWST/product/a\tb"), "characters that cannot be printed"),
    "file name that climbs": (
        rows_with(productFilename=".."),
        "column productFilename has '..', which is not a file name",
    ),
    "file name with a control character": (rows_with(productFilename="a\x07.fits"), "which is not a file name"),
    "file name that is too long": (rows_with(productFilename="x" * 300), "has a file name of 300 bytes"),
    "nothing names the product": (
        rows_with(dataURI="", productFilename=""),
        "is empty, and nothing else in the row names",
    ),
    "unknown mission": (
        text("filename\nmystery_cal.fits\n"),
        "row 1 (line 2), column filename has 'mystery_cal.fits', a name that tells no mission; say it with --mission.",
    ),
    "odd mission": (
        rows_with(obs_collection="a/b"),
        "column obs_collection has 'a/b', which is not the name of a mission",
    ),
    "address of another kind": (
        text("filename,url\njw02733002001_02103_00001_mirimage_cal.fits,file:///etc/passwd\n"),
        "column url has 'file:///etc/passwd'; an address begins with https://, http:// or s3://.",
    ),
    "address with a password": (address("https://user:pw@host/x"), "column url has an address with a user's name or"),
    **{
        f"address {url[:24]}": (address(url), "whose host or port cannot be.")
        for url in (
            "http://[::1/x",
            "http://a:999999/x",
            "http://a:b/x",
            f"http://{'a' * 64}.b/x",
            "http://a..b/x",
            "https://:80/x",
        )
    },
    "hash that is none": (
        text("uri,sha256\nmast:JWST/product/a_cal.fits,12ab\n"),
        "column sha256 has '12ab', which is not a SHA-256",
    ),
    "CRC that is none": (
        text("uri,crc32\nmast:JWST/product/a_cal.fits,12\n"),
        "column crc32 has '12', which is not a CRC-32",
    ),
    "same URI, other hash": (
        text(f"uri,sha256\nmast:JWST/product/a_cal.fits,{'a' * 64}\nmast:JWST/product/a_cal.fits,{'b' * 64}\n"),
        "row 2 (line 3), column sha256 differs for mast:JWST/product/a_cal.fits from that in an earlier row.",
    ),
    "position off the sphere": (text("uri,s_ra\nmast:JWST/product/a_cal.fits,400\n"), "not a number from 0 to 360"),
    "position that is no number": (text("uri,s_dec\nmast:JWST/product/a_cal.fits,nan\n"), "column s_dec has 'nan'"),
    "release date that is none": (
        text("uri,t_obs_release\nmast:JWST/product/a_cal.fits,2024-01-01\n"),
        "column t_obs_release has '2024-01-01', which is not a number",
    ),
    "quote that never ends": (
        text(HEADER + LINE + 'mast:JWST/product/x,"abc,10\n'),
        "row 2 (line 3): unexpected end of data",
    ),
    "no rows": (text(HEADER), "has no rows."),
    "no rows in an answer": (answer(data=[]), "has no rows."),
    "empty file": (data(b""), "is empty."),
    "only blank lines": (data(b"\n \n"), "is empty."),
    "answer that is an error": (answer(status="ERROR"), "is an answer with the status ERROR, not a finished one."),
    "answer without rows": (answer(data={"a": 1}), "has no list of rows called data."),
    "answer with a list in a cell": (answer(data=[{"uri": ["a"]}]), "row 1, column uri: there is a list or an object"),
    "answer with a row that is none": (answer(data=[{"uri": "mast:JWST/a"}, 5]), "row 2 is not an object"),
    "answer with NaN": (
        data(b'[{"uri": "mast:JWST/product/a_cal.fits", "size": NaN}]'),
        "has NaN, which is not a value",
    ),
    "answer with an endless number": (data(b'[{"uri": ' + b"9" * 5_000 + b"}]"), "a number of thousands of digits"),
    "answer with text as a number of rows": (answer(paging={"rowsTotal": "x"}), "has a rowsTotal in its paging that"),
    "web page": (text("<html><body>Not found</body></html>"), "is XML or HTML, but not a VOTable."),
    "picture": (data(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "is not a table that Skybasket knows"),
    "FITS image": (fits_image, "is a FITS file without a table"),
}


@pytest.fixture(scope="module")
def catalogue(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One for all, since none may change it."""
    file = tmp_path_factory.mktemp("broken") / "skybasket.db"
    shutil.copyfile(sqlite_template, file)
    engine = engine_for(f"sqlite:///{file}")
    ingest_table(engine, DATA / "jwst_2733_miri_level2_first40of80.csv")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_gets_a_sentence_and_changes_nothing(name: str, catalogue: Engine, tmp_path: Path) -> None:
    make, sentence = BROKEN[name]
    file = tmp_path / "broken.table"
    make(file)
    before = everything(catalogue)
    with pytest.raises(IngestError) as refused:
        ingest_table(catalogue, file)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("broken.table")
    assert "\n" not in str(refused.value)
    assert everything(catalogue) == before
