"""The Download History: a session's deliveries, searched and filtered, each with a label of the user's own.

States are derived and not stored (see ``deliveries``), so a filter by state asks each delivery how it is now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import update
from sqlmodel import col

from webapp import clock, deliveries
from webapp.db import reading, writing
from webapp.delivery_changes import must_own
from webapp.errors import UserError
from webapp.models import Delivery
from webapp.queries import history as query
from webapp.query_strings import HINT, page_number, short

if TYPE_CHECKING:
    from webapp.context import Services
    from webapp.deliveries import Status
    from webapp.queries.deliveries import DeliveryRecord

STATES = ("Queued", "Preparing", "Ready", "Finished with problems", "Failed", "Cancelled", "Expired")
METHODS = ("bundle", "script", "batch", "list")
LONGEST_LABEL = 200  # characters
LONGEST_SEARCH = 200
PAGE_ROWS = 50


@dataclass(frozen=True)
class HistoryState:
    """What the page shows; empty words do not filter."""

    q: str = ""
    state: str = ""
    method: str = ""
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether anything may be left out."""
        return bool(self.q or self.state or self.method)

    def url(self) -> str:
        """The canonical address."""
        pairs = [(name, value) for name in ("q", "state", "method") if (value := getattr(self, name))]
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return "/history" + (f"?{urlencode(pairs)}" if pairs else "")


@dataclass(frozen=True)
class HistoryPage:
    """One page of the history; ``matching`` of ``total`` deliveries."""

    state: HistoryState
    rows: tuple[Status, ...]
    matching: int
    total: int

    @property
    def pages(self) -> int:
        """How many there are; one where nothing matches."""
        return max(1, -(-self.matching // PAGE_ROWS))

    def at(self, page: int) -> str:
        """The address of another page, or nothing if there is no such page."""
        return replace(self.state, page=page).url() if 1 <= page <= self.pages else ""


def parse(text: str) -> HistoryState:
    """The state that a query string means. Raises UserError 400 naming what it does not know."""
    values = {key: value.strip() for key, value in parse_qsl(text) if value.strip()}
    known: dict[str, tuple[str, ...]] = {"q": (), "state": STATES, "method": METHODS, "page": ()}
    for key, value in values.items():
        if key not in known:
            raise UserError(400, f"The history has no filter called {short(key)}.", HINT)
        if known[key] and value not in known[key]:
            raise UserError(400, f"{key} can be {', '.join(known[key])}, not {short(value)}.", HINT)
    if len(values.get("q", "")) > LONGEST_SEARCH:
        raise UserError(400, f"The search has more than {LONGEST_SEARCH} characters.", HINT)
    page = page_number(values.pop("page", ""))
    return HistoryState(**values, page=page)


def history(services: Services, owner: str | None, state: HistoryState) -> HistoryPage:
    """One page of a session's deliveries, newest first; the last there is, for a page beyond the end."""
    records: list[DeliveryRecord] = []
    if owner is not None:
        with reading(services.engine) as session:
            records = query.of_owner(session, owner)
    found = [each for each in records if _matches(each, state)]
    if state.state:
        chosen = [each for each in deliveries.statuses(services, found) if each.state == state.state]
        page = HistoryPage(state, tuple(chosen), len(chosen), len(records))
        first = _first(page)
        return replace(page, rows=page.rows[first : first + PAGE_ROWS], state=_within(page))
    page = HistoryPage(state, (), len(found), len(records))
    first = _first(page)
    rows = deliveries.statuses(services, found[first : first + PAGE_ROWS])
    return replace(page, rows=tuple(rows), state=_within(page))


def label(services: Services, delivery_id: str, owner: str | None, text: str) -> None:
    """Give a delivery a name of the user's own; empty takes it away. Raises UserError 403, 404, 422 (too long)."""
    must_own(deliveries.get(services, delivery_id), owner)
    words = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    if len(words) > LONGEST_LABEL:
        raise UserError(
            422, f"The label has {len(words):,} characters; {LONGEST_LABEL} are possible.", "Make it shorter."
        )
    _set(services, delivery_id, label=words)


def delete(services: Services, delivery_id: str, owner: str | None) -> str:
    """Take a delivery out of the history; its own page stays. Returns its name. Raises UserError 403, 404."""
    found = deliveries.get(services, delivery_id)
    must_own(found, owner)
    _set(services, delivery_id, deleted_at=clock.now())
    return found.label or found.name


def restore(services: Services, delivery_id: str, owner: str | None) -> str:
    """Bring a deleted delivery back into the history. Returns its name. Raises UserError 403, 404."""
    found = deliveries.get(services, delivery_id)
    must_own(found, owner)
    _set(services, delivery_id, deleted_at=None)
    return found.label or found.name


def _matches(record: DeliveryRecord, state: HistoryState) -> bool:
    words = f"{record.name}\n{record.label}".casefold()
    return (not state.method or record.method == state.method) and state.q.casefold() in words


def _within(page: HistoryPage) -> HistoryState:
    return replace(page.state, page=min(page.state.page, page.pages))


def _first(page: HistoryPage) -> int:
    return (_within(page).page - 1) * PAGE_ROWS


def _set(services: Services, delivery_id: str, **values: str | int | None) -> None:
    with writing(services.engine) as session:
        session.execute(update(Delivery).where(col(Delivery.id) == delivery_id).values(**values))
