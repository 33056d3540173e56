from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.names import MAX_PART_BYTES, MAX_PATH, OWN, flat_paths, safe_paths

REFUSED = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f-\x9f\ud800-\udfff\u202e\u2028]')
WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)

NAMES = (
    ".. . con NUL.fits é e\u0301 İ ß SS \ud800 x.part -rf ~ x. receipt.csv .SKYBASKET C: x~2.fits x.fits X.FITS $(id)"
)
hostile = st.sampled_from([*NAMES.split(" "), "", "COM1 .x", "a b", "\n", "\u202e", "...", "a\\..\\b", "a" * 300])
parts = hostile | st.text(max_size=8) | st.text(alphabet="aAbB.~2-_ ", max_size=4)
wanted_paths = st.lists(st.lists(parts, min_size=1, max_size=6).map("/".join), max_size=12)


def on_any_disk(path: str) -> str:
    """What a file system that ignores case and composition takes a path for."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


@given(wanted_paths)
@example(["a" * 120 + "/" + "b" * 119])
@example(["é" * 100, "é" * 99 + "e\u0301"])
def test_every_part_of_a_path_can_be_created_on_any_system(wanted: list[str]) -> None:
    for path in safe_paths(wanted):
        assert len(path) <= MAX_PATH
        for part in path.split("/"):
            assert part not in ("", ".", "..")
            assert not REFUSED.search(part)
            assert not WINDOWS_DEVICE.fullmatch(part)
            assert not part.endswith((".", " "))
            assert not part.startswith(("-", "~"))
            assert len(part.encode()) <= MAX_PART_BYTES
            assert unicodedata.is_normalized("NFC", part)


@given(wanted_paths)
def test_no_two_paths_are_one_on_a_disk_that_ignores_case(wanted: list[str]) -> None:
    seen = [on_any_disk(path) for path in safe_paths(wanted)]
    assert len(set(seen)) == len(seen)


@given(wanted_paths)
def test_no_file_has_the_name_of_a_folder(wanted: list[str]) -> None:
    paths = [on_any_disk(path) for path in safe_paths(wanted)]
    folders = {path[: match.start()] for path in paths for match in re.finditer("/", path)}
    assert not folders & set(paths)


@given(wanted_paths)
def test_making_paths_safe_again_changes_nothing(wanted: list[str]) -> None:
    once = safe_paths(wanted)
    assert safe_paths(once) == once


@given(wanted_paths)
def test_what_a_delivery_writes_itself_is_never_replaced(wanted: list[str]) -> None:
    for path in safe_paths(wanted):
        assert not OWN.fullmatch(path.split("/")[0].casefold())
        assert not path.casefold().endswith(".part")


@given(
    st.lists(
        st.from_regex(r"(JWST|HST)/[a-z0-9]{4,12}/[a-z0-9]{4,9}_[a-z]{3}\.(fits|jpg|fits\.gz)", fullmatch=True),
        unique=True,
    )
)
def test_ordinary_names_stay_as_they_are(wanted: list[str]) -> None:
    assert safe_paths(wanted) == wanted


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/etc/passwd", "etc/passwd"),
        ("../../x.fits", "x.fits"),
        ("C:\\data\\x.fits", "data/x.fits"),
        ("a/./b//c", "a/b/c"),
        ("HST/nul.fits", "HST/_nul.fits"),
        ("a\nb\t.fits", "a_b_.fits"),
        ("what?.fits", "what_.fits"),
        ("-rf", "_rf"),
        ("~root/x", "_root/x"),
        ("x.fits.part", "x.fits.part_"),
        ("Receipt.CSV", "_Receipt.CSV"),
        (".skybasket/run", "_.skybasket/run"),
        ("References.csv", "_References.csv"),
        ("references_2of3.csv/x", "_references_2of3.csv/x"),
        ("references/hst/acs/x.fits", "references/hst/acs/x.fits"),
        ("name. ", "name"),
        ("", "_"),
        ("../..", "_"),
        ("e\u0301.fits", "é.fits"),
        ("HST/$(rm -rf ~)/`x` 'y' [1].fits", "HST/$(rm -rf ~)/`x` 'y' [1].fits"),
    ],
)
def test_an_unsafe_name_becomes(wanted: str, path: str) -> None:
    assert safe_paths([wanted]) == [path]


@pytest.mark.parametrize(
    "name",
    ["MANIFEST.HTML", "manifest_1of2.csv", "Manifest_12of34.html", "CITATION_2of2.txt", "References_1of2.csv"],
)
def test_a_flat_file_does_not_take_the_name_of_a_paper_of_any_part(name: str) -> None:
    assert flat_paths([f"HST/x/{name}", "HST/x/other_1of2.csv"]) == [f"HST/x/{name}", "other_1of2.csv"]


def test_of_names_that_clash_the_first_stays_and_others_are_numbered_before_the_extension() -> None:
    assert safe_paths(["a/x.fits", "a/X.fits", "A/x.fits", "a/y.fits.gz", "a/Y.fits.gz", "b", "B"]) == [
        "a/x.fits",
        "a/X~2.fits",
        "A/x~3.fits",
        "a/y.fits.gz",
        "a/Y~2.fits.gz",
        "b",
        "B~2",
    ]


def test_a_file_gives_way_to_a_folder_of_its_name() -> None:
    assert safe_paths(["a", "A/x"]) == ["a~2", "A/x"]


def test_a_number_that_an_ordinary_name_has_is_passed_over() -> None:
    assert safe_paths(["x.fits", "X.fits", "x~2.fits"]) == ["x.fits", "X~3.fits", "x~2.fits"]


def test_a_changed_name_does_not_take_the_place_of_an_ordinary_one() -> None:
    assert safe_paths(["a?.fits", "a_.fits"]) == ["a_~2.fits", "a_.fits"]


def test_a_long_name_keeps_the_suffix_that_tells_files_apart() -> None:
    stem = "hlsp_" + "very-long-survey-name_" * 20
    cal, x1d = safe_paths([f"{stem}_cal.fits", f"{stem}_x1d.fits"])
    assert cal.endswith("_cal.fits")
    assert x1d.endswith("_x1d.fits")


def test_long_names_that_differ_only_in_the_middle_stay_apart_in_any_order() -> None:
    names = ["a" * 150 + middle + "z" * 150 + ".fits" for middle in "xy"]
    assert safe_paths(names) == safe_paths(names[::-1])[::-1]


def test_deep_folders_keep_their_files_together() -> None:
    deep = "/".join(["level"] * 80)
    first, second = safe_paths([f"{deep}/a_cal.fits", f"{deep}/b_cal.fits"])
    assert first.rpartition("/")[0] == second.rpartition("/")[0]
    assert first.endswith("/a_cal.fits")


def test_clashes_without_end_are_numbered_in_linear_time() -> None:
    assert len(set(safe_paths(["x.fits"] * 100_000))) == 100_000
