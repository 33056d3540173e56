"""Baskets against a model of sets: any mixture of additions, ticks, removals, Undo, and a catalogue that changes."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert, update
from sqlmodel import col

from tests.fixtures.basket_model import LISTS, Model, Step
from webapp import basket_content, baskets, removing, ticks
from webapp.context import Services
from webapp.db import writing
from webapp.errors import UserError
from webapp.inventories import Inventories
from webapp.inventory.filters import Filters
from webapp.models import CatalogueState, Folder, Kind, Observation, ObservationProduct, Product, Rights
from webapp.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlmodel import Session

OWNER = "owner"
obs_ids = st.frozensets(st.sampled_from(sorted(LISTS)), min_size=1)
files = st.frozensets(st.sampled_from("abcdefghij"), min_size=1, max_size=6)


class Catalogue:
    """Observations and files of one example, under names that no other example has."""

    _examples: ClassVar = itertools.count(1)

    def __init__(self, engine: Engine) -> None:
        self.engine, self.example = engine, next(self._examples)
        self.products: dict[str, int] = {}
        with writing(engine) as session:
            mission = f"M{self.example}"
            rows = (
                Folder(mission=mission, path="folder"),
                Kind(mission=mission, category="SCIENCE", ext="fits", group="CAL", level=2),
                Rights(mission=mission, released_at=0),
                *(Observation(mission=mission, obs_id=name) for name in LISTS),
            )
            session.add_all(rows)
            session.flush()
            self.folder, self.kind, self.rights, *observations = (row.id for row in rows)
            self.observations = dict(zip(LISTS, observations, strict=True))
            for name, listed in LISTS.items():
                self.list(session, name, listed)
            self.new_version(session)

    def list(self, session: Session, obs_id: str, names: str) -> None:
        """An observation lists these files, which are made where they are new."""
        for name in names:
            if name not in self.products:
                row = Product(
                    uri=f"mast:M{self.example}/{name}",
                    mission=f"M{self.example}",
                    filename=name,
                    folder_id=self.folder,
                    kind_id=self.kind,
                    rights_id=self.rights,
                    added_at=0,
                )
                session.add(row)
                session.flush()
                assert row.id is not None
                self.products[name] = row.id
        links = [{"observation_id": self.observations[obs_id], "product_id": self.products[name]} for name in names]
        session.execute(insert(ObservationProduct), links)

    def withdraw(self, session: Session, name: str, at: int | None) -> None:
        session.execute(update(Product).where(col(Product.id) == self.products[name]).values(withdrawn_at=at))

    def new_version(self, session: Session) -> None:
        session.execute(update(CatalogueState).values(version=col(CatalogueState.version) + 1))


class BasketMachine(RuleBasedStateMachine):
    """One basket and one model."""

    steps = Bundle("steps")
    services: Services

    @initialize()
    def begin(self) -> None:
        self.catalogue = Catalogue(self.services.engine)
        self.model = Model()
        self.basket = baskets.create(self.services, OWNER)

    def step(self, step_id: int | None, how: Step) -> object:
        """Keep what undoes a step; there is none where nothing was done."""
        if step_id is None:
            return multiple()
        self.model.steps[step_id] = how
        return step_id

    def ids(self, names: frozenset[str] | set[str]) -> list[int]:
        return [self.catalogue.observations[name] for name in names]

    @rule(target=steps, names=obs_ids)
    def add(self, names: frozenset[str]) -> object:
        new = set(names) - self.model.inside
        added = basket_content.add_observations(self.services, self.basket, OWNER, self.ids(names))
        assert (added.new, added.already) == (len(new), len(names) - len(new))
        self.model.inside |= names
        return self.step(added.step, Step(drop=new))

    @rule(target=steps, names=obs_ids)
    def remove_observations(self, names: frozenset[str]) -> object:
        return self.take_out(set(names) & self.model.inside, names)

    @rule(target=steps)
    def remove_all(self) -> object:
        return self.take_out(set(self.model.inside), None)

    def take_out(self, gone: set[str], asked: frozenset[str] | None) -> object:
        how = Step(add=gone, tick=set(self.model.selected), mask=set(self.model.removed))
        if asked is None:
            done = basket_content.remove_all(self.services, self.basket, OWNER)
        else:
            done = basket_content.change_observations(self.services, self.basket, OWNER, remove=self.ids(asked))
        self.model.inside -= gone
        assert (done.step is None) == (not gone)
        return self.step(done.step, how)

    @rule(names=files, on=st.booleans())
    def tick(self, names: frozenset[str], *, on: bool) -> None:
        ids = [self.catalogue.products[name] for name in names if name in self.catalogue.products]

        def operation(found: baskets.Opened) -> baskets.Bits:
            wanted = np.isin(found.inventory.product, ids) & ~found.removed
            return baskets.Bits(found.selection | wanted if on else found.selection & ~wanted, found.removed)

        baskets.change(self.services, self.basket, OWNER, operation)
        wanted = self.model.files & names
        self.model.selected = self.model.selected | wanted if on else self.model.selected - wanted

    @rule(target=steps)
    def remove_selected(self) -> object:
        gone = set(self.model.selected)
        done = removing.remove(self.services, self.basket, OWNER, lambda found: found.selection)
        assert done.sentence == f"Removed {len(gone)} {'file' if len(gone) == 1 else 'files'}."
        assert (done.step is None) == (not gone)
        self.model.removed |= gone
        self.model.selected -= gone
        return self.step(done.step, Step(take_back=gone, tick=set(gone)))

    @rule(target=steps)
    def select_none(self) -> object:
        done = ticks.select_set(self.services, self.basket, OWNER, Filters(mrp=False), "none")
        gone, self.model.selected = self.model.selected, set()
        assert (done.step is None) == (not gone)
        return self.step(done.step, Step(select=gone))

    @rule(target=steps, names=files)
    def select_exactly(self, names: frozenset[str]) -> object:
        ids = [self.catalogue.products[name] for name in names if name in self.catalogue.products]
        before, wanted = set(self.model.selected), self.model.files & names
        if not wanted:
            return multiple()
        done = ticks.select_exactly(
            self.services, self.basket, OWNER, lambda found: np.isin(found.inventory.product, ids), str
        )
        self.model.selected = wanted
        return self.step(done.step, Step(select=before - wanted, unselect=wanted - before))

    @rule(step=steps)
    def undo(self, step: int) -> None:
        done = basket_content.undo(self.services, self.basket, OWNER, step)
        assert done.sentence.startswith("Already undone" if self.model.steps[step].undone else "Undone")
        self.model.undo(self.model.steps[step])

    @rule(name=st.sampled_from("abcghi"))
    def withdraw(self, name: str) -> None:
        with writing(self.services.engine) as session:
            self.catalogue.withdraw(session, name, 1)
            self.catalogue.new_version(session)
        self.model.withdrawn.add(name)

    @rule(name=st.sampled_from("abcghi"))
    def bring_back(self, name: str) -> None:
        with writing(self.services.engine) as session:
            self.catalogue.withdraw(session, name, None)
            self.catalogue.new_version(session)
        self.model.withdrawn.discard(name)

    @rule(obs_id=st.sampled_from(sorted(LISTS)))
    def arrive(self, obs_id: str) -> None:
        """A file that sorts before the others, so that all bits move."""
        name = f"_{len(self.catalogue.products)}"
        with writing(self.services.engine) as session:
            self.catalogue.products.pop(name, None)
            self.catalogue.list(session, obs_id, [name])  # type: ignore[arg-type]  # one name of several characters
            self.catalogue.new_version(session)
        self.model.lists[obs_id].add(name)

    @rule()
    def lose_the_cache(self) -> None:
        shutil.rmtree(self.services.settings.spool, ignore_errors=True)
        self.services.inventories._kept.clear()

    @rule(step=steps)
    def stranger(self, step: int) -> None:
        """Whoever does not own the basket changes nothing."""
        with pytest.raises(UserError, match="someone else's"):
            basket_content.undo(self.services, self.basket, "stranger", step)
        with pytest.raises(UserError, match="someone else's"):
            removing.remove(self.services, self.basket, None, lambda found: ~found.removed)

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "basket"):
            return
        self.model.settle()
        found = baskets.opened(self.services, self.basket)
        names = np.array([found.inventory.name(row) for row in range(len(found.inventory))], object)
        assert list(names) == sorted(self.model.inventory)
        assert set(names[found.removed]) == self.model.removed
        assert set(names[found.selection]) == self.model.selected
        assert found.row.files == len(self.model.files)


def test_a_basket_is_what_its_model_is_whatever_happens(engine: Engine, tmp_path: Path) -> None:
    made = Settings(home=tmp_path, spool=tmp_path / "spool")

    class Machine(BasketMachine):
        services = Services(made, engine, Inventories(engine, made.spool, 10**9))

    count = 8 if engine.dialect.name == "sqlite" else 3  # what differs between them is tested by threads
    limits = settings(max_examples=count, stateful_step_count=25)
    run_state_machine_as_test(Machine, settings=limits)
