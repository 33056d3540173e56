"""What the Download Manager shows, as one typed value computed from one state, so that its panes cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from webapp.access import public_rights
from webapp.db import reading
from webapp.facets import FACETS
from webapp.inventory.filters import Filters
from webapp.inventory.outline import outline
from webapp.inventory.panels import panels
from webapp.inventory.tree import FolderRow, MissionRow
from webapp.queries import products
from webapp.queries.baskets import observation_count
from webapp.template_filters import files as count_files
from webapp.template_filters import size as format_size
from webapp.urls import PageState, query_string, toggle_open, with_filters, without_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.inventory import Inventory, Kind
    from webapp.inventory.outline import OutlineRow
    from webapp.inventory.panels import FacetCounts, Panels, Totals

PAGE_ROWS = 200
EXPAND_ROWS = 1_000  # "Expand all" stops opening folders at about this many visible rows
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


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the tree, ready to print. ``head`` may be cut on screen, ``stem`` and ``tail`` never."""

    depth: int
    path: str
    head: str
    stem: str
    tail: str
    href: str
    state: str
    place: int
    count: int
    is_open: bool
    current: bool
    tag: str
    exclusive: bool
    middle: str
    size: str


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address without it."""

    text: str
    href: str


@dataclass(frozen=True)
class TreeView:
    """A window of the tree."""

    rows: tuple[RowView, ...]
    total: int
    last_page: int  # the page that the last row printed is on
    more_href: str  # the next page alone, for a visit
    remaining: int
    earlier_href: str  # the page before the window's first


@dataclass(frozen=True, eq=False)
class BasketPage:
    """The whole page; ``base`` is its path, ``query`` its canonical query string."""

    base: str
    query: str
    id: str
    version: int
    editable: bool
    state: PageState
    all: Totals
    matching: Totals
    selected: Totals
    selected_shown: Totals
    selected_hidden: Totals
    recommended: int
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
    def clear_href(self) -> str:
        """No filter but what is on by default."""
        return address(self.base, with_filters(self.state, Filters(mrp=self.state.filters.mrp)))

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


def address(base: str, state: PageState) -> str:
    """The address of a page state."""
    query = query_string(state)
    return f"{base}?{query}" if query else base


def answer_panels(services: Services, basket: Opened, filters: Filters) -> Panels:
    """Masks, totals and facets of one state."""
    inventory = basket.inventory
    return panels(
        inventory,
        filters=filters,
        selection=basket.selection,
        removed=basket.removed,
        public=public_rights(services, inventory),
        batch_missions=frozenset(services.settings.batch_missions),
        name_rows=services.inventories.name_rows(inventory, filters.name) if filters.name else None,
    )


def basket_page(
    services: Services, basket: Opened, state: PageState, answer: Panels, *, editable: bool, note: str = ""
) -> BasketPage:
    """The page of one state, whose panels have been computed."""
    base = f"/baskets/{basket.row.id}"
    with reading(services.engine) as session:
        observations = observation_count(session, basket.row.id)
    tree = _tree(services, basket, answer, state, base)
    if tree.total and not tree.rows:  # the list has become shorter since the link was written
        last = -(-tree.total // PAGE_ROWS)
        tree = _tree(services, basket, answer, replace(state, page=last, through=last), base)
    return BasketPage(
        base=base,
        query=query_string(state),
        id=basket.row.id,
        version=basket.row.version,
        editable=editable,
        state=state,
        all=answer.all,
        matching=answer.matching,
        selected=answer.selected,
        selected_shown=answer.selected_shown,
        selected_hidden=answer.selected_hidden,
        recommended=answer.recommended,
        observations=observations,
        facets=tuple(_facet(counts) for counts in answer.facets if counts.values),
        chips=_chips(state, base),
        tree=tree,
        sorts=tuple((sort, address(base, replace(state, sort=sort, page=1))) for sort in ("name", "level", "size")),
        folders_shown=int((answer.folder_sums.files > 0).sum()),
        note=note or basket.news,
    )


def expand_all(services: Services, basket: Opened, state: PageState) -> PageState:
    """The same page with folders opened from the top, until about EXPAND_ROWS rows are visible or 50 are open."""
    answer = answer_panels(services, basket, state.filters)
    seen = outline(basket.inventory, answer, opened=frozenset(), closed=frozenset(), sort=state.sort, first=0, last=60)
    tokens: list[str] = []
    rows = seen.total
    for row in seen.rows:
        if isinstance(row.item, FolderRow) and len(tokens) < 50 and rows + row.item.files <= EXPAND_ROWS:  # noqa: PLR2004 - as urls.MOST_OPEN
            tokens.append(f"{row.item.mission}/{row.item.path}")
            rows += row.item.files
    return replace(state, open=tuple(tokens), page=1, through=1)


def tree_rows(services: Services, basket: Opened, state: PageState) -> TreeView:
    """Just a window of the tree, for scrolling on."""
    answer = answer_panels(services, basket, state.filters)
    return _tree(services, basket, answer, state, f"/baskets/{basket.row.id}")


def _facet(counts: FacetCounts) -> FacetView:
    facet = FACETS[counts.name]
    values = tuple(
        ValueView(v.value, facet.label(v.value), facet.meaning(v.value), v.matching, v.total, v.active)
        for v in counts.values
    )
    return FacetView(counts.name, facet.title, values, len(values) > LONG_FACET)


def _chips(state: PageState, base: str) -> tuple[Chip, ...]:
    chips = []
    filters = state.filters
    if filters.mrp:
        chips.append(Chip("Recommended only", address(base, with_filters(state, replace(filters, mrp=False)))))
    for name, facet in FACETS.items():
        chosen = filters.choices.get(name)
        if chosen:
            labels = ", ".join(facet.label(value) for value in sorted(chosen, key=facet.sort_key))
            title = facet.title.removeprefix("Data product ").capitalize()
            chips.append(Chip(f"{title}: {labels}", address(base, without_value(state, name, chosen))))
    if filters.name:
        chips.append(Chip(f"Name: {filters.name}", address(base, with_filters(state, replace(filters, name=None)))))
    if filters.selected:
        cleared = with_filters(state, replace(filters, selected=False))
        chips.append(Chip("Selected only", address(base, cleared)))
    return tuple(chips)


def _tree(services: Services, basket: Opened, answer: Panels, state: PageState, base: str) -> TreeView:
    inventory = basket.inventory
    closed = frozenset(token[1:] for token in state.open if token.startswith("-"))
    first, last = (state.page - 1) * PAGE_ROWS, state.through * PAGE_ROWS
    seen = outline(
        inventory,
        answer,
        opened=_open_folders(inventory, state.open),
        closed=closed,
        sort=state.sort,
        first=first,
        last=last,
    )
    file_rows = [row.item for row in seen.rows if isinstance(row.item, int)]
    with reading(services.engine) as session:
        ids = inventory.product[file_rows].tolist() if file_rows else []
        uris = products.uris(session, ids)
    printer = _Printer(
        inventory, answer, state, base, dict(zip(file_rows, (uris[i] for i in ids), strict=True)), closed
    )
    public = public_rights(services, inventory) if file_rows else None
    rows = []
    for row in seen.rows:
        if isinstance(row.item, MissionRow):
            rows.append(printer.mission(row, row.item))
        elif isinstance(row.item, FolderRow):
            rows.append(printer.folder(row, row.item))
        else:
            is_public = public is None or bool(public[inventory.rights[row.item]])
            rows.append(printer.file(row, row.item, exclusive=not is_public))
    remaining = max(0, seen.total - first - len(rows))
    return TreeView(
        rows=tuple(rows),
        total=seen.total,
        last_page=state.through,
        more_href=address(base, replace(state, page=state.through + 1)) if remaining else "",
        remaining=remaining,
        earlier_href=address(base, replace(state, page=state.page - 1)) if state.page > 1 else "",
    )


def _open_folders(inventory: Inventory, tokens: Sequence[str]) -> frozenset[int]:
    """Indices of open folders; a token is MISSION/folder, or a bare folder in whatever mission has it."""
    found = set()
    for token in tokens:
        mission, _, path = token.partition("/")
        index = inventory.folder_index(mission, path)
        if index is not None:
            found.add(index)
        else:
            found.update(i for m in inventory.missions if (i := inventory.folder_index(m, token)) is not None)
    return frozenset(found)


class _Printer:
    """Turns visible rows into what the template prints."""

    def __init__(  # noqa: PLR0917 - made in one place, above
        self,
        inventory: Inventory,
        answer: Panels,
        state: PageState,
        base: str,
        uris: dict[int, str],
        closed: frozenset[str],
    ) -> None:
        self.inventory, self.answer, self.state, self.base, self.uris = inventory, answer, state, base, uris
        self.closed = closed
        self.page_one = replace(state, page=1)
        self.for_files = replace(state, open=(), file=None)

    def mission(self, row: OutlineRow, item: MissionRow) -> RowView:
        href = address(self.base, toggle_open(self.page_one, f"-{item.mission}"))
        return self._branch(row, item, f"{item.mission}/", item.mission, href)

    def folder(self, row: OutlineRow, item: FolderRow) -> RowView:
        token = f"{item.mission}/{item.path}"
        if row.is_open:  # also where an address names it without its mission
            rest = tuple(each for each in self.state.open if each not in {token, item.path})
            href = address(self.base, replace(self.state, open=rest))
        else:
            href = address(self.base, toggle_open(self.state, token))
        return self._branch(row, item, f"{token}/", item.path, href)

    def _branch(self, row: OutlineRow, item: MissionRow | FolderRow, path: str, label: str, href: str) -> RowView:
        known = item.files > item.unknown_size
        text = format_size(item.bytes) + (" +" if item.unknown_size else "") if known else "unknown"
        return RowView(
            depth=row.depth,
            path=path,
            head=label,
            stem="",
            tail="",
            href=href,
            state=item.state,
            place=row.place,
            count=row.count,
            is_open=row.is_open,
            current=False,
            tag="",
            exclusive=False,
            middle=f"{item.selected:,} / {item.files:,}",
            size=text,
        )

    def file(self, row: OutlineRow, number: int, *, exclusive: bool) -> RowView:
        inventory = self.inventory
        name = inventory.name(number)
        mission, path = inventory.folders[inventory.folder_of(number)]
        kind = inventory.kinds[inventory.kind[number]]
        head, stem, tail = split_for_eyes(name, kind)
        uri = self.uris[number]
        size = int(inventory.size[number])
        return RowView(
            depth=3,
            path=f"{mission}/{path}/{name}",
            head=head,
            stem=stem,
            tail=tail,
            href=address(self.base, replace(self.for_files, file=uri, open=(f"{mission}/{path}",))),
            state="true" if self.answer.ticked[number] else "false",
            place=row.place,
            count=row.count,
            is_open=False,
            current=uri == self.state.file,
            tag="Preview" if kind.category == "PREVIEW" else ("" if kind.group == "none" else kind.group),
            exclusive=exclusive,
            middle="\N{EN DASH}" if kind.level is None else str(kind.level),
            size=format_size(size if size >= 0 else None),
        )


def split_for_eyes(name: str, kind: Kind) -> tuple[str, str, str]:
    """A file name as (what may be cut in the middle, the suffix that tells files apart, the extension)."""
    ext = f".{kind.ext}"
    base = name[: -len(ext)] if kind.ext and name.lower().endswith(ext) else name
    suffix = f"_{kind.group.lower()}"
    at = len(base) - len(suffix) if base.lower().endswith(suffix) else base.rfind("_")
    at = at if at > 0 else len(base)
    return base[:at], base[at:], name[len(base) :]
