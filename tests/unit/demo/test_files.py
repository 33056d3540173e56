from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from webapp.ingest.demo import hst_archive, jwst_archive, references

if TYPE_CHECKING:
    from pathlib import Path

PRODUCTS = "{}/product"


def header(archive: Path, name: str) -> Any:
    return fits.getheader(archive / name)


def extensions(archive: Path, name: str) -> list[str]:
    with fits.open(archive / name) as hdus:
        return [hdu.name for hdu in hdus]


@pytest.mark.parametrize(
    "part", ["JWST/product/jw02731", "JWST/product/jw0273[2-9]", "JWST/product/jw08", "HST", "rest"]
)
def test_every_fits_file_opens_and_verifies(archive: Path, part: str) -> None:
    patterns = {"HST": ["HST/product/*"], "rest": ["TESS/*/*", "HLSP/*/*", "*/reference/*"]}.get(part, [f"{part}*"])
    found = [file for pattern in patterns for file in archive.glob(f"{pattern}.fits")]
    assert len(found) > 50
    for file in found:
        with fits.open(file) as hdus:
            hdus.verify("exception")


def test_fits_files_say_their_own_name(archive: Path) -> None:
    found = [file for file in archive.glob("*/product/*.fits") if "readme" not in file.name]
    wrong = [file.name for file in found if fits.getheader(file)["FILENAME"] != file.name]
    assert wrong == []


def test_a_jwst_exposure_says_what_it_is(archive: Path) -> None:
    read = header(archive, "JWST/product/jw02731001001_02105_00001_nrcalong_cal.fits")
    said = [read[key] for key in ("TELESCOP", "INSTRUME", "DETECTOR", "FILTER", "PROGRAM", "TARGNAME", "DATE-OBS")]
    assert said == ["JWST", "NIRCAM", "NRCALONG", "F444W", "02731", "NGC 3324", "2022-06-03"]
    assert (read["TARG_RA"], read["TARG_DEC"]) == (159.2158, -58.6191)
    assert (read["CAL_VER"], read["CRDS_CTX"]) == ("1.14.0", "jwst_1293.pmap")
    assert read["R_FLAT"].startswith("crds://jwst_nircam_flat_")
    assert read["R_IPC"] == "N/A"


def test_what_was_not_calibrated_names_no_pipeline(archive: Path) -> None:
    read = header(archive, "JWST/product/jw02731001001_02105_00001_nrcalong_uncal.fits")
    assert "CAL_VER" not in read
    assert "R_FLAT" not in read


def test_an_hst_exposure_says_what_it_is(archive: Path) -> None:
    read = header(archive, "HST/product/j97c11s4q_flc.fits")
    said = [read[key] for key in ("TELESCOP", "INSTRUME", "DETECTOR", "FILTER1", "PROPOSID", "TARGNAME", "ASN_TAB")]
    assert said == ["HST", "ACS", "WFC", "F435W", 10452, "M51", "j97c11010_asn.fits"]
    assert read["BIASFILE"].startswith("jref$")
    assert read["BIASFILE"].endswith("_bia.fits")
    assert read["PCTETAB"].endswith("_cte.fits")


def test_a_jwst_image_has_the_planes_of_the_pipeline(archive: Path) -> None:
    planes = extensions(archive, "JWST/product/jw02731001001_02105_00001_nrcalong_cal.fits")
    assert planes == ["PRIMARY", "SCI", "ERR", "DQ", "VAR_POISSON", "VAR_RNOISE", "AREA", "VAR_FLAT"]


def test_an_acs_exposure_has_two_chips(archive: Path) -> None:
    assert extensions(archive, "HST/product/j97c11s4q_flt.fits") == ["PRIMARY", *["SCI", "ERR", "DQ"] * 2]


def test_pixels_are_integers_that_read_as_physical_values(archive: Path) -> None:
    name = archive / "JWST/product/jw02731-o001_t017_nircam_clear-f444w_i2d.fits"
    with fits.open(name, do_not_scale_image_data=True) as raw:
        counts = np.array(raw["SCI"].data)
    with fits.open(name) as scaled:
        values, unit = np.array(scaled["SCI"].data), scaled["SCI"].header["BUNIT"]
    assert counts.dtype == np.dtype(">i2")
    assert unit == "MJy/sr"
    assert np.allclose(values, counts * 0.002)


def test_the_light_curve_has_transits(archive: Path) -> None:
    name = "TESS/product/tess2018234235059-s0002-0000000100100827-0121-s_lc.fits"
    flux = fits.getdata(archive / name, "LIGHTCURVE")["PDCSAP_FLUX"]
    seen = flux[np.isfinite(flux)] / np.nanmedian(flux)
    assert 0.08 < np.mean(seen < 0.995) < 0.2


def test_reference_names_have_the_types_of_crds(archive: Path) -> None:
    named = set()
    for name in ("jw02731001001_02105_00001_nrcalong_cal", "jw02732004001_02101_00001_mirifulong_cal"):
        read = header(archive, f"JWST/product/{name}.fits")
        named |= {
            str(value).split("_")[2] for key, value in read.items() if key.startswith("R_") and "crds" in str(value)
        }
    assert {"dark", "flat", "distortion", "rscd", "fringe", "photom"} <= named


def test_headers_name_references_that_are_there_and_darks_that_are_not(archive: Path) -> None:
    read = header(archive, "JWST/product/jw02731001001_02105_00001_nrcalong_cal.fits")
    named = {key: str(value).removeprefix("crds://") for key, value in read.items() if str(value).startswith("crds://")}
    absent = {key for key, name in named.items() if not (archive / "JWST/reference" / name).is_file()}
    assert len(named) > 10
    assert absent == {"R_DARK"}


def test_reference_names_of_different_types_differ() -> None:
    found = [item.filename for item in references.items(jwst_archive.DETECTORS, hst_archive.VARIANTS)]
    assert len(found) == len(set(found))
    assert len(found) > 60
