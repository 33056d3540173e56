"""Links between files and references, against the same rules in sets and loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.inventory.arrays import Bools, distinct
from webapp.inventory.links import NOTHING, Links, once

checked = settings(max_examples=40)
KINDS, TYPES, INSTRUMENTS, CONTEXTS = 3, 3, 2, 3  # few, so that there are gaps


@dataclass(frozen=True)
class World:
    """Files by kind and context, references by type and instrument, and the pairs that keywords make, with repeats."""

    kinds: list[int]
    contexts: list[int]
    types: list[int]
    instruments: list[int]
    basic: list[bool]
    named: list[tuple[int, int]]
    chosen: list[bool]

    @property
    def pairs(self) -> set[tuple[int, int]]:
        return set(self.named)

    @property
    def links(self) -> Links:
        pairs = np.array(self.named, np.int64).reshape(-1, 2)
        return Links(
            *once(pairs[:, 0], pairs[:, 1]),
            type=np.array(self.types, np.int32),
            instrument=np.array(self.instruments, np.int32),
            basic=np.array(self.basic, np.bool_),
            context=np.array(self.contexts, np.int32),
            kind=np.array(self.kinds, np.int32),
        )

    @property
    def mask(self) -> Bools:
        return np.array(self.chosen, np.bool_)

    def of(self, row: int) -> set[int]:
        """The references that a file names."""
        return {reference for file, reference in self.pairs if file == row}

    def gaps(self) -> dict[int, set[int]]:
        """Files that lack a basic type that another file of their instrument and kind names."""
        files = range(len(self.kinds))
        instrument = {
            row: {self.instruments[each] for each in self.of(row)} - {NOTHING}
            for row in files  # a file has one instrument: the world sees to it
        }
        found: dict[int, set[int]] = {}
        for row in files:
            for other in files:
                if instrument[row] and instrument[row] == instrument[other] and self.kinds[row] == self.kinds[other]:
                    theirs, own = ({self.types[each] for each in self.of(file)} for file in (other, row))
                    for kind in theirs - own:
                        if self.basic[kind]:
                            found.setdefault(kind, set()).add(row)
        return found


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One number decides all of a file or a reference: a draw for each would take most of the tests' time."""
    files = draw(st.lists(st.integers(0, KINDS * (CONTEXTS + 1) * (INSTRUMENTS + 1) - 1), max_size=10))
    references = draw(st.lists(st.integers(0, TYPES * (INSTRUMENTS + 1) - 1), max_size=6))
    instruments = [number // TYPES + NOTHING for number in references]
    own = [number // (KINDS * (CONTEXTS + 1)) + NOTHING for number in files]
    possible = [
        (row, reference)
        for row, instrument in enumerate(own)
        for reference, its in enumerate(instruments)
        if its in {instrument, NOTHING}
    ]
    return World(
        kinds=[number % KINDS for number in files],
        contexts=[number // KINDS % (CONTEXTS + 1) + NOTHING for number in files],
        types=[number % TYPES for number in references],
        instruments=instruments,
        basic=draw(st.lists(st.booleans(), min_size=TYPES, max_size=TYPES)),
        named=draw(st.lists(st.sampled_from(possible), max_size=30)) if possible else [],
        chosen=draw(st.lists(st.booleans(), min_size=len(files), max_size=len(files))),
    )


def world(named: list[tuple[int, int]], kinds: list[int], types: list[int], **others: list[int]) -> World:
    """Of one instrument, where all types are basic, all files are chosen, and none tells a context, unless said."""
    instruments = others.get("instruments", [0] * len(types))
    contexts = others.get("contexts", [NOTHING] * len(kinds))
    return World(kinds, contexts, types, instruments, [True] * TYPES, named, [True] * len(kinds))


def gaps_of(world: World) -> dict[int, list[int]]:
    return {gap.type: gap.rows.tolist() for gap in world.links.gaps}


@checked
@given(worlds())
def test_users_are_the_chosen_files_that_name_a_reference(world: World) -> None:
    expected = [sum(world.chosen[row] for row, each in world.pairs if each == r) for r in range(len(world.types))]
    assert world.links.users(world.mask).tolist() == expected


@checked
@given(worlds())
def test_the_rows_of_a_reference_are_those_files_in_order(world: World) -> None:
    for reference in range(len(world.types)):
        expected = sorted(row for row, each in world.pairs if each == reference and world.chosen[row])
        assert world.links.rows_of(reference, world.mask).tolist() == expected


@checked
@given(worlds())
def test_a_file_is_named_whatever_it_names(world: World) -> None:
    assert world.links.named.tolist() == [bool(world.of(row)) for row in range(len(world.kinds))]


@checked
@given(worlds())
def test_contexts_are_counted_of_the_chosen_files_that_name_a_reference(world: World) -> None:
    expected: dict[int, list[int]] = {}
    for row, context in enumerate(world.contexts):
        if world.chosen[row] and context != NOTHING and world.of(row):
            expected.setdefault(context, []).append(row)
    counts = world.links.contexts(world.mask).tolist()
    assert {number: count for number, count in enumerate(counts) if count} == {
        number: len(rows) for number, rows in expected.items()
    }
    for number in range(CONTEXTS):
        assert world.links.in_context(number, world.mask).tolist() == expected.get(number, [])


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
def test_a_pair_that_two_keywords_name_is_one_link(world: World) -> None:
    links = world.links
    assert list(zip(links.row.tolist(), links.reference.tolist(), strict=True)) == sorted(world.pairs)


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


def test_one_gap_has_the_files_of_several_kinds() -> None:
    named = [(0, 0), (0, 1), (1, 1), (2, 0), (2, 1), (3, 1)]
    assert gaps_of(world(named, [0, 0, 1, 1], [0, 1])) == {0: [1, 3]}


def test_two_references_of_a_type_are_as_good_as_one() -> None:
    assert gaps_of(world([(0, 0), (1, 1)], [0, 0], [0, 0])) == {}
