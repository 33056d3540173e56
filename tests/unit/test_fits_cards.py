from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.holdings import fits_bytes
from webapp.fits_cards import BLOCK, MOST_BYTES, MOST_HDUS, Headers, NotFits, read_headers

if TYPE_CHECKING:
    from pathlib import Path


def headers_of(data: bytes) -> Headers:
    return read_headers(lambda start, end: data[start:end], len(data))


def written(*hdus: fits.PrimaryHDU | fits.ImageHDU | fits.BinTableHDU) -> bytes:
    out = io.BytesIO()
    fits.HDUList(list(hdus)).writeto(out, output_verify="ignore")
    return out.getvalue()


def block(*cards: str) -> bytes:
    text = "".join(card.ljust(80) for card in (*cards, "END"))
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode()


PRIMARY = ("SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    0")


def extension(*cards: str) -> bytes:
    begin = ("XTENSION= 'IMAGE   '", "BITPIX  =                    8", "NAXIS   =                    0")
    return block(*begin, *cards)


def test_all_headers_are_read_with_their_names() -> None:
    found = headers_of(fits_bytes("M 82"))
    assert [(hdu.number, hdu.name) for hdu in found.hdus] == [(0, "PRIMARY"), (1, "SCI"), (2, "ERR"), (3, "DQ")]
    assert not found.more


@pytest.mark.parametrize(
    "data",
    [
        fits_bytes("M 82"),
        written(fits.PrimaryHDU(np.zeros((3, 5, 7), ">i2")), fits.BinTableHDU.from_columns([])),
        written(
            fits.PrimaryHDU(),
            fits.BinTableHDU.from_columns(
                [
                    fits.Column("A", "PJ()", array=np.array([[1, 2, 3], [4]], object)),
                    fits.Column("B", "D", array=[1, 2]),
                ]
            ),
            fits.ImageHDU(np.zeros(11, "u1")),
        ),
    ],
    ids=["images", "cube and table", "variable arrays"],
)
def test_the_cards_are_those_that_astropy_reads(data: bytes) -> None:
    with fits.open(io.BytesIO(data)) as hdus:
        expected = [[card.rstrip() for card in hdu.header.tostring(sep="\n").split("\n")] for hdu in hdus]
    found = [[card for card in hdu.cards if card] for hdu in headers_of(data).hdus]
    assert found == [[card for card in cards if card and card != "END"] for cards in expected]


def test_the_data_of_random_groups_are_skipped() -> None:
    axes = ("NAXIS   =                    3", "NAXIS1  =                    0", "NAXIS2  =                   30")
    groups = ("NAXIS3  =                   20", "GROUPS  =                    T", "PCOUNT  =                    2")
    data = b"\1" * (2 * BLOCK)  # 8 bits x 7 groups x (2 + 30 x 20)
    found = headers_of(block(*PRIMARY[:2], *axes, *groups, "GCOUNT  =                    7") + data + extension())
    assert [hdu.name for hdu in found.hdus] == ["PRIMARY", "HDU 1"]


def test_no_data_is_read_however_much_there_is(tmp_path: Path) -> None:
    huge = 40 * 10**9
    cards = (
        "XTENSION= 'IMAGE   '",
        "BITPIX  =                    8",
        "NAXIS   =                    1",
        f"NAXIS1  = {huge}",
    )
    file, read = tmp_path / "huge.fits", []
    with file.open("wb") as out:
        out.write(block(*PRIMARY))
        for _ in range(3):
            out.write(block(*cards))
            out.seek(-(-huge // BLOCK) * BLOCK, 1)
        out.truncate()
    with file.open("rb") as content:

        def ranges(start: int, end: int) -> bytes:
            read.append(end - start)
            content.seek(start)
            return content.read(end - start)

        found = read_headers(ranges, file.stat().st_size)
    assert len(found.hdus) == 4
    assert sum(read) == 4 * BLOCK


def test_at_most_fifty_headers_are_read() -> None:
    found = headers_of(block(*PRIMARY) + extension() * MOST_HDUS)
    assert (len(found.hdus), found.more) == (MOST_HDUS, True)


def test_fifty_headers_are_all_of_fifty() -> None:
    found = headers_of(block(*PRIMARY) + extension() * (MOST_HDUS - 1))
    assert (len(found.hdus), found.more) == (MOST_HDUS, False)


def test_about_a_megabyte_of_headers_is_read() -> None:
    long = extension(*(f"COMMENT {i}" for i in range(5_000)))
    found = headers_of(block(*PRIMARY) + long * 5)
    assert (len(found.hdus), found.more) == (3, True)
    assert len(long) * 2 < MOST_BYTES < len(long) * 3


def test_a_first_header_beyond_a_megabyte_is_not_read() -> None:
    found = headers_of(block(*PRIMARY, *(f"COMMENT {i}" for i in range(20_000))))
    assert (found.hdus, found.more) == ((), True)


@pytest.mark.parametrize("rest", [b"\0" * BLOCK, b" " * 100, b"special records" * 500])
def test_what_follows_the_last_header_is_left_alone(rest: bytes) -> None:
    found = headers_of(fits_bytes("M 82") + rest)
    assert (len(found.hdus), found.more) == (4, False)


@pytest.mark.parametrize(
    "data", [b"", b"SIMPLE", b"<!doctype html>", b"\x1f\x8b" + b"\0" * 9_000, b"x" * 2 * MOST_BYTES]
)
def test_what_does_not_begin_like_fits_is_said_not_to_be(data: bytes) -> None:
    with pytest.raises(NotFits, match=r"^This file does not begin like a FITS file\.$"):
        headers_of(data)


def test_what_is_no_fits_is_found_out_by_its_first_bytes() -> None:
    read: list[int] = []

    def ranges(start: int, end: int) -> bytes:
        read.append(end - start)
        return b"x" * (end - start)

    with pytest.raises(NotFits):
        read_headers(ranges, 10**12)
    assert sum(read) <= BLOCK


@pytest.mark.parametrize("keep", [9, 80, BLOCK - 1, BLOCK + 24 * 80])
def test_a_file_that_ends_in_a_header_says_so(keep: int) -> None:
    data = block(*PRIMARY) + block("XTENSION= 'IMAGE   '", *("COMMENT x" for _ in range(40)))
    with pytest.raises(NotFits, match=r"^This FITS file ends in the middle of a header\.$"):
        headers_of(data[:keep])


def test_a_file_that_ends_in_its_data_has_the_headers_before_it() -> None:
    data = fits_bytes("M 82")
    assert [hdu.name for hdu in headers_of(data[: 2 * BLOCK + 100]).hdus] == ["PRIMARY", "SCI"]


@pytest.mark.parametrize(
    ("cards", "sentence"),
    [
        (("NAXIS   =                    2", "NAXIS1  =                    5"), "does not say how long its data are"),
        (("NAXIS   = 'two'",), "does not say how long its data are"),
        (("NAXIS   =                1E999",), "does not say how long its data are"),
        (("NAXIS   =                    1", "NAXIS1  =                   -5"), "gives its data a negative length"),
        ((), "does not say how long its data are"),
    ],
)
def test_a_header_that_does_not_tell_the_length_of_its_data_is_a_sentence(
    cards: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(NotFits, match=sentence):
        headers_of(block(*PRIMARY[:2], *cards) + extension())


def test_a_name_that_cannot_be_read_becomes_a_number() -> None:
    found = headers_of(block(*PRIMARY) + extension("EXTNAME = 'no end"))
    assert [hdu.name for hdu in found.hdus] == ["PRIMARY", "HDU 1"]
    assert "EXTNAME = 'no end" in found.hdus[1].cards


def test_bytes_that_no_header_may_hold_are_shown_as_question_marks() -> None:
    data = block(*PRIMARY, "OBJECT  = 'a~b'").replace(b"~", b"\0")
    assert headers_of(data).hdus[0].cards[-1] == "OBJECT  = 'a?b'"


@given(st.data())
def test_no_damage_is_worse_than_a_sentence(data: st.DataObject) -> None:
    content = bytearray(fits_bytes("M 82", ("SCI",))[: 3 * BLOCK])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        new = data.draw(
            st.binary(min_size=1, max_size=12) | st.sampled_from([b"END".ljust(80), b"'", b"= 1E999", b"&'"])
        )
        content[at : at + len(new)] = new
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        found = headers_of(cut)
    except NotFits as problem:
        assert str(problem).endswith(".")  # noqa: PT017 - either answer is right
    else:
        assert all(card == card.rstrip() and len(card) <= 80 for hdu in found.hdus for card in hdu.cards)
