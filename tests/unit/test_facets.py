from __future__ import annotations

import pytest

from webapp.facets import FACETS
from webapp.inventory.inventory import Kind


def kind(
    mission: str = "JWST", category: str = "SCIENCE", ext: str = "fits", group: str = "CAL", level: int | None = 2
) -> Kind:
    return Kind(mission, category, ext, group, level, recommended=False)


def value(facet: str, of: Kind, *, public: bool = True, batch: frozenset[str] = frozenset()) -> str:
    return FACETS[facet].value(of, public, batch)


def test_the_facets_are_those_of_the_public_contract() -> None:
    assert set(FACETS) == {"category", "type", "ext", "batch", "group", "mission", "level", "access"}


def test_every_facet_is_listed_under_its_own_name() -> None:
    assert [facet.name for facet in FACETS.values()] == list(FACETS)


@pytest.mark.parametrize(
    ("facet", "of", "expected"),
    [
        ("category", kind(category="INFO"), "INFO"),
        ("type", kind(), "science"),
        ("type", kind(category="CALIBRATION"), "reference"),
        ("ext", kind(ext="fits.gz"), "fits.gz"),
        ("ext", kind(ext=""), "none"),
        ("group", kind(group="none"), "none"),
        ("mission", kind(mission="HST"), "HST"),
        ("level", kind(level=-1), "-1"),
        ("level", kind(level=None), "unknown"),
    ],
)
def test_a_kind_has_its_value(facet: str, of: Kind, expected: str) -> None:
    assert value(facet, of) == expected


def test_access_is_what_everybody_may_read_now() -> None:
    assert (value("access", kind(), public=True), value("access", kind(), public=False)) == ("public", "exclusive")


@pytest.mark.parametrize(("batch", "expected"), [({"JWST"}, "1"), ({"HST"}, "0"), ({"*"}, "1"), (set(), "0")])
def test_batch_follows_the_missions_of_the_setting(batch: set[str], expected: str) -> None:
    assert value("batch", kind(), batch=frozenset(batch)) == expected


@pytest.mark.parametrize(
    ("facet", "of_value", "label"),
    [
        ("category", "SCIENCE", "Science"),
        ("level", "2", "2 calibrated"),
        ("level", "unknown", "Unknown"),
        ("ext", "fits", ".fits"),
        ("ext", "dat", ".dat"),
        ("batch", "1", "Batch available"),
        ("access", "exclusive", "Exclusive"),
        ("type", "reference", "Calibration references"),
        ("group", "CAL", "CAL"),
        ("group", "none", "No group"),
        ("mission", "TESS", "TESS"),
    ],
)
def test_a_value_has_its_label(facet: str, of_value: str, label: str) -> None:
    assert FACETS[facet].label(of_value) == label


@pytest.mark.parametrize("facet", FACETS)
def test_every_value_means_one_line(facet: str) -> None:
    for each in [*FACETS[facet].words, "SOMETHING"]:
        meaning = FACETS[facet].meaning(each, {})
        assert meaning
        assert "\n" not in meaning
        assert len(meaning) < 120


@pytest.mark.parametrize(
    "requirement",
    [
        ("category", ["AUXILIARY", "SCIENCE", "CATALOG", "CALIBRATION", "PREVIEW", "INFO"]),
        ("ext", ["fits", "jpg", "png", "csv", "ecsv", "json"]),
        ("level", ["-1", "0", "1", "2", "3", "4", "unknown"]),
    ],
)
def test_the_values_of_the_requirement_have_words_of_their_own(requirement: tuple[str, list[str]]) -> None:
    facet, values = requirement
    assert set(values) <= FACETS[facet].words.keys()


def test_a_group_means_what_its_mission_means_by_it() -> None:
    assert FACETS["group"].meaning("X", {"JWST": {"X": "one"}, "HST": {"X": "two"}}, "HST") == "two"


def test_a_group_of_no_known_mission_is_explained_by_the_file_name() -> None:
    assert FACETS["group"].meaning("WHATEVER", {}) == "Files whose name ends in _whatever"


def test_a_group_of_another_mission_is_explained_by_the_file_name() -> None:
    assert FACETS["group"].meaning("X", {"HST": {"X": "two"}}, "TESS") == "Files whose name ends in _x"


def test_a_group_with_two_meanings_names_the_missions() -> None:
    assert FACETS["group"].meaning("X", {"JWST": {"X": "one"}, "HST": {"X": "two"}}) == "JWST: one; HST: two"


def test_a_group_with_one_meaning_in_two_missions_says_it_once() -> None:
    assert FACETS["group"].meaning("X", {"JWST": {"X": "one"}, "HST": {"X": "one"}}) == "one"


def test_a_facet_of_fixed_values_accepts_no_other() -> None:
    assert [FACETS[name].accepts("7") for name in ("level", "type", "access", "batch", "category")] == [False] * 5


def test_a_facet_of_open_values_accepts_what_the_basket_may_not_have() -> None:
    assert [FACETS[name].accepts("SEVEN") for name in ("mission", "group", "ext")] == [True] * 3


@pytest.mark.parametrize("facet", FACETS)
def test_no_facet_accepts_an_empty_value(facet: str) -> None:
    assert not FACETS[facet].accepts("")


def test_known_values_come_in_the_order_of_the_table_before_all_others() -> None:
    values = sorted(["zip", "dat", "json", "aaa", "fits"], key=FACETS["ext"].sort_key)
    assert values == ["fits", "json", "zip", "aaa", "dat"]
