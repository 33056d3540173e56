"""What the Download Manager shows, as one typed value computed from one state, so that its panes cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from webapp.access import ANYBODY, rights_now
from webapp.db import reading
from webapp.facets import FACETS
from webapp.inventory.filters import Filters
from webapp.inventory.panels import panels
from webapp.queries.baskets import observation_count
from webapp.template_filters import files as count_files
from webapp.template_filters import size as format_size
from webapp.tree_view import TreeView, tree_view
from webapp.urls import SHARES, PageState, address, query_string, with_filters, without_value

if TYPE_CHECKING:
    from webapp.access import Who
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.facets import GroupWords
    from webapp.inventory.panels import FacetCounts, Panels, Totals
    from webapp.snapshots import Since

LONG_FACET = 12  # values; above it a facet gets a scroller


@dataclass(frozen=True)
class ValueView:
    """One value of a facet."""

    value: str
    label: str
    meaning: str
    matching: int
    total: int
    active: bool


@dataclass(frozen=True)
class FacetView:
    """One facet with its values."""

    name: str
    title: str
    values: tuple[ValueView, ...]
    long: bool


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address without it."""

    text: str
    href: str


@dataclass(frozen=True, eq=False)
class BasketPage:
    """The whole page; ``base`` is its path, ``query`` its canonical query string."""

    base: str
    query: str
    id: str
    version: int
    editable: bool  # by whoever asks: ticks, and unless it is frozen what is in it
    frozen: bool
    state: PageState
    all: Totals
    matching: Totals
    selected: Totals
    selected_shown: Totals
    selected_hidden: Totals
    recommended: int
    locked: int
    observations: int
    facets: tuple[FacetView, ...]
    chips: tuple[Chip, ...]
    tree: TreeView
    sorts: tuple[tuple[str, str], ...]  # (sort, address)
    folders_shown: int
    note: str

    @property
    def url(self) -> str:
        """The canonical address of this state."""
        return address(self.base, self.state)

    @property
    def shared(self) -> bool:
        """Whether it is the page of a share."""
        return self.base.startswith(SHARES)

    @property
    def say(self) -> str:
        """What the live region says."""
        if not self.selected.files:
            return f"{count_files(self.matching.files)} shown, none selected"
        return f"{count_files(self.selected.files)} selected, {format_size(self.selected.bytes)}"

    def link(self, **changes: object) -> str:
        """The address of this state with changes to the page or, by name, to the filters."""
        ours = {key: value for key, value in changes.items() if key in PageState.__dataclass_fields__}
        theirs = {key: value for key, value in changes.items() if key in Filters.__dataclass_fields__}
        state = replace(self.state, **ours)  # type: ignore[arg-type]  # templates name real fields
        if theirs:
            state = with_filters(state, replace(state.filters, **theirs))  # type: ignore[arg-type]
        return address(self.base, state)

    @property
    def everything_href(self) -> str:
        """No filter at all."""
        return address(self.base, with_filters(self.state, Filters(mrp=False)))

    @property
    def filtered(self) -> bool:
        """Whether any filter is on."""
        return self.state.filters != Filters(mrp=False)

    @property
    def meter(self) -> tuple[float, float]:
        """Widths in percent: selected of all, and shown or selected of all."""
        total = max(self.all.files, 1)
        selected = 100 * self.selected.files / total
        return selected, min(100.0, 100 * (self.matching.files + self.selected_hidden.files) / total)


def answer_panels(services: Services, basket: Opened, filters: Filters, who: Who = ANYBODY) -> Panels:
    """Masks, totals and facets of one state. ``who`` matters where it is shown what they may read."""
    inventory = basket.inventory
    rights = rights_now(services, inventory, who)
    return panels(
        inventory,
        filters=filters,
        selection=basket.selection,
        removed=basket.removed,
        public=rights.public,
        readable=rights.readable,
        batch_missions=frozenset(services.settings.batch_missions),
        name_rows=services.inventories.name_rows(inventory, filters.name) if filters.name else None,
    )


def basket_page(
    services: Services,
    basket: Opened,
    state: PageState,
    answer: Panels,
    *,
    editable: bool,
    note: str = "",
    since: Since | None = None,
) -> BasketPage:
    """The page of one state, whose panels have been computed."""
    base, frozen = basket.base, basket.row.frozen
    observations = 0
    if not frozen:
        with reading(services.engine) as session:
            observations = observation_count(session, basket.row.id)
    meanings = services.missions.meanings
    groups = {mission: meanings[mission] for mission in basket.inventory.missions if mission in meanings}
    return BasketPage(
        base=base,
        query=query_string(state, base),
        id=basket.row.id,
        version=basket.row.version,
        editable=editable,
        frozen=frozen,
        state=state,
        all=answer.all,
        matching=answer.matching,
        selected=answer.selected,
        selected_shown=answer.selected_shown,
        selected_hidden=answer.selected_hidden,
        recommended=answer.recommended,
        locked=answer.locked,
        observations=observations,
        facets=tuple(_facet(counts, groups) for counts in answer.facets if counts.values),
        chips=chips(state, base),
        tree=tree_view(services, basket, answer, state, since),
        sorts=tuple((sort, address(base, replace(state, sort=sort, page=1))) for sort in ("name", "level", "size")),
        folders_shown=int((answer.folder_sums.files > 0).sum()),
        note=note or basket.news,
    )


def _facet(counts: FacetCounts, groups: GroupWords) -> FacetView:
    facet = FACETS[counts.name]
    values = tuple(
        ValueView(v.value, facet.label(v.value), facet.meaning(v.value, groups), v.matching, v.total, v.active)
        for v in counts.values
    )
    return FacetView(counts.name, facet.title, values, len(values) > LONG_FACET)


def chips(state: PageState, base: str) -> tuple[Chip, ...]:
    """The active filters, each with the address of the page without it."""
    found = []
    filters = state.filters
    if filters.mrp:
        found.append(Chip("Recommended only", address(base, with_filters(state, replace(filters, mrp=False)))))
    for name, facet in FACETS.items():
        chosen = filters.choices.get(name)
        if chosen:
            labels = ", ".join(facet.label(value) for value in sorted(chosen, key=facet.sort_key))
            title = facet.title.removeprefix("Data product ").capitalize()
            found.append(Chip(f"{title}: {labels}", address(base, without_value(state, name, chosen))))
    if filters.name:
        found.append(Chip(f"Name: {filters.name}", address(base, with_filters(state, replace(filters, name=None)))))
    if filters.selected:
        cleared = with_filters(state, replace(filters, selected=False))
        found.append(Chip("Selected only", address(base, cleared)))
    return tuple(found)
