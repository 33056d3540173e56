from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.undo import Ids, Undo

NAMES = [each.name for each in fields(Undo) if each.name not in {"seen_at", "rule"}]

ids = st.lists(st.integers(0, 2**62), max_size=30).map(lambda values: np.array(values, np.int64))


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, ids)))
def test_what_undoes_a_step_is_kept_as_it_was(sets: dict[str, Ids]) -> None:
    back = Undo.unpack(Undo(**sets).pack())
    for name in NAMES:
        assert getattr(back, name).tolist() == sets.get(name, np.empty(0)).tolist()


def test_a_step_of_a_million_files_is_kept_in_little_room() -> None:
    assert len(Undo(take_back=np.arange(1_000_000)).pack()) < 2_000_000


@pytest.mark.parametrize("name", ["add_observations", "add_products", "drop_observations"])
def test_a_step_with_observations_or_additions_changes_the_content(name: str) -> None:
    assert Undo(**{name: np.array([1])}).content


@pytest.mark.parametrize("name", ["take_back", "tick", "mask"])
def test_a_step_with_bits_alone_does_not_change_the_content(name: str) -> None:
    assert not Undo(**{name: np.array([1])}).content


def test_nothing_is_run_from_what_was_kept() -> None:
    data = b"\x80\x04N."  # a pickle of None
    with pytest.raises((ValueError, OSError)):
        Undo.unpack(data)
