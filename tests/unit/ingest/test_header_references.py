"""Which references a header names: one line a form that real headers have, each through a FITS file in memory."""

from __future__ import annotations

import io

import pytest
from astropy.io import fits

from webapp.ingest.fits_headers import Cards, facts, read_cards
from webapp.ingest.header_references import bare_context, references_of
from webapp.ingest.names import builtin

ROOT = "jbl401kqq"
LONG = "/grp/crds/cache/references/" + "very_long_folder_name/" * 6

# (keyword, value as in the header, the names that it links to)
JWST = [
    ("R_DARK", "crds://jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DISTOR", "crds://jwst_miri_distortion_0133.asdf", ["jwst_miri_distortion_0133.asdf"]),
    ("R_EXTR1D", "crds://jwst_nirspec_extract1d_0002.json", ["jwst_nirspec_extract1d_0002.json"]),
    ("R_DARK", "CRDS://JWST_NIRCAM_DARK_0123.FITS", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "crds://references/jwst/nircam/jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "/grp/crds/cache/references/jwst/nircam/jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "$CRDS_PATH/references/jwst/nircam/jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "./jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "C:\\crds\\references\\jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "crds://jwst_nircam_dark_0123.fits.gz", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "  crds://jwst_nircam_dark_0123.fits  ", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", '"crds://jwst_nircam_dark_0123.fits"', ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "'jwst_nircam_dark_0123.fits'", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "/data/me/My_Dark.fits", ["My_Dark.fits"]),
    ("R_DARK", LONG + "jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "../../jwst_nircam_dark_0123.fits", ["jwst_nircam_dark_0123.fits"]),
    ("R_DARK", "crds://jwst_nircam_dark_0123", []),
    ("R_DARK", "N/A", []),
    ("R_DARK", "crds://N/A", []),
    ("R_DARK", "NOT APPLICABLE", []),
    ("R_DARK", "crds://", []),
    ("R_DARK", "crds://..", []),
    ("R_DARK", "jwst nircam dark.fits", []),
    ("R_DARK", "$(rm -rf x).fits", []),
    ("R_DARK", 123, []),
    ("R_DARK", "1.5", []),
    ("R_DARK", True, []),
    ("R_DARK", None, []),
    ("DARKFILE", "crds://jwst_nircam_dark_0123.fits", []),
    ("ROLL_REF", "jwst_nircam_dark_0123.fits", []),
]
HST = [
    ("DARKFILE", "jref$p9e1544dj_drk.fits", ["p9e1544dj_drk.fits"]),
    ("PFLTFILE", "iref$uc721143i_pfl.fits", ["uc721143i_pfl.fits"]),
    ("SDCTAB", "oref$16j16005o_sdc.fits", ["16j16005o_sdc.fits"]),
    ("FLUXTAB", "lref$u1k1044gl_phot.fits", ["u1k1044gl_phot.fits"]),
    ("RNLCORTB", "nref$l1b1523sn_nlc.fits", ["l1b1523sn_nlc.fits"]),
    ("MASKFILE", "uref$e2112084u.r0h", ["e2112084u.r0h"]),
    ("DARKDFIL", "uref$e2112084u.b3h", ["e2112084u.b3h"]),
    ("GRAPHTAB", "mtab$0ci1839om_tmg.fits", ["0ci1839om_tmg.fits"]),
    ("THRUFILE", "crotacomp$hst_ota_007_syn.fits", ["hst_ota_007_syn.fits"]),
    ("BACHFILE", "yref$b3m1128fy.r0h", ["b3m1128fy.r0h"]),
    ("CCS4", "ytab$e5v13262y.cy4", ["e5v13262y.cy4"]),
    ("DARKFILE", "JREF$P9E1544DJ_DRK.FITS", ["p9e1544dj_drk.fits"]),
    ("DARKFILE", "p9e1544dj_drk.fits", ["p9e1544dj_drk.fits"]),
    ("NEWFILE", "p9e1544dj_drk.fits", ["p9e1544dj_drk.fits"]),
    ("DARKFILE", "jref$p9e1544dj_drk", ["p9e1544dj_drk.fits"]),
    ("DARKFILE", "jref$my_dark", []),
    ("DARKFILE", "jref$", []),
    ("DARKFILE", "jref$wfc_dark_20031012-18.fits", ["wfc_dark_20031012-18.fits"]),
    ("DARKFILE", "my_dark.fits", ["my_dark.fits"]),
    ("DARKFILE", "/data/refs/p9e1544dj_drk.fits", ["p9e1544dj_drk.fits"]),
    ("DARKFILE", "$jref/p9e1544dj_drk.fits", ["p9e1544dj_drk.fits"]),
    ("DARKFILE", "jref$sub/p9e1544dj_drk.fits", ["p9e1544dj_drk.fits"]),
    ("DARKFILE", "jref$p9e1544dj_drk.fits.gz", ["p9e1544dj_drk.fits"]),
    ("NPOLFILE", "jref$v971826aj_npl.fits[1]", ["v971826aj_npl.fits"]),
    ("NPOLFILE", "jref$v971826aj_npl.fits[sci,1]", ["v971826aj_npl.fits"]),
    ("DARKFILE", "jref$a9e1544dj_drk.fits, jref$b9e1544dj_drk.fits", ["a9e1544dj_drk.fits", "b9e1544dj_drk.fits"]),
    ("DARKFILE", "jref$p9e1544dj_drk.fits   ", ["p9e1544dj_drk.fits"]),
    ("IMPHTTAB", "hst_acs_imphttab_0052.fits", ["hst_acs_imphttab_0052.fits"]),
    ("DARKFILE", "N/A", []),
    ("DARKFILE", "n/a", []),
    ("DARKFILE", "N/A.", []),
    ("DARKFILE", "NA", []),
    ("DARKFILE", "NONE", []),
    ("DARKFILE", "NOT FOUND NO MATCH", []),
    ("DARKFILE", "", []),
    ("DARKFILE", "        ", []),
    ("DARKFILE", None, []),
    ("DARKFILE", 5, []),
    ("ASN_TAB", "jref$jbl401010_asn.fits", []),
    ("ASN_FILE", "jbl401010_asn.fits", []),
    ("BLEVFILE", "ucal$u2801402t.x0h", []),
    ("NPOLEXT", "jref$v971826aj_npl.fits", []),
    ("OUTFILE", "other_flt.fits", []),
    ("DARKFILE", f"{ROOT}_flt.fits", []),
    ("DARKFILE", "JBL401010_DRZ.FITS", []),
    ("FILENAME", f"{ROOT}_flt.fits", []),
]
FORMS = [("JWST", *form) for form in JWST] + [("HST", *form) for form in HST]


def cards_of(
    primary: dict[str, object], extension: dict[str, object] | None = None, *swap: tuple[bytes, bytes]
) -> Cards:
    """What ingest reads of a file with these headers; ``swap`` replaces bytes that astropy would not write."""
    hdus = fits.HDUList([fits.PrimaryHDU(header=fits.Header(primary))])
    if extension is not None:
        hdus.append(fits.ImageHDU(header=fits.Header(extension)))
    stream = io.BytesIO()
    hdus.writeto(stream)
    raw = stream.getvalue()
    for old, new in swap:
        assert raw.count(old) == 1
        assert len(old) == len(new)
        raw = raw.replace(old, new)
    return read_cards(io.BytesIO(raw), "x.fits", len(raw))


def named(cards: Cards, mission: str = "HST") -> list[tuple[str, str]]:
    return [(each.keyword, each.name) for each in references_of(cards, mission)]


@pytest.mark.parametrize(("mission", "keyword", "value", "names"), FORMS)
def test_a_header_names_a_reference_in_many_forms(mission: str, keyword: str, value: object, names: list[str]) -> None:
    about: dict[str, object] = {"TELESCOP": mission, "FILENAME": f"{ROOT}_flt.fits"}
    if mission == "HST":
        about |= {"ROOTNAME": ROOT, "ASN_ID": "JBL401010"}
    assert named(cards_of(about | {keyword: value}), mission) == [(keyword, name) for name in names]


def test_two_keywords_that_name_one_file_are_two_links_in_the_order_of_the_header() -> None:
    cards = cards_of({"PFLTFILE": "jref$p9e1544dj_pfl.fits", "DFLTFILE": "jref$p9e1544dj_pfl.fits"})
    assert named(cards) == [("PFLTFILE", "p9e1544dj_pfl.fits"), ("DFLTFILE", "p9e1544dj_pfl.fits")]


def test_a_file_that_one_keyword_names_twice_is_one_link() -> None:
    cards = cards_of({"DARKFILE": "jref$p9e1544dj_drk.fits,p9e1544dj_drk.fits[1]"})
    assert named(cards) == [("DARKFILE", "p9e1544dj_drk.fits")]


def test_the_first_of_two_cards_with_one_keyword_counts() -> None:
    cards = cards_of(
        {"DARKFILE": "jref$p9e1544dj_drk.fits", "XARKFILE": "jref$a9e1544dj_drk.fits"}, None, (b"XARK", b"DARK")
    )
    assert named(cards) == [("DARKFILE", "p9e1544dj_drk.fits")]


def test_the_extension_counts_for_keywords_that_the_primary_header_lacks() -> None:
    cards = cards_of(
        {"DARKFILE": "jref$p9e1544dj_drk.fits", "BIASFILE": "N/A"},
        {
            "DARKFILE": "jref$a9e1544dj_drk.fits",
            "BIASFILE": "jref$a9e1544dj_bia.fits",
            "D2IMFILE": "jref$02c1450oj_d2i.fits",
            "D2IMEXT": "jref$02c1450oj_d2i.fits",
        },
    )
    assert named(cards) == [("DARKFILE", "p9e1544dj_drk.fits"), ("D2IMFILE", "02c1450oj_d2i.fits")]


def test_a_long_keyword_counts_as_a_short_one() -> None:
    cards = cards_of({"HIERARCH newdarkfile": "jref$p9e1544dj_drk.fits", "HIERARCH R_darkness": "x.fits"})
    assert named(cards) == [("NEWDARKFILE", "p9e1544dj_drk.fits")]
    assert named(cards, "JWST") == [("R_DARKNESS", "x.fits")]


@pytest.mark.parametrize("character", [b"\x00", b"\x07", b"\n", b"\x1b", b"\xe9"])
def test_a_value_with_a_character_that_headers_cannot_have_is_no_link_and_spoils_no_other(character: bytes) -> None:
    primary: dict[str, object] = {"DARKFILE": "jref$p9e1544?j_drk.fits", "BIASFILE": "jref$p9e1544dj_bia.fits"}
    cards = cards_of(primary, None, (b"?", character))
    assert named(cards) == [("BIASFILE", "p9e1544dj_bia.fits")]


def test_a_card_that_cannot_be_read_leaves_the_others_to_tell() -> None:
    cards = cards_of({"OBJECT": "M?51", "RA_TARG": 202.5, "DEC_TARG": 47.2}, None, (b"?", b"\x07"))
    values = facts(cards, f"{ROOT}_flt.fits", builtin(), "HST").values
    assert (values.get("target"), values["ra"]) == (None, "202.5")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jwst_1293.pmap", "jwst_1293.pmap"),
        ("JWST_1293.PMAP", "jwst_1293.pmap"),
        ("/grp/crds/cache/mappings/jwst/jwst_1293.pmap", "jwst_1293.pmap"),
        (" 'hst_1210.pmap' ", "hst_1210.pmap"),
        ("jwst_1293", "jwst_1293.pmap"),
        ("hst_acs_0312.imap", "hst_acs_0312.imap"),
        ("N/A", ""),
        ("", ""),
        ("jwst_1293.pmap; rm", ""),
    ],
)
def test_a_context_is_a_bare_name_in_lower_case(text: str, expected: str) -> None:
    cards = cards_of({"R_DARK": "crds://jwst_nircam_dark_0123.fits", "CRDS_CTX": text})
    assert [each.context for each in references_of(cards, "JWST")] == [expected]
    assert bare_context(text) == expected


def test_without_a_context_the_link_has_none() -> None:
    cards = cards_of({"R_DARK": "crds://jwst_nircam_dark_0123.fits"})
    assert [each.context for each in references_of(cards, "JWST")] == [""]


def test_another_missions_headers_name_references_as_hubbles_do() -> None:
    cards = cards_of({"DARKFILE": "dark_2024.fits", "LOGFILE": "run_1.log", "OBSFILE": "data$flat_1.fits"})
    assert named(cards, "MYSCOPE") == [("DARKFILE", "dark_2024.fits"), ("OBSFILE", "flat_1.fits")]
