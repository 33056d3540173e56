"""The state of the Download Manager <-> its query string. The URL is the state: canonical order, defaults dropped.

Handles the keys of the public contract; refuses any other key or value with a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import parse_qsl, quote, urlencode

from webapp.errors import UserError
from webapp.facets import FACETS
from webapp.inventory.filters import Filters, check_pattern
from webapp.query_strings import HINT, one, page_number, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Sort = Literal["name", "size", "level"]
SORTS: tuple[Sort, ...] = ("name", "size", "level")
ORDER = ("category", "type", "ext", "batch", "group", "mission", "level", "access")
SHARES = "/s/"  # what the addresses of shares begin with
MOST_OPEN = 50  # folders open at once: beyond it the address itself becomes too long for some servers
MOST_PAGES = 10  # pages of rows that one answer repeats after a swap
MOST_VALUES = 2_000
LONGEST_VALUE = 1_000
MOST_DIGITS = 9  # what an integer column of any database holds


@dataclass(frozen=True)
class PageState:
    """Filters, and what is open. ``open`` holds ``MISSION/folder``; a leading ``-`` means a mission that is closed.

    ``through`` is the last page of rows that the browser already shows; it is never written into an address.
    """

    filters: Filters = field(default_factory=Filters)
    file: str | None = None
    open: tuple[str, ...] = ()
    page: int = 1
    sort: Sort = "name"
    through: int = 1


def parse(query: str) -> PageState:
    """The state that a query string means. Raises UserError 400 naming the first key or value that is unknown."""
    values: dict[str, list[str]] = {}
    for key, value in _pairs(query):
        if value:
            values.setdefault(key, []).append(value)
        elif key not in {*ORDER, "name", "file", "open"}:
            raise UserError(400, f"The address says {key!r} without a value.", HINT)
    known = {*ORDER, "mrp", "name", "selected", "file", "open", "page", "sort", "through"}
    for key, found in values.items():
        if key not in known:
            raise UserError(400, f"There is no filter called {short(key)}.", HINT)
        if any(len(value) > LONGEST_VALUE for value in found):
            raise UserError(400, f"The value of {key} is longer than {LONGEST_VALUE} characters.", HINT)
        if any(character < " " or "\x7f" <= character < "\xa0" for value in found for character in value):
            raise UserError(400, f"The value of {key} holds a control character.", HINT)
    page = page_number(one(values, "page"))
    return PageState(
        filters=_filters(values),
        file=one(values, "file") or None,
        open=tuple(dict.fromkeys(values.get("open", ())))[-MOST_OPEN:],
        page=page,
        sort=cast("Sort", _choice(values, "sort", SORTS) or "name"),
        through=min(max(page, page_number(one(values, "through"), "through")), page + MOST_PAGES - 1),
    )


def parse_filters(query: str) -> Filters:
    """The filters of a query string, where only filters may be (the API's ``filters``). Raises UserError 400."""
    return parse(query).filters


def query_string(state: PageState, base: str = "") -> str:
    """The canonical query string: keys in the contract's order, values sorted, defaults dropped.

    An address below /s/ always says mrp, because there no query at all means the filters that were shared.
    """
    filters = state.filters
    pairs: list[tuple[str, str]] = []
    if not filters.mrp or base.startswith(SHARES):
        pairs = [("mrp", "1" if filters.mrp else "0")]
    for name in ORDER:
        pairs += [(name, value) for value in sorted(filters.choices.get(name, ()))]
    pairs += [("name", filters.name)] if filters.name else []
    pairs += [("selected", "1")] if filters.selected else []
    pairs += [("file", state.file)] if state.file else []
    pairs += [("open", folder) for folder in sorted(state.open)]
    pairs += [("page", str(state.page))] if state.page > 1 else []
    pairs += [("sort", state.sort)] if state.sort != "name" else []
    return urlencode(pairs, safe="/:*,")


def address(base: str, state: PageState) -> str:
    """The address of a page state."""
    query = query_string(state, base)
    return f"{base}?{query}" if query else base


def with_filters(state: PageState, filters: Filters) -> PageState:
    """The same page under other filters, from its first row on."""
    return replace(state, filters=filters, page=1, through=1)


def without_value(state: PageState, facet: str, values: Iterable[str]) -> PageState:
    """The same page with some choices of a facet taken back."""
    choices = dict(state.filters.choices)
    choices[facet] = choices.get(facet, frozenset()) - frozenset(values)
    return with_filters(state, replace(state.filters, choices=choices))


def toggle_open(state: PageState, token: str) -> PageState:
    """The same page with a folder (``MISSION/folder``) or a closed mission (``-MISSION``) added or taken away."""
    if token in state.open:
        return replace(state, open=tuple(each for each in state.open if each != token))
    return replace(state, open=(*state.open, token)[-MOST_OPEN:])


def local(url: str, otherwise: str) -> str:
    """A path of this server, and nothing that a browser, which skips tabs and line ends, could take for another one."""
    safe = url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable()
    return url if safe else otherwise


def quoted(value: str) -> str:
    """A value as ``query_string`` writes it, for links that are put together by hand."""
    return quote(value, safe="/:*,").replace("%20", "+")


def login_address(back: str) -> str:
    """Where somebody logs in who then comes back to a path of this server."""
    return f"/login?next={quote(back)}"


def whole_number(text: str) -> int | None:
    """A number that a form sent: an id, a version, a count. None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_VALUES)
    except ValueError as error:
        raise UserError(400, f"The address holds more than {MOST_VALUES:,} values.", HINT) from error


def _filters(values: Mapping[str, Sequence[str]]) -> Filters:
    choices: dict[str, frozenset[str]] = {}
    for name in ORDER:
        chosen = frozenset(values.get(name, ()))
        for value in sorted(chosen):
            if not FACETS[name].accepts(value):
                raise UserError(400, f"{FACETS[name].title} cannot be {short(value)}.", HINT)
        choices[name] = chosen
    pattern = one(values, "name") or None
    if pattern is not None:
        try:
            check_pattern(pattern)
        except ValueError as error:
            raise UserError(400, str(error), "Use * for anything and ? for one character, as in *_x1d.fits.") from error
    flags = {name: values.get(name, [default])[-1] for name, default in (("mrp", "1"), ("selected", "0"))}
    for name, value in flags.items():
        if value not in {"0", "1"}:
            raise UserError(400, f"{name} can be 0 or 1, not {short(value)}.", HINT)
    return Filters(mrp=flags["mrp"] == "1", choices=choices, name=pattern, selected=flags["selected"] == "1")


def _choice(values: Mapping[str, Sequence[str]], name: str, known: Sequence[str]) -> str:
    found = one(values, name)
    if found and found not in known:
        raise UserError(400, f"{name} can be {', '.join(known)}, not {short(found)}.", HINT)
    return found
