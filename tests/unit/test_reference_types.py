"""What a reference file is: from its name, from the keyword, and the table of types itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import webapp
from tests.fixtures.crds_specs import condense, written
from webapp.ingest.names import builtin
from webapp.reference_types import ReferenceType, reference_type

TABLE = json.loads((Path(webapp.__file__).parent / "crds_types.json").read_text("utf-8"))
EVERY = [
    (observatory, instrument, kind, *TABLE[observatory][instrument][kind])
    for observatory in TABLE
    for instrument in TABLE[observatory]
    for kind in TABLE[observatory][instrument]
]
LETTERS = {"acs": "j", "cos": "l", "nicmos": "n", "stis": "o", "synphot": "m", "wfc3": "i", "wfpc2": "u"}

NAMES = [
    ("JWST", "jwst_nircam_dark_0123.fits", "R_DARK", ("jwst", "nircam", "dark", "dark", "Dark reference")),
    ("JWST", "jwst_miri_distortion_0133.asdf", "", ("jwst", "miri", "distortion", "distortion", "Distortion")),
    ("JWST", "JWST_FGS_FLAT_0001.FITS", "", ("jwst", "fgs", "flat", "flat", "Flat Field")),
    (
        "JWST",
        "jwst_nirspec_extract1d_0002.json.gz",
        "",
        ("jwst", "nirspec", "extract1d", None, "1-D Spectral Extraction"),
    ),
    ("JWST", "jwst_nircam_pars-jumpstep_0004.asdf", "", ("jwst", "nircam", "pars-jumpstep", "pars-jumpstep", None)),
    ("JWST", "jwst_miri_newtype_0001.fits", "", ("jwst", "miri", "newtype", "newtype", "")),
    ("JWST", "jwst_newcam_dark_0001.fits", "", ("jwst", "newcam", "dark", "dark", "")),
    ("JWST", "jwst_system_datalvl_0001.json", "", ("jwst", "system", "datalvl", "datalvl", None)),
    ("JWST", "my_own.fits", "R_LINEAR", ("jwst", "", "linearity", "linearity", None)),
    ("JWST", "my_own.fits", "R_DRZPAR", ("jwst", "", "drzpar", "drzpar", "")),
    ("JWST", "my_own.fits", "", ("jwst", "", "own", "own", "")),
    ("HST", "p9e1544dj_drk.fits", "DARKFILE", ("hst", "acs", "darkfile", "dark", "Dark Frame")),
    ("HST", "p9e1544di_drk.fits", "", ("hst", "wfc3", "darkfile", "dark", "Dark Frame")),
    ("HST", "p9e1544do_1dx.fits.gz", "", ("hst", "stis", "xtractab", None, "1-d Extraction Parameters Table")),
    ("HST", "u1k1044gl_phot.fits", "FLUXTAB", ("hst", "cos", "fluxtab", "sensitivity table", None)),
    ("HST", "l1b1523sn_nlc.fits", "", ("hst", "nicmos", "rnlcortb", "nonlinearity power law table", None)),
    ("HST", "0ci1839om_tmg.fits", "GRAPHTAB", ("hst", "synphot", "tmgtab", "graph table", "Graph Table")),
    ("HST", "acs_wfc_ccd1_013_syn.fits", "", ("hst", "synphot", "thruput", None, "Component Throughput Tables")),
    ("HST", "hst_ota_007_syn.fits", "", ("hst", "synphot", "thruput", "component throughput table", None)),
    ("HST", "jwst_nircam_dark_0123.fits", "", ("hst", "", "0123", "0123", "")),
    ("JWST", "jwst_system_crdscfg_b7.1.yaml", "", ("jwst", "system", "crdscfg", "crdscfg", "Parameters for CRDS")),
    ("HST", "wfc3_ir_f098m_002_th.fits", "", ("hst", "synphot", "thermal", None, "Component Thermal Tables")),
    ("HST", "e2112084u.r0h", "", ("hst", "wfpc2", "maskfile", "mask", "Static Mask File")),
    ("HST", "e2112084u.r3d", "", ("hst", "wfpc2", "darkfile", "dark", "Dark Frame")),
    ("HST", "e2112084u.b2h", "BIASFILE", ("hst", "wfpc2", "biasfile", "bias", "Bias Frame")),
    ("HST", "e2112084u_r4h.fits", "", ("hst", "wfpc2", "flatfile", "flat", "Flat Field")),
    ("HST", "e2112084x.r8h", "UNIFILE", ("hst", "foc", "unifile", "unifile", "")),
    ("HST", "hst_cos_spottab_0052.fits", "", ("hst", "cos", "spottab", None, "Spot Position Table")),
    (
        "HST",
        "p9e1544dj_xyz.fits",
        "IMPHTTAB",
        ("hst", "acs", "imphttab", "photometry table", "Photometry Keyword Table"),
    ),
    ("HST", "p9e1544dj_xyz.fits", "", ("hst", "acs", "xyz", "xyz", "")),
    ("HST", "mydark.fits", "DARKFILE", ("hst", "", "darkfile", "dark", "Dark Frame")),
    ("HST", "mydark.fits", "DGEOFILE", ("hst", "", "dgeofile", "distortion correction", "")),
    ("TESS", "tess2019_s0012_flat.fits", "FLATREF", ("tess", "", "flatref", "flatref", "")),
    ("TESS", "tess2019_s0012_flat.fits", "", ("tess", "", "flat", "flat", "")),
    ("MINE", "", "", ("mine", "", "reference", "reference", "")),
]


@pytest.mark.parametrize(("mission", "name", "keyword", "expected"), NAMES)
def test_a_name_or_a_keyword_tells_the_type(
    mission: str, name: str, keyword: str, expected: tuple[str | None, ...]
) -> None:
    found = reference_type(mission, name, keyword)
    assert [got for got, want in zip(found, expected, strict=True) if want is not None] == [
        want for want in expected if want is not None
    ]


def test_every_type_of_crds_has_a_suffix_a_meaning_and_a_label_to_read() -> None:
    for observatory, instrument, kind, suffix, meaning in EVERY:
        for text in (suffix, meaning, reference_type(observatory, _name(observatory, instrument, kind, suffix)).label):
            assert text == text.strip()
            assert text
            assert text.isprintable()


def test_every_type_of_crds_is_known_by_the_name_of_its_files() -> None:
    for observatory, instrument, kind, suffix, meaning in EVERY:
        found = reference_type(observatory, _name(observatory, instrument, kind, suffix))
        assert found == ReferenceType(observatory, instrument, kind, found.label, meaning)


def test_every_type_of_crds_in_a_file_name_is_one_that_ingest_takes_for_a_reference() -> None:
    missed = [
        name
        for observatory, *each, suffix, _ in EVERY
        if not builtin()[observatory.upper()].reference(name := _name(observatory, *each, suffix))
    ]
    assert missed == ["p9e1544dn_flt.fits", "p9e1544du_flt.fits"]  # flt ends the names of exposures too


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("hst_cos_spottab_0052.fits", "SPOTTAB"),
        ("e2112084u.r0h", "R0H"),
        ("e2112084u.b3d", "B3D"),
        ("b3m1128fy.r0h", "R0H"),
        ("0ci1839om_tmg.fits", "TMG"),
        ("u2801402t.x0h", None),
        ("jbl401kqq_flt.fits", None),
        ("hst_11360_06_wfc3_ir_f160w_drz.fits", None),
    ],
)
def test_ingest_takes_hubbles_references_in_all_their_forms_and_nothing_else_for_references(
    name: str, group: str | None
) -> None:
    assert builtin()["HST"].reference(name) == group


def test_the_same_thing_has_the_same_label_for_all_instruments_of_hubble() -> None:
    names = ("p9e1544dj_drk.fits", "p9e1544di_drk.fits", "p9e1544do_drk.fits", "p9e1544dn_drk.fits", "e2112084u.r3h")
    assert {reference_type("HST", name).label for name in names} == {"dark"}


@given(st.text(), st.text(), st.text())
def test_no_text_is_refused(mission: str, name: str, keyword: str) -> None:
    for each in (mission, "HST", "JWST"):
        assert reference_type(each, name, keyword).name


def test_the_table_is_as_its_maker_writes_it() -> None:
    assert (Path(webapp.__file__).parent / "crds_types.json").read_text("utf-8") == written(TABLE)


def test_condensing_leaves_out_what_stands_for_every_instrument_and_type() -> None:
    spec = {"suffix": "DARK", "text_descr": " Dark  Frame. ", "tpn": "miri_dark.tpn"}
    made = condense(jwst={"all": {"dark": spec}, "miri": {"all": spec, "dark": spec}})
    assert made == {"jwst": {"miri": {"dark": ["dark", "Dark Frame"]}}}


def _name(observatory: str, instrument: str, kind: str, suffix: str) -> str:
    if observatory == "jwst":
        return f"jwst_{instrument}_{kind}_0001.fits"
    return f"p9e1544d{LETTERS[instrument]}_{suffix}.fits"
