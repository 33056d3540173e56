"""Positions and radii as people write them, and separations on the sphere."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from webapp import sky

RA = 150.11916666666667
DEC = 2.2058333333333335

PAIRS = [
    "10:00:28.6 +02:12:21",
    "10h00m28.6s +02d12m21s",
    "10h00m28.6s, 02d12m21s",
    "10h 00m 28.6s 02d 12m 21s",
    "10 00 28.6 +02 12 21",
    "10 00 28.6 02 12 21",
    "150.11916666666667 2.2058333333333335",
    "150.11916666666667,+2.2058333333333335",
    "  150.11916666666667d   2.2058333333333335d ",
]


@pytest.mark.parametrize("text", PAIRS)
def test_a_pasted_pair_is_one_position_however_it_is_written(text: str) -> None:
    ra, dec = sky.split_pair(text)

    assert (sky.right_ascension(ra), sky.declination(dec)) == pytest.approx((RA, DEC), abs=1e-12)


@pytest.mark.parametrize("text", ["10:00:28.6", "10 00 28.6", "10h00m28.6s", "150.119", "M 31 x", ""])
def test_one_coordinate_is_not_split(text: str) -> None:
    assert sky.split_pair(text) == (text, "")


def test_a_plain_number_is_degrees_and_a_sexagesimal_right_ascension_is_hours() -> None:
    assert (sky.right_ascension("10"), sky.right_ascension("10:00:00")) == pytest.approx((10, 150))


@pytest.mark.parametrize("text", ["−02:12:21", "-2:12:21", "-02d12′21″"])  # noqa: RUF001 - as papers print them
def test_a_minus_counts_in_every_spelling(text: str) -> None:
    assert sky.declination(text) == pytest.approx(-DEC)


def test_a_small_negative_declination_keeps_its_sign() -> None:
    assert sky.declination("-00:00:36") == pytest.approx(-0.01)


@pytest.mark.parametrize(
    "text", ["x", "", "nan", "inf", "1e9", "10:61:00", "10:60:00", "1:2:3:4", "361", "25h", "-1", "1" * 50]
)
def test_what_is_no_right_ascension_is_refused(text: str) -> None:
    with pytest.raises(sky.PositionError):
        sky.right_ascension(text)


@pytest.mark.parametrize("text", ["90.1", "-91", "north", "12:00:60"])
def test_what_is_no_declination_is_refused(text: str) -> None:
    with pytest.raises(sky.PositionError):
        sky.declination(text)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("3", 0.05),
        ("0.2d", 0.2),
        ("12m", 0.2),
        ("30s", 1 / 120),
        ("12 arcmin", 0.2),
        ("5'", 1 / 12),
        ('36"', 0.01),
        ("1°", 1),
    ],
)
def test_a_radius_is_in_arc_minutes_unless_it_names_its_unit(text: str, degrees: float) -> None:
    assert sky.radius(text) == pytest.approx(degrees)


@pytest.mark.parametrize("text", ["0", "-1", "200d", "wide", "3 pc", "1e3", ""])
def test_what_is_no_radius_is_refused(text: str) -> None:
    with pytest.raises(sky.PositionError):
        sky.radius(text)


longitudes = st.floats(0, 360, exclude_max=True)
latitudes = st.floats(-90, 90)


@given(longitudes, latitudes, longitudes, latitudes)
def test_the_separation_is_that_of_astropy(ra: float, dec: float, other_ra: float, other_dec: float) -> None:
    ours = sky.separation(ra, dec, np.array([other_ra]), np.array([other_dec]))[0]
    theirs = SkyCoord(ra * u.deg, dec * u.deg).separation(SkyCoord(other_ra * u.deg, other_dec * u.deg)).deg

    assert ours == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(
    ("here", "there", "degrees"),
    [((359.9, 0), (0.1, 0), 0.2), ((0, 90), (180, 90), 0), ((0, 89.9), (180, 89.9), 0.2), ((0, -90), (0, 90), 180)],
)
def test_the_separation_is_right_at_the_poles_and_across_zero(
    here: tuple[float, float], there: tuple[float, float], degrees: float
) -> None:
    assert sky.separation(*here, np.array([there[0]]), np.array([there[1]]))[0] == pytest.approx(degrees, abs=1e-12)
