"""What file names say."""

from __future__ import annotations

import pytest

from webapp.ingest.names import MissionsError, builtin, extension, split_name, with_operators


@pytest.mark.parametrize(
    ("mission", "name", "expected"),
    [
        ("JWST", "jw02731001003_02101_00003_nrcalong_cal.fits", ("jw02731001003_02101_00003_nrcalong", "CAL")),
        ("JWST", "jw02731001003_02101_00003_nrcalong_o001_crf.fits", ("jw02731001003_02101_00003_nrcalong", "CRF")),
        ("JWST", "jw02731001003_02101_00003_nrcalong_cal_thumb.jpg", ("jw02731001003_02101_00003_nrcalong", "none")),
        ("JWST", "jw02736-o007_20231116t144653_spec3_00001_asn.json", ("jw02736-o007", "ASN")),
        ("JWST", "jw04426001001_gs-acq1_2023143042245_stream.fits", ("jw04426001001", "GS-ACQ1")),
        ("HST", "lbnm01lzq_rawtag_a.fits", ("lbnm01lzq", "RAWTAG_A")),
        ("HST", "lbnm01lzq_flt.fits", ("lbnm01lzq", "FLT")),
        ("HST", "U9O40504M_C0M.FITS", ("U9O40504M", "C0M")),
        ("HST", "p9e1544dj_drk.fits", ("p9e1544dj_drk", "DRK")),
        ("OTHER", "deep_field_v2.fits.gz", ("deep_field", "V2")),
        ("OTHER", "survey_0001.fits", None),
        ("OTHER", "survey_0001_cal.fits", ("survey_0001", "CAL")),
        ("JWST", "jw02731001003_02101_00003.fits", ("jw02731001003_02101", "00003")),
        ("OTHER", "plain.fits", None),
        ("OTHER", "_cal.fits", None),
    ],
)
def test_a_name_is_split_at_the_longest_known_suffix(mission: str, name: str, expected: tuple[str, str] | None) -> None:
    assert split_name(mission, name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.FITS", "fits"),
        ("x.fits.gz", "fits.gz"),
        ("lwp13058.elbll.gz", "elbll.gz"),
        ("x.tar.bz2", "tar.bz2"),
        ("x.gz", "gz"),
        ("x", ""),
        ("fitscut.cgi?size=ALL", ""),
    ],
)
def test_the_extension_is_the_last_part_and_compression_keeps_two(name: str, expected: str) -> None:
    assert extension(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jw02733002001_02103_00001_mirimage_cal.fits", "JWST"),
        ("jwst_miri_dark_0057.fits", "JWST"),
        ("u9o40504m_c0m.fits", "HST"),
        ("hst_13364_95_wfc3_uvis_f275w_ic8m95eh_flc.fits", "HST"),
        ("p9e1544dj_drk.fits", "HST"),
        ("hlsp_heritage_hst_acs-wfc_m51_f435w_v1_drz.fits", "HLSP"),
        ("tess2019198215352-s0014-0000000029008855-0150-s_lc.fits", "TESS"),
        ("overview1_final.fits", None),
        ("notes.txt", None),
    ],
)
def test_a_mission_is_known_by_its_names(name: str, expected: str | None) -> None:
    assert builtin().owner_of(name) == expected


def test_an_operators_mission_is_known_by_its_names_and_suffixes() -> None:
    suffix = {"group": "LLC", "category": "SCIENCE", "level": 2, "recommended": True, "description": "Long cadence"}
    missions = with_operators({"KEPLER": {"names": r"kplr\d{9}", "suffixes": [suffix]}})
    name = "kplr006922244-2010078095331_llc.fits"
    assert missions.owner_of(name) == "KEPLER"
    assert missions.describe("KEPLER", "LLC") == "Long cadence"
    assert split_name("KEPLER", name, missions) == ("kplr006922244-2010078095331", "LLC")


def test_every_group_means_one_short_line() -> None:
    meanings = [text for groups in builtin().meanings.values() for text in groups.values()]
    assert all(0 < len(text) <= 75 and text.isprintable() and not text.endswith(".") for text in meanings)


@pytest.mark.parametrize("mission", builtin().meanings)
def test_a_group_means_the_same_in_all_its_entries(mission: str) -> None:
    entries = {(suffix.group, suffix.description) for suffix in builtin()[mission].suffixes}
    assert entries == set(builtin().meanings[mission].items())


def test_groups_that_several_missions_have_mean_the_same_in_all() -> None:
    words: dict[str, set[str]] = {}
    for groups in builtin().meanings.values():
        for group, text in groups.items():
            words.setdefault(group, set()).add(text)
    assert [group for group, texts in words.items() if len(texts) > 1] == []


def test_an_operators_word_for_a_group_goes_over_the_built_in_one() -> None:
    missions = with_operators({"JWST": {"suffixes": [{"group": "cal", "category": "SCIENCE", "description": "Ours"}]}})
    assert missions.meanings["JWST"]["CAL"] == missions.describe("JWST", "CAL") == "Ours"


def test_an_operators_suffix_without_a_word_keeps_the_built_in_one() -> None:
    missions = with_operators({"JWST": {"suffixes": [{"group": "CAL", "category": "SCIENCE"}]}})
    assert missions.describe("JWST", "CAL") == builtin().describe("JWST", "CAL") == "Calibrated exposure"


def test_an_operators_suffix_goes_over_the_built_in_one() -> None:
    missions = with_operators(
        {"JWST": {"suffixes": [{"group": "CAL", "category": "AUXILIARY", "description": "Ours"}]}}
    )
    found = missions["JWST"].ending("jw02733002001_02103_00001_mirimage_cal")
    assert found is not None
    assert found[1].category == "AUXILIARY"


def test_the_built_in_suffixes_stay_as_they_are_beside_an_operators() -> None:
    with_operators({"JWST": {"suffixes": [{"group": "CAL", "category": "AUXILIARY"}]}})
    found = builtin()["JWST"].ending("jw02733002001_02103_00001_mirimage_cal")
    assert found is not None
    assert found[1].category == "SCIENCE"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"KEPLER": 1}, "[missions.KEPLER] in skybasket.toml must be a table."),
        ({"KEPLER": {"nmaes": "x"}}, "nmaes is not known"),
        ({"KEPLER": {"names": "("}}, "names is not a regular expression"),
        ({"KEPLER": {"names": "(a)"}}, "names may not have groups"),
        ({"KEPLER": {"references": "a"}}, "references must have one group"),
        ({"KEPLER": {"level": 7}}, "level must be from -1 to 4"),
        ({"KEPLER": {"suffixes": {}}}, "suffixes must be a list"),
        ({"KEPLER": {"suffixes": [{"group": "A", "category": "RAW"}]}}, "category must be one of SCIENCE"),
        ({"KEPLER": {"suffixes": [{"category": "INFO"}]}}, "suffix 1 in skybasket.toml must be a table with a group"),
        ({"KEPLER": {"suffixes": [{"group": "A", "category": "INFO", "recommended": "yes"}]}}, 'or "combined"'),
    ],
)
def test_a_wrong_mission_table_is_refused_with_a_sentence(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(MissionsError) as refused:
        with_operators(table)
    assert sentence in str(refused.value)
