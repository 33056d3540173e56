"""The visible rows of the tree, ready to print."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from webapp.db import reading
from webapp.inventory.outline import outline
from webapp.inventory.tree import FolderRow, MissionRow
from webapp.queries import products
from webapp.template_filters import size as format_size
from webapp.urls import MOST_OPEN, address, query_string, quoted, toggle_open

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.inventory import Inventory, Kind
    from webapp.inventory.outline import OutlineRow
    from webapp.inventory.panels import Panels
    from webapp.snapshots import Since
    from webapp.urls import PageState

PAGE_ROWS = 200
EXPAND_ROWS = 1_000  # "Expand all" stops opening folders at about this many visible rows


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
    exclusive: bool  # not everybody may read it now
    locked: bool  # nor may whoever asks
    moved: str  # "withdrawn" or "replaced" since these files were frozen
    middle: str
    size: str


@dataclass(frozen=True)
class TreeView:
    """A window of the tree."""

    rows: tuple[RowView, ...]
    total: int
    last_page: int  # the page that the last row printed is on
    more_href: str  # the next page alone, for a visit
    remaining: int
    earlier_href: str  # the page before the window's first


def expand_all(basket: Opened, answer: Panels, state: PageState) -> PageState:
    """The same page with folders opened from the top, until about EXPAND_ROWS rows are visible or 50 are open."""
    seen = outline(
        basket.inventory, answer, opened=frozenset(), closed=frozenset(), sort=state.sort, first=0, last=MOST_OPEN + 10
    )
    tokens: list[str] = []
    rows = seen.total
    for row in seen.rows:
        if isinstance(row.item, FolderRow) and len(tokens) < MOST_OPEN and rows + row.item.files <= EXPAND_ROWS:
            tokens.append(f"{row.item.mission}/{row.item.path}")
            rows += row.item.files
    return replace(state, open=tuple(tokens), page=1, through=1)


def tree_view(
    services: Services, basket: Opened, answer: Panels, state: PageState, since: Since | None = None
) -> TreeView:
    """The window of rows that a page state means; the last one there is, for a page beyond the end."""
    view = _window(services, basket, answer, state, since)
    if view.total and not view.rows:  # the list has become shorter since the link was written
        last = -(-view.total // PAGE_ROWS)
        view = _window(services, basket, answer, replace(state, page=last, through=last), since)
    return view


def _window(services: Services, basket: Opened, answer: Panels, state: PageState, since: Since | None) -> TreeView:
    inventory, base = basket.inventory, basket.base
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
    printer = _Printer(basket, answer, state, dict(zip(file_rows, (uris[i] for i in ids), strict=True)), since)
    rows = []
    for row in seen.rows:
        if isinstance(row.item, MissionRow):
            rows.append(printer.mission(row, row.item))
        elif isinstance(row.item, FolderRow):
            rows.append(printer.folder(row, row.item))
        else:
            rows.append(printer.file(row, row.item))
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

    def __init__(
        self, basket: Opened, answer: Panels, state: PageState, uris: dict[int, str], since: Since | None
    ) -> None:
        self.inventory, self.base, self.since = basket.inventory, basket.base, since
        self.answer, self.state, self.uris = answer, state, uris
        # What 200 links have in common is written once.
        self.before_file = self._before(replace(state, file=None, open=()))
        self.before_folder = self._before(replace(state, open=state.open[1 - MOST_OPEN :]))
        self.after_file = "" if state.sort == "name" else f"&sort={state.sort}"
        self.after_folder = (f"&page={state.page}" if state.page > 1 else "") + self.after_file

    def mission(self, row: OutlineRow, item: MissionRow) -> RowView:
        href = self._here(toggle_open(replace(self.state, page=1), f"-{item.mission}"))
        return self._branch(row, item, f"{item.mission}/", item.mission, href)

    def folder(self, row: OutlineRow, item: FolderRow) -> RowView:
        token = f"{item.mission}/{item.path}"
        if row.is_open:  # also where an address names it without its mission
            rest = tuple(each for each in self.state.open if each not in {token, item.path})
            href = self._here(replace(self.state, open=rest))
        else:
            href = f"{self.before_folder}open={quoted(token)}{self.after_folder}"
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
            locked=False,
            moved="",
            middle=f"{item.selected:,} / {item.files:,}",
            size=text,
        )

    def file(self, row: OutlineRow, number: int) -> RowView:
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
            href=f"{self.before_file}file={quoted(uri)}&open={quoted(f'{mission}/{path}')}{self.after_file}",
            state="true" if self.answer.ticked[number] else "false",
            place=row.place,
            count=row.count,
            is_open=False,
            current=uri == self.state.file,
            tag="Preview" if kind.category == "PREVIEW" else ("" if kind.group == "none" else kind.group),
            exclusive=not self.answer.public[inventory.rights[number]],
            locked=not self.answer.readable[inventory.rights[number]],
            moved=self.since.of(number) if self.since else "",
            middle="\N{EN DASH}" if kind.level is None else str(kind.level),
            size=format_size(size if size >= 0 else None),
        )

    def _here(self, state: PageState) -> str:
        """The address of a state, from this page: without the path, which 200 rows need not repeat."""
        return f"?{query_string(state, self.base)}"

    def _before(self, state: PageState) -> str:
        """The same, ready for ``open=``, page and sort to follow."""
        query = query_string(replace(state, page=1, sort="name"), self.base)
        return f"?{query}&" if query else "?"


def split_for_eyes(name: str, kind: Kind) -> tuple[str, str, str]:
    """A file name as (what may be cut in the middle, the suffix that tells files apart, the extension)."""
    ext = f".{kind.ext}"
    base = name[: -len(ext)] if kind.ext and name.lower().endswith(ext) else name
    suffix = f"_{kind.group.lower()}"
    at = len(base) - len(suffix) if base.lower().endswith(suffix) else base.rfind("_")
    at = at if at > 0 else len(base)
    return base[:at], base[at:], name[len(base) :]
