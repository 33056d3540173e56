"""What the page about a plan shows, as one typed value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from jobs.omitted import NOT_AUTHORISED
from webapp import estimate, methods
from webapp.findings import findings
from webapp.template_filters import files as count_files
from webapp.urls import login_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webapp.estimate import Estimate
    from webapp.findings import Finding
    from webapp.plans import Plan

VERBS = {"script": "Script for", "list": "List of", "batch": "Stage"}


@dataclass(frozen=True, eq=False)
class PlanPage:
    """``form``: the fields that ask for the same again. ``here``: where to come back to."""

    plan: Plan
    basket_id: str
    back: str
    here: str
    form: Mapping[str, str]
    speed: int | None
    references: tuple[Finding, ...] = ()  # what is to be known of the files' calibration references

    @cached_property
    def _own(self) -> tuple[Finding, ...]:
        return findings(self.plan)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to decide or to know."""
        return (*self._own, *self.references)

    @property
    def estimate(self) -> Estimate:
        """Time and room."""
        return estimate.of(self.plan.totals, self.speed, method=self.plan.wish.method)

    @property
    def ways(self) -> str:
        """The address of all ways to have the same."""
        wish, query = self.plan.wish, self.form.get("back", "")
        pairs = [f"as={wish.method}/{wish.format}", wish.layout and f"{wish.layout}=1", query]
        return f"/baskets/{self.basket_id}/methods?" + "&".join(filter(None, pairs))

    @property
    def login(self) -> str:
        """Where a stranger logs in who may have more of the files then, and comes back to this plan; else empty."""
        if self.plan.who.known or NOT_AUTHORISED not in self.plan.fates.values():
            return ""
        return login_address(f"/baskets/{self.basket_id}/plan?{urlencode(dict(self.form))}")

    @property
    def fetches(self) -> bool:
        """Whether files arrive by it, and not only their names."""
        return methods.way(self.plan.wish.method, self.plan.wish.format).fetches

    @property
    def headline(self) -> str:
        """The first thing to know."""
        if first := [*self._own, *(each for each in self.references if each.asks)]:
            return first[0].sentence
        rest = "something to know" if self.references else "nothing to decide"
        return f"{count_files(len(self.plan.entries))}, {rest}"

    @property
    def kept(self) -> int:
        """How many files can be delivered."""
        return self.plan.totals.files

    @property
    def selected(self) -> int:
        """Of how many."""
        return len(self.plan.entries)

    @property
    def shown(self) -> int | None:
        """How many of them the filters show, where that is to be decided."""
        hidden = sum(each.count for each in self.findings if each.code == "hidden")
        return self.selected - hidden if hidden else None

    @property
    def button(self) -> str:
        """What pressing on means."""
        verb = VERBS.get(self.plan.wish.method, "Download")
        if len(self.plan.parts) > 1:
            return f"Make {len(self.plan.parts)} parts of {count_files(self.kept)}"
        if self.kept < self.selected:
            return f"{verb} the {self.kept:,} you can have"
        return f"{verb} {'all ' if self.shown is not None else ''}{count_files(self.kept)}"
