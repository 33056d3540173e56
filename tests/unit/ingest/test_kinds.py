"""The kind of a product: what the table says, else what the name says."""

from __future__ import annotations

import pytest

from webapp.ingest.folders import folder_of_name, folder_of_observation
from webapp.ingest.kinds import Claim, KindKey, Stated, derive
from webapp.ingest.names import builtin


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jw02736-o001_t001_nircam_clear-f200w_i2d.fits", "JWST SCIENCE fits I2D 3 recommended"),
        ("jw02733002001_02103_00001_mirimage_i2d.fits", "JWST SCIENCE fits I2D 2"),
        ("jw02733002001_02103_00001_mirimage_uncal.fits", "JWST SCIENCE fits UNCAL 1"),
        ("jw02736-o001_t001_nircam_clear-f200w_segm.fits", "JWST AUXILIARY fits SEGM 3 recommended"),
        ("jw02736-o007_20231116t144653_image2_00008_asn.json", "JWST INFO json ASN 2"),
        ("jw02736-o007_20231116t144653_spec3_00001_asn.json", "JWST INFO json ASN 3 recommended"),
        ("jw04426001001_gs-acq1_2023143042245_cal.fits", "JWST AUXILIARY fits GS-ACQ1 2"),
        ("jw02733002001_02103_00001_mirimage_cal.jpg", "JWST PREVIEW jpg none 2"),
        ("jwst_miri_dark_0057.fits", "JWST CALIBRATION fits DARK -"),
        ("jd7e05020_drc.fits", "HST SCIENCE fits DRC 3 recommended"),
        ("lbnm01lzq_corrtag_a.fits", "HST AUXILIARY fits CORRTAG_A 1"),
        ("p9e1544dj_drk.fits", "HST CALIBRATION fits DRK -"),
        ("hlsp_x_hst_acs_m51_v1_readme.txt", "HLSP INFO txt README 4"),
        ("thing_00017.fits", "OTHER SCIENCE fits none -"),
    ],
)
def test_a_kind_is_derived_from_the_name(name: str, expected: str) -> None:
    found = derive(expected.split(maxsplit=1)[0], name, builtin())
    level = "-" if found.level is None else str(found.level)
    said = [found.mission, found.category, found.ext, found.group, level, "recommended" if found.recommended else ""]
    assert " ".join(said).strip() == expected


def test_what_a_table_says_goes_over_the_name() -> None:
    derived = derive("JWST", "jw02733002001_02103_00001_mirimage_cal.fits", builtin())
    claim = Claim(Stated("AUXILIARY", "OTHER", 4, recommended=True), derived)
    assert claim.fresh() == KindKey("JWST", "AUXILIARY", "fits", "OTHER", 4, recommended=True)


def test_silence_leaves_a_known_kind_as_it_is() -> None:
    known = KindKey("JWST", "AUXILIARY", "fits", "OTHER", 4, recommended=True)
    derived = derive("JWST", "jw02733002001_02103_00001_mirimage_cal.fits", builtin())
    assert Claim(Stated(), derived).over(known) == known


def test_a_level_that_was_unknown_is_filled_from_the_name() -> None:
    known = KindKey("JWST", "SCIENCE", "fits", "CAL", None, recommended=False)
    derived = derive("JWST", "jw02733002001_02103_00001_mirimage_cal.fits", builtin())
    assert Claim(Stated(), derived).over(known).level == 2


@pytest.mark.parametrize(
    ("obs_id", "name", "expected"),
    [
        ("U9O40504M", "u9o40504m_c0m.fits", "u9o40504m"),
        ("U9O40504M", "u9o40504j_jif.fits", "u9o40504m"),
        ("jw02736-o007_s00001_nirspec_x", "jw02736_20231116t144653_pool.csv", "jw02736-o007_s00001_nirspec_x"),
        ("a/b", "x_cal.fits", "a_b"),
        ("..", "x_cal.fits", "_"),
    ],
)
def test_a_folder_is_the_observation_as_its_files_spell_it(obs_id: str, name: str, expected: str) -> None:
    assert folder_of_observation(obs_id, name) == expected


@pytest.mark.parametrize(
    ("uri", "name", "expected"),
    [
        ("mast:JWST/product/x_o001_crf.fits", "x_o001_crf.fits", "x"),
        ("mast:JWST/product/plain.fits", "plain.fits", "product"),
        ("mast:HLA/url/cgi-bin/fitscut.cgi?red=a_b/c", "a_b.fits", "url/cgi-bin"),
        ("local:holdings/plain.fits", "plain.fits", "holdings"),
    ],
)
def test_without_an_observation_the_folder_is_the_stem_or_the_path(uri: str, name: str, expected: str) -> None:
    assert folder_of_name("JWST", uri, name, builtin()) == expected
