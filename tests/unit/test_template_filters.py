from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.inventory.panels import Totals
from webapp.template_filters import date, files, mjd, moment, number, size, volume

FACTORS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15}


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1049, "1.0 kB"),
        (1051, "1.1 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (3_200_000_000, "3.2 GB"),
        (50 * 10**9, "50.0 GB"),
        (10**18, "1,000.0 PB"),
        (None, "unknown"),
        (-1, "unknown"),
    ],
)
def test_a_size_is_written_in_decimal_units(count: int | None, text: str) -> None:
    assert size(count) == text


@given(st.integers(1, 2**62))
def test_no_size_above_zero_looks_like_zero(count: int) -> None:
    assert not re.match(r"0(\.0)? ", size(count))


@given(st.integers(0, 2**62))
def test_a_size_is_within_half_of_its_last_digit(count: int) -> None:
    written, unit = size(count).split()
    step = 0 if unit == "B" else FACTORS[unit] / 10
    assert abs(float(written.replace(",", "")) * FACTORS[unit] - count) <= step / 2 * (1 + 1e-9) + count * 1e-12


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_a_larger_file_never_looks_smaller(one: int, other: int) -> None:
    def value(text: str) -> float:
        written, unit = text.split()
        return float(written.replace(",", "")) * FACTORS[unit]

    low, high = sorted((one, other))
    assert value(size(low)) <= value(size(high))


@pytest.mark.parametrize(("count", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1204, "1,204 files")])
def test_files_are_counted_in_words(count: int, text: str) -> None:
    assert files(count) == text


def test_numbers_have_their_thousands_apart() -> None:
    assert number(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("totals", "text"),
    [
        (Totals(0, 0, 0), "0 B"),
        (Totals(2, 3_200_000_000, 0), "3.2 GB"),
        (Totals(42, 3_200_000_000, 40), "3.2 GB + 40 files of unknown size"),
        (Totals(2, 5, 1), "5 B + 1 file of unknown size"),
        (Totals(3, 0, 3), "size unknown"),
    ],
)
def test_a_volume_says_what_is_not_known(totals: Totals, text: str) -> None:
    assert volume(totals) == text


def test_times_are_written_in_utc() -> None:
    assert (date(1_777_732_980), moment(1_777_732_980)) == ("2026-05-02", "2026-05-02 14:43 UTC")


def test_no_time_is_written_as_nothing() -> None:
    assert (date(None), moment(None), mjd(None)) == ("", "", "")


@pytest.mark.parametrize(("value", "text"), [(0.0, "1858-11-17"), (40587.0, "1970-01-01"), (59733.25, "2022-06-03")])
def test_a_modified_julian_date_is_a_day(value: float, text: str) -> None:
    assert mjd(value) == text


@pytest.mark.parametrize("value", [1e300, float("inf"), float("nan"), -1e9])
def test_a_modified_julian_date_beyond_the_calendar_is_written_as_nothing(value: float) -> None:
    assert mjd(value) == ""
