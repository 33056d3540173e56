"""What the page about all ways to download a selection shows, as one typed value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jobs.manifest import Totals as Count
from webapp import clock, estimate, methods
from webapp.basket_page import answer_panels
from webapp.findings import not_yours
from webapp.methods_sample import chosen, in_public_store, preview, without_sha256
from webapp.orders import delivery_name
from webapp.template_filters import files as count_files
from webapp.template_filters import volume
from webapp.urls import address, login_address, query_string

if TYPE_CHECKING:
    from webapp.access import Who
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.estimate import Estimate
    from webapp.inventory.panels import Totals
    from webapp.layouts import Layout
    from webapp.methods import Group, Way
    from webapp.methods_preview import Preview
    from webapp.methods_sample import Chosen
    from webapp.urls import PageState

DEFAULT = ("script", "sh")
MINUTES = 6  # characters of a delivery's name


@dataclass(frozen=True, eq=False)
class MethodsPage:
    """``way`` is the chosen one. ``notes``: what to know of it here. ``holds``: how many of the files can go by it."""

    basket_id: str
    back: str
    query: str  # of the state that the basket's page had
    layout: Layout
    as_cache: bool  # whether to offer the layout of a CRDS cache
    selected: Totals
    hidden: int
    groups: tuple[Group, ...]
    way: Way
    token: str
    login: str  # where those log in who may have more of the files then
    notes: tuple[str, ...]
    locked: int
    holds: int
    preview: Preview | None
    estimate: Estimate

    @property
    def headline(self) -> str:
        """The first thing to know."""
        if not self.selected.files:
            return "Ways to download files"
        return f"Ways to download {count_files(self.selected.files)} ({volume(self.selected)})"

    @property
    def button(self) -> str:
        """What pressing it does."""
        count = count_files(self.selected.files)
        if not self.selected.files:
            return f"Make this {self.way.method}" if self.way.written else "Download"
        if self.holds < self.selected.files:
            count = f"{self.holds:,} of {count}"
        if self.way.written:
            return f"Make this {self.way.method} for {count}"
        return f"Stage {count}" if self.way.method == "batch" else f"Download {count} as {self.way.format}"

    @property
    def url(self) -> str:
        """The canonical address."""
        return self.link(self.way, self.layout)

    def link(self, way: Way, layout: Layout) -> str:
        """The address of the same page with another way or layout chosen."""
        pairs = [f"as={way.value}", layout and f"{layout}=1", self.query]
        return f"/baskets/{self.basket_id}/methods?" + "&".join(filter(None, pairs))


def methods_page(
    services: Services, basket: Opened, state: PageState, way: Way, *, who: Who, layout: Layout, speed: int | None
) -> MethodsPage:
    """The page for what is selected in a basket. Makes nothing."""
    panels = answer_panels(services, basket, state.filters)
    what = chosen(services, basket, who)
    selected = panels.selected
    notes, holds = _notes(services, what, way, selected.files)
    filled = way.filled(f"{delivery_name(clock.now())[:-MINUTES]}…")  # its real name has the time of the making
    page = MethodsPage(
        basket_id=basket.row.id,
        back=address(basket.base, state),
        query=query_string(state, basket.base),
        layout=layout,
        as_cache=layout == "crds" or what.has_references,
        selected=selected,
        hidden=panels.selected_hidden.files,
        groups=_offered(services, what, way),
        way=filled,
        token=filled.token if what.exclusive else "",
        login="",
        notes=notes,
        locked=what.locked,
        holds=holds,
        preview=preview(services, what, way, layout) if holds else None,
        estimate=estimate.of(
            Count(what.totals.files, what.totals.bytes, what.totals.unknown_size), speed, method=way.method
        ),
    )
    return replace(page, login=login_address(page.url)) if what.locked and not who.known else page


def _offered(services: Services, what: Chosen, way: Way) -> tuple[Group, ...]:
    """All ways but those that no selected file can go, unless such a one has been chosen."""
    of_public = any("public" in each.wants for group in methods.groups() for each in group.ways)
    if not of_public or in_public_store(services, what, most=1):
        return methods.groups()
    return tuple(
        group._replace(ways=tuple(each for each in group.ways if "public" not in each.wants or each == way))
        for group in methods.groups()
    )


def _notes(services: Services, what: Chosen, way: Way, selected: int) -> tuple[tuple[str, ...], int]:
    """What to know of a way for what is selected, and how many files can go by it."""
    total = holds = what.totals.files
    if not selected:
        return ("No file is selected. Tick files or folders in the basket first.",), 0
    notes = [not_yours(what.locked, selected, total, what.who)] if what.locked else []
    if not total:
        return tuple(notes), 0
    if "public" in way.wants:
        holds = in_public_store(services, what)
        if not holds:
            return (*notes, f"None of these files is in a public store, so this {way.method} would be empty."), 0
        if holds < total:
            rest = f"{total - holds:,} of {count_files(total)} {'is' if total - holds == 1 else 'are'}"
            notes.append(f"{rest} not in a public store, and cannot be in this {way.method}.")
    if "sha256" in way.wants and (unread := without_sha256(services, what)):
        has, are = ("has", "it is") if unread == 1 else ("have", "they are")
        notes.append(f"{count_files(unread)} {has} no checksum yet; {are} read first.")
    return tuple(notes), holds
