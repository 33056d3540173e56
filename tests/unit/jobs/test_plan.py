"""Parts: cut between folders, inside one only if it must be, nothing lost and nothing twice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.plan import Part, split


def parts(
    sizes: list[int], folders: list[int], *, most_bytes: int = 100, most_files: int = 10
) -> list[tuple[int, int]]:
    found = split(np.array(sizes, np.int64), np.array(folders, np.int64), most_bytes=most_bytes, most_files=most_files)
    return [(part.first, part.last) for part in found]


def test_nothing_needs_no_part() -> None:
    assert parts([], []) == []


def test_exactly_the_limit_is_one_part() -> None:
    assert parts([60, 40], [0, 1]) == [(0, 2)]


def test_one_byte_more_is_two_parts() -> None:
    assert parts([60, 41], [0, 1]) == [(0, 1), (1, 2)]


def test_exactly_as_many_files_as_fit_are_one_part() -> None:
    assert parts([1] * 10, [0] * 10) == [(0, 10)]


def test_one_file_more_is_two_parts() -> None:
    assert parts([1] * 11, [0] * 11) == [(0, 10), (10, 11)]


def test_a_folder_that_fits_alone_is_not_cut() -> None:
    assert parts([50, 30, 30, 30], [0, 1, 1, 1]) == [(0, 1), (1, 4)]


def test_a_folder_that_is_too_large_alone_is_cut_inside() -> None:
    assert parts([50, 40, 40, 40], [0, 1, 1, 1]) == [(0, 2), (2, 4)]


def test_a_file_larger_than_a_part_is_a_part_of_its_own() -> None:
    assert parts([10, 500, 10], [0, 1, 2]) == [(0, 1), (1, 2), (2, 3)]


def test_a_part_says_its_bytes() -> None:
    (found,) = split(np.array([3, 4], np.int64), np.array([0, 0], np.int64), most_bytes=100, most_files=10)
    assert found == Part(0, 2, 7)


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=60), st.integers(1, 100), st.integers(1, 12))
def test_parts_follow_each_other_and_keep_the_limits(
    files: list[tuple[int, bool]], most_bytes: int, most_files: int
) -> None:
    sizes = [size for size, _ in files]
    folders = np.cumsum([new for _, new in files]).tolist()
    found = parts(sizes, folders, most_bytes=most_bytes, most_files=most_files)
    assert [i for first, last in found for i in range(first, last)] == list(range(len(files)))
    for first, last in found:
        assert last - first <= most_files
        assert sum(sizes[first:last]) <= most_bytes or last - first == 1


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=60), st.integers(1, 100), st.integers(1, 12))
def test_a_cut_inside_a_folder_means_that_it_is_too_large_alone(
    files: list[tuple[int, bool]], most_bytes: int, most_files: int
) -> None:
    sizes = [size for size, _ in files]
    folders = np.cumsum([new for _, new in files]).tolist()
    for _, last in parts(sizes, folders, most_bytes=most_bytes, most_files=most_files):
        if 0 < last < len(files) and folders[last - 1] == folders[last]:
            inside = [size for size, folder in zip(sizes, folders, strict=True) if folder == folders[last]]
            assert sum(inside) > most_bytes or len(inside) > most_files
