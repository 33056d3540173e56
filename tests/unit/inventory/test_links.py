"""What files name, against the same rules in sets and loops."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.inventory.arrays import Bools, distinct, numbered
from webapp.inventory.links import NOTHING, Links, once

checked = settings(max_examples=40)
KINDS, TYPES, INSTRUMENTS, CONTEXTS = 3, 3, 2, 3  # few, so that there are gaps


@dataclass(frozen=True)
class World:
    """Files by kind and set, sets by contexts, references by type and instrument; ``named``: what is in sets, repeated.

    A file of the set NOTHING names no reference; so does one of an empty set, which archives do not have.
    """

    kinds: list[int]
    sets: list[int]
    contexts: list[list[int]]  # of each set; headers tell one, tables may tell several
    types: list[int]
    instruments: list[int]
    basic: list[bool]
    named: list[tuple[int, int]]
    chosen: list[bool]

    @property
    def links(self) -> Links:
        pairs = np.array(self.named, np.int64).reshape(-1, 2)
        return Links(
            np.array(self.sets, np.int32),
            *once(pairs[:, 0], pairs[:, 1]),
            type=np.array(self.types, np.int32),
            instrument=np.array(self.instruments, np.int32),
            basic=np.array(self.basic, np.bool_),
            context_of=np.array([number for number, some in enumerate(self.contexts) for _ in some], np.int32),
            context=np.array([each for some in self.contexts for each in some], np.int32),
            kind=np.array(self.kinds, np.int32),
        )

    @property
    def mask(self) -> Bools:
        return np.array(self.chosen, np.bool_)

    @property
    def files(self) -> range:
        return range(len(self.kinds))

    def of(self, row: int) -> set[int]:
        """The references that a file names."""
        return {reference for number, reference in self.named if number == self.sets[row]}

    def instrument(self, row: int) -> int:
        """What most of a file's references are of, the first of several; NOTHING if none tells."""
        told = sorted(self.instruments[each] for each in self.of(row) if self.instruments[each] != NOTHING)
        return max(told, key=told.count, default=NOTHING)

    def gaps(self) -> dict[int, set[int]]:
        """Files that lack a basic type that another file of their instrument and kind names."""
        found: dict[int, set[int]] = {}
        for row, other in itertools.product(self.files, repeat=2):
            same = self.kinds[row] == self.kinds[other] and self.instrument(row) == self.instrument(other)
            if same and self.instrument(row) != NOTHING:
                theirs, own = ({self.types[each] for each in self.of(file)} for file in (other, row))
                for type_ in theirs - own:
                    if self.basic[type_]:
                        found.setdefault(type_, set()).add(row)
        return found


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One number decides all of a file or a reference: a draw for each would take most of the tests' time."""
    contexts = draw(st.lists(st.lists(st.integers(0, CONTEXTS - 1), max_size=2, unique=True), max_size=4))
    files = draw(st.lists(st.integers(0, KINDS * (len(contexts) + 1) - 1), max_size=10))
    references = draw(st.lists(st.integers(0, TYPES * (INSTRUMENTS + 1) - 1), max_size=6))
    possible = list(itertools.product(range(len(contexts)), range(len(references))))
    return World(
        kinds=[number % KINDS for number in files],
        sets=[number // KINDS + NOTHING for number in files],
        contexts=contexts,
        types=[number % TYPES for number in references],
        instruments=[number // TYPES + NOTHING for number in references],
        basic=draw(st.lists(st.booleans(), min_size=TYPES, max_size=TYPES)),
        named=draw(st.lists(st.sampled_from(possible), max_size=20)) if possible else [],
        chosen=draw(st.lists(st.booleans(), min_size=len(files), max_size=len(files))),
    )


def world(named: list[tuple[int, int]], kinds: list[int], types: list[int], **others: list[int]) -> World:
    """Each file with a set of its own; of one instrument unless said, all types basic, all files chosen."""
    instruments = others.get("instruments", [0] * len(types))
    sets = list(range(len(kinds))) if named else [NOTHING] * len(kinds)
    return World(kinds, sets, [[] for _ in kinds], types, instruments, [True] * TYPES, named, [True] * len(kinds))


def gaps_of(world: World) -> dict[int, list[int]]:
    return {gap.type: gap.rows.tolist() for gap in world.links.gaps}


@checked
@given(worlds())
def test_users_are_the_chosen_files_that_name_a_reference(world: World) -> None:
    expected = [sum(world.chosen[row] and r in world.of(row) for row in world.files) for r in range(len(world.types))]
    assert world.links.users(world.mask).tolist() == expected


@checked
@given(worlds())
def test_the_rows_of_a_reference_are_those_files_in_order(world: World) -> None:
    for reference in range(len(world.types)):
        expected = [row for row in world.files if world.chosen[row] and reference in world.of(row)]
        assert world.links.rows_of(reference, world.mask).tolist() == expected


@checked
@given(worlds())
def test_files_with_a_set_name_references(world: World) -> None:
    assert world.links.named.tolist() == [each != NOTHING for each in world.sets]


@checked
@given(worlds())
def test_contexts_are_counted_of_the_chosen_files(world: World) -> None:
    counts = world.links.contexts(world.mask).tolist()
    for number in range(CONTEXTS):
        expected = [
            row
            for row in world.files
            if world.chosen[row] and world.sets[row] != NOTHING and number in world.contexts[world.sets[row]]
        ]
        assert world.links.in_context(number, world.mask).tolist() == expected
        assert sum(counts[number : number + 1]) == len(expected)


@checked
@given(worlds())
def test_gaps_are_the_files_that_lack_what_another_of_their_instrument_and_kind_names(world: World) -> None:
    assert gaps_of(world) == {kind: sorted(rows) for kind, rows in world.gaps().items()}


@checked
@given(st.lists(st.integers(-(2**62), 2**62)))
def test_distinct_values_come_once_and_ascending(values: list[int]) -> None:
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))


@checked
@given(worlds())
def test_a_reference_that_two_keywords_name_is_in_a_set_once(world: World) -> None:
    links = world.links
    assert list(zip(links.member_of.tolist(), links.reference.tolist(), strict=True)) == sorted(set(world.named))


@checked
@given(st.lists(st.integers(-(2**62), 2**62)))
def test_numbered_values_are_at_their_places(values: list[int]) -> None:
    found, places = numbered(np.array(values, np.int64))
    assert [found[place] for place in places] == values


def test_pairs_of_many_files_and_references_stay_apart() -> None:
    row, reference = once(np.array([2**31 - 1, 0, 2**31 - 1]), np.array([2**31 - 2, 2**31 - 2, 0]))
    assert (row.tolist(), reference.tolist()) == ([0, 2**31 - 1, 2**31 - 1], [2**31 - 2, 0, 2**31 - 2])


@pytest.mark.parametrize("kinds", [[], [0]], ids=["no file", "one file"])
def test_where_nothing_is_named_nothing_is_found(kinds: list[int]) -> None:
    links = world([], kinds, []).links
    chosen = np.ones(len(kinds), np.bool_)
    assert (links.users(chosen).tolist(), links.contexts(chosen).tolist(), links.gaps) == ([], [], ())
    assert not links.named.any()
    assert not len(links.in_context(0, chosen))


def test_a_reference_that_nobody_names_has_no_users() -> None:
    links = world([(0, 0)], [0], [0, 0]).links
    assert links.users(np.array([True])).tolist() == [1, 0]
    assert not len(links.rows_of(1, np.array([True])))


def test_a_single_file_lacks_nothing() -> None:
    assert gaps_of(world([(0, 0)], [0], [0, 1])) == {}


def test_a_file_that_names_another_type_lacks_this_one() -> None:
    assert gaps_of(world([(0, 0), (0, 1), (1, 0)], [0, 0], [0, 1])) == {1: [1]}


def test_a_file_that_names_nothing_lacks_nothing() -> None:
    assert gaps_of(world([(0, 0)], [0, 0], [0])) == {}


def test_files_of_another_kind_are_no_measure() -> None:
    assert gaps_of(world([(0, 0), (0, 1), (1, 0)], [0, 1], [0, 1])) == {}


def test_files_of_another_instrument_are_no_measure() -> None:
    assert gaps_of(world([(0, 0), (1, 1)], [0, 0], [0, 1], instruments=[0, 1])) == {}


def test_a_file_is_of_the_instrument_that_most_of_its_references_are_of() -> None:
    named = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (1, 3)]
    assert gaps_of(world(named, [0, 0], [0, 0, 1, 2], instruments=[0, 0, 1, 1])) == {2: [0]}


def test_one_gap_has_the_files_of_several_kinds() -> None:
    named = [(0, 0), (0, 1), (1, 1), (2, 0), (2, 1), (3, 1)]
    assert gaps_of(world(named, [0, 0, 1, 1], [0, 1])) == {0: [1, 3]}


def test_two_references_of_a_type_are_as_good_as_one() -> None:
    assert gaps_of(world([(0, 0), (1, 1)], [0, 0], [0, 0])) == {}
