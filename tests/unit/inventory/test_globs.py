from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.inventory.worlds import checked
from webapp.inventory import globs
from webapp.inventory.filters import check_pattern, name_mask
from webapp.inventory.inventory import Inventory, Kind, build

KIND = Kind("JWST", "SCIENCE", "fits", "CAL", 2, recommended=True)
# Few letters, so that pieces often match, overlap and repeat.
PLAIN_NAMES = st.lists(st.text("abB", min_size=1, max_size=7), max_size=20)
PLAIN_PATTERNS = st.lists(st.sampled_from([*"abA?**", "[ab]", "[!a]"]), min_size=1, max_size=8).map("".join)

# The last four have a lower case that is longer, missing, or ASCII: I with a dot, sharp s, the kelvin sign, long s.
ODD_NAMES = st.lists(st.text("aA-]![^1éÉ\u0130\u00df\u212a\u017f", min_size=1, max_size=5), max_size=30)
ODD_TOKENS = ["[a-b]", "[B-a]", "[]a]", "[!]a]", "[é]", "[!é1]", "[[]", "[^a]", "[a-]", "[!-]"]
ODD_PATTERNS = st.lists(st.sampled_from([*"akA-]!^1é\u0130\u00df*?*?", *ODD_TOKENS]), min_size=1, max_size=5).map(
    "".join
)


def inventory_of(names: list[str]) -> Inventory:
    n = len(names)
    zeros = [0] * n
    return build(
        product=list(range(n)),
        folder=zeros,
        kind=zeros,
        rights=zeros,
        size=zeros,
        names=names,
        folders=[("JWST", "f")],
        kinds=[KIND],
        rights_ids=[1],
    )


def matching(names: list[str], pattern: str) -> list[str]:
    inventory = inventory_of(names)
    return [inventory.name(row) for row in name_mask(inventory, pattern).nonzero()[0].tolist()]


def expected(names: list[str], pattern: str) -> list[str]:
    return [name for name in sorted(names) if fnmatchcase(name.lower(), pattern.lower())]


@settings(checked, max_examples=500)
@given(PLAIN_NAMES, PLAIN_PATTERNS)
@example(["abc", "abb"], "ab*b*")
@example(["a", "ba"], "*a*")
@example(["abab_ab"], "*ab*ab*ab")
@example(["b", "ab", "bb"], "*?b*")
def test_patterns_match_as_fnmatch_does_whatever_the_case(names: list[str], pattern: str) -> None:
    assert matching(names, pattern) == expected(names, pattern)


@settings(checked, max_examples=300)
@given(ODD_NAMES, ODD_PATTERNS)
@example(["a-b"], "a[!-]b")
def test_odd_brackets_and_characters_match_as_fnmatch_does(names: list[str], pattern: str) -> None:
    assert matching(names, pattern) == expected(names, pattern)


@checked
@given(PLAIN_NAMES, PLAIN_PATTERNS, st.integers(1, 4), st.integers(0, 2))
def test_how_the_search_is_divided_changes_nothing(names: list[str], pattern: str, size: int, steps: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(globs, "CHUNK_NAMES", size)
        patch.setattr(globs, "STEPS", steps)
        assert matching(names, pattern) == expected(names, pattern)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*_x1d.fits", ["jw01_x1d.fits", "jw02_X1D.FITS"]),
        ("jw0?_x1d.fits", ["jw01_x1d.fits", "jw02_X1D.FITS"]),
        ("*CAL*", ["hst_cal.fits", "jw01_cal_thumb.jpg"]),
        ("jw0[!1]*", ["jw02_X1D.FITS"]),
        ("jw01", []),
        ("*", ["hst_cal.fits", "jw01_cal_thumb.jpg", "jw01_x1d.fits", "jw02_X1D.FITS"]),
        ("jw01_x1d.fits?", []),
    ],
)
def test_a_pattern_is_about_the_whole_name(pattern: str, found: list[str]) -> None:
    names = ["jw01_x1d.fits", "jw02_X1D.FITS", "jw01_cal_thumb.jpg", "hst_cal.fits"]
    assert matching(names, pattern) == found


def test_a_piece_never_matches_across_two_names() -> None:
    assert matching(["a", "b"], "*a*b*") == []


def test_a_pattern_of_many_stars_ends() -> None:
    """A backtracking matcher would need longer than the universe has been there."""
    names = ["a" * 200 + f"{n}" for n in range(50)]
    assert matching(names, "*a" * 99 + "*b") == []


def test_names_beyond_ascii_are_matched_by_their_characters() -> None:
    assert matching(["é.fits", "e.fits", "éé.fits"], "?.fits") == ["e.fits", "é.fits"]


def test_an_inventory_without_files_matches_nothing() -> None:
    assert name_mask(inventory_of([]), "*").tolist() == []


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("", "The file name pattern is empty."),
        ("a" * 201, "The file name pattern has 201 characters; at most 200 are possible."),
        ("a/b", "The file name pattern holds a slash, which no file name does."),
        ("a\nb", "The file name pattern holds a control character."),
        ("a\x7fb", "The file name pattern holds a control character."),
        ("[a", "The file name pattern opens a bracket"),
        ("a[]", "The file name pattern opens a bracket"),
        ("[!]", "The file name pattern opens a bracket"),
        ("[a]b[c", "The file name pattern opens a bracket"),
    ],
)
def test_a_bad_pattern_is_a_sentence(pattern: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace(".", r"\.")):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["a" * 200, "*", "[]a]", "[!]a]", "a]", "[[]", "é*", "a b"])
def test_a_good_pattern_passes(pattern: str) -> None:
    check_pattern(pattern)


def test_a_bad_pattern_is_never_searched_for() -> None:
    with pytest.raises(ValueError, match="bracket"):
        name_mask(inventory_of(["a"]), "[a")
