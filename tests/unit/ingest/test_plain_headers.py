"""Files of a telescope that nobody told Skybasket about, with the plain cards of the FITS standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from astropy.io import fits

from tests.fixtures.tables import ask
from webapp.ingest import ingest_fits
from webapp.ingest.fits_headers import Cards, facts
from webapp.ingest.names import builtin

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

PLAIN = {"TELESCOP": "MYSCOPE", "OBJECT": "M 51", "DATE-OBS": "2024-01-01T00:00:00", "EXPTIME": 86.4}


def says(**cards: object) -> dict[str, str]:
    """What a header says, by the catalogue's names."""
    header = fits.Header({name.replace("_", "-"): value for name, value in cards.items()})
    return facts(Cards(header, None), "survey_0001.fits", builtin(), "MYSCOPE").values


def test_numbered_files_of_an_unknown_mission_are_observations_of_their_own(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    for number in (1, 2):
        header = fits.Header(PLAIN | {"RA": 202.5, "DEC": "+47:12:00"})
        fits.PrimaryHDU(header=header).writeto(tmp_path / f"survey_000{number}.fits")
    ingest_fits(sqlite_engine, tmp_path, prefix="local:s/")
    found = ask(sqlite_engine, "SELECT obs_id, target, ra, dec, t_min, t_max FROM observation ORDER BY obs_id")
    assert [tuple(each) for each in found] == [
        (f"survey_000{number}", "M 51", 202.5, 47.2, 60310.0, 60310.001) for number in (1, 2)
    ]


@pytest.mark.parametrize(
    ("ra", "dec", "expected"),
    [
        (202.5, -47.25, (202.5, -47.25)),
        ("202.5", "-47.25", (202.5, -47.25)),
        ("13:30:00", "-00:30:00", (202.5, -0.5)),
        ("13 30 00", "+47 15 00", (202.5, 47.25)),
        ("13h30m00s", "47d15m00s", (202.5, 47.25)),
        (400.0, 10.0, None),
        ("nan", "10", None),
        ("somewhere", "10", None),
        ("13:30:00", None, None),
    ],
)
def test_a_position_is_in_degrees_or_sexagesimal(ra: object, dec: object, expected: tuple[float, float] | None) -> None:
    values = says(RA=ra, DEC=dec)
    found = tuple(float(values[name]) for name in ("ra", "dec") if name in values)
    assert found == (pytest.approx(expected) if expected else ())


def test_a_position_of_another_equinox_is_left_out() -> None:
    assert "ra" not in says(RA=202.5, DEC=47.25, EQUINOX=1950.0)


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("2024-01-01T12:00:00", None, "60310.5"),
        ("2024-01-01T12:00:00Z", None, "60310.5"),
        ("2024-01-01", None, "60310.0"),
        ("2024-01-01", "06:00:00", "60310.25"),
        ("2024-13-01", None, None),
        ("1066-01-01", None, None),
        ("yesterday", None, None),
    ],
)
def test_a_date_becomes_the_start(date: str, time: str | None, expected: str | None) -> None:
    assert says(DATE_OBS=date, TIME_OBS=time).get("t_min") == expected
