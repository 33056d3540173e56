"""What a table of links to calibration references says, in every format, and what it may not say."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import pytest
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

from webapp.ingest.errors import CellError, IngestError
from webapp.ingest.product_table import Reference, read
from webapp.ingest.reference_cells import fields_of, product, reference

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DARK = "mast:JWST/product/jwst_miri_dark_0057.fits"
ROWS = [
    {"product": "mast:JWST/product/a_cal.fits", "reference": DARK, "keyword": "R_DARK", "size": 77},
    {"product": "mast:JWST/product/b_cal.fits", "reference": "N/A", "keyword": "R_MASK", "size": 0},
]


def by_astropy(form: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Table(ROWS).write(file, format=form)

    return write


FORMATS: dict[str, Callable[[Path], None]] = {
    **{form: by_astropy(form) for form in ("ascii.csv", "ascii.ecsv", "votable", "fits")},
    "json": lambda file: file.write_text(json.dumps(ROWS)) and None,
}


@pytest.mark.parametrize("form", FORMATS)
def test_a_table_of_links_says_the_same_in_every_format(form: str, tmp_path: Path) -> None:
    FORMATS[form](tmp_path / "links")
    (batch,) = read(tmp_path / "links", fields_of=fields_of).batches
    assert [list(batch.cells[name]) for name in ("product", "reference", "keyword", "size")] == [
        [row["product"] for row in ROWS],
        [DARK, "N/A"],
        ["R_DARK", "R_MASK"],
        ["77", "0"],
    ]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("product,reference,keyword,context", ("product", "reference", "context")),
        ("CRDS_CTX,Reference_URI,KEYWORD,dataURI", ("dataURI", "Reference_URI", "CRDS_CTX")),
        ("uri,reference,crds_context", ("uri", "reference", "crds_context")),
    ],
)
def test_columns_go_by_several_names_in_upper_and_lower_case(
    header: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n{header}\n")
    found = read(tmp_path / "t.csv", fields_of=fields_of).names
    assert tuple(found[field] for field in ("product", "reference", "context")) == names


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("reference,keyword", "t.csv has no column that names the products by data URI .*; it begins with reference"),
        ("product,keyword", r"no column that names the references \(reference or reference_uri\); it begins with prod"),
        ("product,reference,dataURI", "t.csv has two columns for the same thing: product and dataURI"),
    ],
)
def test_a_column_that_lacks_or_comes_twice_is_named(header: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n")
    with pytest.raises(IngestError, match=complaint):
        read(tmp_path / "t.csv", fields_of=fields_of)


# (mission, cell, name, data URI)
@pytest.mark.parametrize(
    ("mission", "cell", "name", "uri"),
    [
        ("JWST", DARK, "jwst_miri_dark_0057.fits", DARK),
        ("JWST", f" {DARK} ", "jwst_miri_dark_0057.fits", DARK),
        ("HST", "mast:HST/product/p9e1/p9e1_drk.fits", "p9e1_drk.fits", "mast:HST/product/p9e1_drk.fits"),
        ("SURVEY", "local:cal/Flat G.fits", "Flat G.fits", "local:cal/Flat G.fits"),
        ("JWST", "crds://jwst_miri_dark_0057.fits", "jwst_miri_dark_0057.fits", ""),
        ("JWST", "CRDS://JWST_MIRI_DARK_0057.FITS", "jwst_miri_dark_0057.fits", ""),
        ("HST", "jref$P9E1544DJ_DRK.fits.gz", "p9e1544dj_drk.fits", ""),
        ("HST", "p9e1544dj_drk", "p9e1544dj_drk.fits", ""),
        ("SURVEY", "/data/cal/Flat.fits", "Flat.fits", ""),
        ("SURVEY", "C:\\cal\\Flat.fits", "Flat.fits", ""),
    ],
)  # fmt: skip
def test_a_reference_is_a_data_uri_or_a_name(mission: str, cell: str, name: str, uri: str) -> None:
    assert reference((mission, cell, "R_DARK", None)) == Reference("R_DARK", name, "", uri)


@pytest.mark.parametrize("cell", [None, "", " ", "N/A", "n/a", "NA", "crds://N/A", "NOT FOUND No match found."])
def test_what_is_not_applicable_is_no_link(cell: str | None) -> None:
    assert reference(("JWST", cell, "R_DARK", "a context that does not matter")) is None


@pytest.mark.parametrize(
    ("keyword", "context", "said"),
    [
        (" r_dark ", "jwst_1293.pmap", ("R_DARK", "jwst_1293.pmap")),
        (None, "/crds/JWST_1293.PMAP", ("REFERENCE", "jwst_1293.pmap")),
        ("", "N/A", ("REFERENCE", "")),
    ],
)
def test_keyword_and_context_have_one_spelling(keyword: str, context: str, said: tuple[str, str]) -> None:
    found = reference(("JWST", DARK, keyword, context))
    assert found is not None
    assert (found.keyword, found.context) == said


@pytest.mark.parametrize(
    ("cells", "column", "complaint"),
    [
        (("jwst dark.fits", "R_DARK", None), "reference", "neither a data URI nor the name of a file"),
        (("a.fits, b.fits", "R_DARK", None), "reference", "neither a data URI nor the name of a file"),
        (("\x1b[2Ja.fits", "R_DARK", None), "reference", "neither a data URI"),
        (("mast:JWST/../x.fits", "R_DARK", None), "reference", "'..' or '.' in its path"),
        (("mast:JWST/product/", "R_DARK", None), "reference", "neither a data URI"),
        ((DARK, "K" * 81, None), "keyword", "no keyword of a header such as DARKFILE"),
        ((DARK, "=1+1", None), "keyword", "no keyword of a header"),
        ((DARK, "R_\x07", None), "keyword", "cannot be printed"),
        ((DARK, "R_DARK", "the newest"), "context", "no CRDS context such as jwst_1293.pmap"),
    ],
)
def test_what_makes_no_link_is_refused_with_its_column(
    cells: tuple[str, str, str | None], column: str, complaint: str
) -> None:
    with pytest.raises(CellError, match=complaint) as refused:
        reference(("JWST", *cells))
    assert refused.value.column == column


@pytest.mark.parametrize("cell", [None, "a_cal.fits", "/archive/a_cal.fits"])
def test_a_product_is_named_by_its_data_uri(cell: str | None) -> None:
    with pytest.raises(CellError, match=r"data URI|scheme"):
        product(cell)


@given(st.text(max_size=60), st.sampled_from(["HST", "JWST", "SURVEY"]))
def test_any_text_is_a_reference_or_a_sentence(text: str, mission: str) -> None:
    try:
        found = reference((mission, text, "R_DARK", None))
        said = found is None or (found.name.isprintable() and "/" not in found.name)
    except CellError as error:
        said = error.column == "reference"
    assert said
