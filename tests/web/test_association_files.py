from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from tests.fixtures.associations import ASN, CAL, TABLE, hst, jwst, shown
from tests.fixtures.holdings import IMAGE, NOW, RELEASE, file
from tests.fixtures.people import log_in, person
from tests.fixtures.visitor import words
from webapp.association_forms import NotAssociation, read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.webapp import Site


def sentence(site: Site, content: bytes, name: str = ASN) -> str:
    page = shown(site, content, name=name).page
    assert page.at("association").findall("ul") == []
    return words(page.at("association"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is damaged: from line 1 on it is not JSON."),
        (jwst(CAL)[:-40], "This file is damaged: from line 1 on it is not JSON."),
        (b"\xff\x00\x01", "This file is damaged: it is not JSON."),
        (b"[" * 100_000, "This file is damaged: it is not JSON."),
        (b"1" * 5_000, "This file is damaged: it is not JSON."),
        (b"[]", "This JSON file is not an association: it has no list of products."),
        (b'{"products": [3]}', "This JSON file is not an association: a product has no list of members."),
        (
            b'{"products": [{"name": "x", "members": {}}]}',
            "This JSON file is not an association: a product has no list of members.",
        ),
        (b'{"products": [{"members": []}]}', "This JSON file is not an association: product 1 has no name."),
        (
            jwst(CAL, {"expname": 7}),
            "This JSON file is not an association: member 2 of product 1 has no name.",
        ),
        (jwst(*["x"] * 10_000), "This association lists 10,001 files, and 10,000 can be shown. Download it."),
        (b" " * 4_000_001, "This file has 4,000,001 bytes, too many for an association. Download it to read it."),
    ],
    ids=range(12),
)
def test_a_json_file_that_cannot_be_understood_is_a_sentence(lite: Site, content: bytes, said: str) -> None:
    assert sentence(lite, content) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html></html>", "This FITS file is damaged: its table cannot be read."),
        (hst(("A", "B"))[:5_770], "This FITS file is damaged: its table cannot be read."),
        (
            hst(("A", "B"), names=("NAME", "TYPE")),
            "This FITS file is not an association: it has no table with the columns MEMNAME and MEMTYPE.",
        ),
        (
            hst(("A", "B")).replace(b"'14A     '", b"'14B     '"),
            "This FITS file is not an association: the names of its members are not text.",
        ),
        (
            hst(("A", "B")).replace(b"NAXIS2  =                    1", b"NAXIS2  =           1000000000"),
            "This association lists 1,000,000,000 files, and 10,000 can be shown. Download it.",
        ),
    ],
    ids=range(5),
)
def test_a_table_that_cannot_be_understood_is_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(NotAssociation) as error:
        read_table(content)
    assert str(error.value) == said


def test_a_damaged_table_is_a_sentence_on_the_page(lite: Site) -> None:
    assert sentence(lite, b"no table", TABLE) == "This FITS file is damaged: its table cannot be read."


def test_names_are_shown_as_text_whatever_they_hold(lite: Site) -> None:
    names = ["<script>alert(1)</script>", "../../etc/passwd.fits", "a\0b\ud800\u202e.fits", "x" * 999 + ".fits", "%"]
    tree = shown(lite, jwst(*names, name="{a}{b}_{c}_{d}_{e}")).tree
    assert [each[0].partition(" science")[0] for each in tree[0][1]] == [
        "<script>alert(1)</script>",
        "../../etc/passwd.fits",
        "a?b??.fits",
        "x" * 254 + "…",
        "%",
    ]


def test_an_exclusive_association_is_for_those_who_may_read_it(lite: Site, at: Callable[[int], None]) -> None:
    at(NOW)
    person(lite, "ada", reads=("JWST", "2733"))
    fields = {"proposal_id": "2733"}
    each = file(ASN, IMAGE, mission="JWST", folder=IMAGE, group="ASN", level=3, content=jwst(CAL), fields=fields)
    asn = lite.holdings.add(replace(each, exclusive=True))
    stranger, ada = lite.visitor(), log_in(lite.visitor())
    base = stranger.basket(IMAGE)
    url = f"{base}/association?uri={asn.uri}"
    pane = stranger.get(f"{base}?file={asn.uri}", target="details")
    assert "/association" not in pane.text
    for target in (None, "association"):
        assert CAL not in stranger.get(url, status=401, target=target).text
    assert CAL in ada.get(url).text
    at(RELEASE)
    assert CAL in stranger.get(url).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"location": "https://archive.example/x_asn.json"}, "is not in a store of this archive."),
        ({}, "is not in its store."),
    ],
)
def test_an_association_that_is_not_here_is_a_sentence(lite: Site, fields: dict[str, str], said: str) -> None:
    each = file(ASN, IMAGE, mission="JWST", folder=IMAGE, group="ASN", level=3, content=None, size=9, fields=fields)
    asn = lite.holdings.add(each)
    visitor = lite.visitor()
    url = f"{visitor.basket(IMAGE)}/association?uri={asn.uri}"
    for target in (None, "association"):
        assert said in visitor.get(url, status=404, target=target).words


@pytest.mark.parametrize(("query_", "status"), [("", 400), ("uri=mast:x/y_asn.json", 404), ("back=level%3D9", 400)])
def test_an_association_of_nothing_is_a_sentence(shared: Site, query_: str, status: int) -> None:
    visitor = shared.visitor()
    visitor.get(f"{visitor.basket(IMAGE)}/association?{query_}", status=status)


def test_a_file_that_is_no_association_is_a_sentence(shared: Site) -> None:
    visitor = shared.visitor()
    base = visitor.basket(IMAGE)
    said = [
        words(visitor.get(f"{base}/association?uri={shared.holdings[name].uri}").at("association"))
        for name in (f"{IMAGE}_i2d.fits", f"{IMAGE}_cat.ecsv")
    ]
    assert said == [
        "This FITS file is not an association: it has no table with the columns MEMNAME and MEMTYPE.",
        "This file is damaged: from line 1 on it is not JSON.",
    ]


def test_cells_that_lie_elsewhere_in_the_file_are_not_read() -> None:
    names = np.array(["x" * 40_000] * 100, object)  # by descriptors that could all point at the same 40 kB
    columns = [fits.Column("MEMNAME", "PA()", array=names), fits.Column("MEMTYPE", "14A", array=["EXP-DTH"] * 100)]
    content = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(content)
    with pytest.raises(NotAssociation, match="its columns have no fixed length"):
        read_table(content.getvalue())
