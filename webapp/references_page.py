"""What the page of calibration references shows, as one typed value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from webapp.basket_page import answer_panels
from webapp.baskets import is_editable
from webapp.inventory.filters import Filters
from webapp.reference_findings import reference_findings
from webapp.reference_tree import together, totals, tree
from webapp.reference_users import users
from webapp.template_filters import volume
from webapp.urls import MOST_OPEN, address, query_string, quoted, with_filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.findings import Finding
    from webapp.inventory.panels import Totals
    from webapp.reference_index import Reference
    from webapp.reference_tree import InstrumentGroup, TypeGroup
    from webapp.reference_users import Users
    from webapp.references import References
    from webapp.urls import PageState

MOST_ROWS = 400  # files in the lists that are open at first
LONG_QUERY = 200  # characters
MOST_OF_TYPE = 2_000  # files in one list, once it is opened


@dataclass(frozen=True, eq=False)
class ReferencesPage:
    """What the page shows of the references ``found``; each part is computed when a template asks for it.

    ``state``: of the basket's page. ``locked``: by whoever looks. ``of``: the key of a type that is to be open.
    ``users``: of the reference that is looked at.
    """

    found: References
    state: PageState
    editable: bool
    locked: bool
    of: str
    users: Users | None

    @property
    def basket_id(self) -> str:
        """Of the basket, or of a share's."""
        return self.found.basket.row.id

    @property
    def frozen(self) -> bool:
        """Whether the files are kept as they were."""
        return self.found.basket.row.frozen

    @property
    def base(self) -> str:
        """The path of the basket's page."""
        return self.found.basket.base

    @property
    def back(self) -> str:
        """The address of the basket's page."""
        return address(self.base, self.state)

    @cached_property
    def query(self) -> str:
        """Of the state that the basket's page had."""
        return query_string(self.state, self.base)

    @cached_property
    def row_query(self) -> str:
        """The same for rows, without the folders that are open if these are many."""
        query = self.query
        if len(query) > LONG_QUERY:
            query = query_string(replace(self.state, open=(), file=None, page=1), self.base)
        return f"&{query}" if query else ""

    @cached_property
    def selected(self) -> int:
        """How many files are selected."""
        return self.found.files

    @cached_property
    def naming(self) -> int:
        """How many of them name any reference."""
        return self.found.naming

    @cached_property
    def instruments(self) -> tuple[InstrumentGroup, ...]:
        """The tree."""
        return tree(self.found.used)

    @cached_property
    def all(self) -> Totals:
        """Of all references."""
        return totals(self.found.used)

    @cached_property
    def addable(self) -> Totals:
        """Of those that can be added."""
        return together(each.addable for each in self.instruments)

    @cached_property
    def there(self) -> Totals:
        """Of those that are in the basket."""
        return totals(each for each in self.found.used if each.there)

    @cached_property
    def missing(self) -> int:
        """How many cannot be had."""
        return len(self.found.missing)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be known of them."""
        return reference_findings(self.found) if self.found.used else ()

    @cached_property
    def opened(self) -> frozenset[str]:
        """Keys of the types that list their files: the one that is asked for, and from the first one on what fits."""
        opened, rows = set(), 0
        for group in (group for each in self.instruments for group in each.types):
            if group.key == self.of:
                opened.add(group.key)
            elif rows + len(group.files) <= MOST_ROWS:
                opened.add(group.key)
                rows += len(group.files)
        return frozenset(opened)

    @property
    def headline(self) -> str:
        """The first thing to know."""
        if not self.all.files:
            return "Calibration references"
        noun = "reference" if self.all.files == 1 else "references"
        return f"{self.all.files:,} {noun} of {self.selected:,} selected file{'' if self.selected == 1 else 's'}"

    @property
    def summary(self) -> str:
        """What of them there is, and what can be added."""
        parts = [f"{self.addable.files:,} not in the basket yet ({volume(self.addable)})"] if self.addable.files else []
        parts += [f"{self.there.files:,} in the basket ({volume(self.there)})"] if self.there.files else []
        parts += [f"{self.missing:,} missing"] if self.missing else []
        return " · ".join(parts)

    @property
    def who_names(self) -> str:
        """Which of the selected files name any."""
        if self.naming == self.selected:
            return "The selected file names them." if self.naming == 1 else "All selected files name references."
        names = "names" if self.naming == 1 else "name"
        rest = (
            "the other one names none"
            if self.selected == self.naming + 1
            else "the others, such as previews, name none"
        )
        return f"{self.naming:,} of {self.selected:,} selected files {names} references; {rest}."

    @property
    def looked_at(self) -> str:
        """The key of the reference whose users are listed."""
        return self.users.key if self.users else ""

    @cached_property
    def ticks(self) -> bool:
        """Whether there is anything to tick."""
        return self.editable and self.addable.files > 0

    @property
    def url(self) -> str:
        """The canonical address."""
        return self.link()

    @property
    def most(self) -> int:
        """How many files one list shows."""
        return MOST_OF_TYPE

    def group(self, key: str) -> TypeGroup | None:
        """The type with this key, if any is named."""
        return next((each for instrument in self.instruments for each in instrument.types if each.key == key), None)

    def used_link(self, key: str) -> str:
        """The address with a reference looked at, as short as it can be: hundreds of them stand on a page."""
        return f"?used={quoted(key)}{self.row_query}"

    def link(self, **own: str) -> str:
        """The address of this page, with a reference looked at (``used``) or a type opened (``of``)."""
        path = f"/baskets/{self.basket_id}/references"
        query = "&".join([*(f"{name}={quoted(value)}" for name, value in own.items()), self.query]).strip("&")
        return f"{path}?{query}" if query else path


def references_page(
    services: Services, found: References, state: PageState, owner: str | None, *, used: str = "", of: str = ""
) -> ReferencesPage:
    """The page for what is selected in a basket. Changes nothing."""
    row = found.basket.row
    return ReferencesPage(
        found=found,
        state=state,
        editable=is_editable(row, owner) and not row.frozen,
        locked=row.locked_at is not None and owner == row.owner,
        of=of,
        users=users(services, found, state, used) if used else None,
    )


def seen(services: Services, basket: Opened, state: PageState, added: Sequence[Reference]) -> PageState:
    """The page of the basket with these references in sight; filters that hide any of them are let go."""
    filters = replace(state.filters, mrp=False)
    rows = basket.inventory.row_of([each.product for each in added if each.product is not None])
    if not answer_panels(services, basket, filters).shown[rows].all():
        filters = Filters(mrp=False)
    folders = dict.fromkeys(f"{each.mission}/{each.folder}" for each in added)
    return replace(with_filters(state, filters), open=(*state.open, *folders)[-MOST_OPEN:])
