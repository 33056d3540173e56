"""What can be done with observations: look up a list of names, and put observations into the session's basket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp import basket_content, baskets
from webapp.db import reading
from webapp.errors import UserError
from webapp.observation_names import resolve
from webapp.observations_page import row_views
from webapp.queries import observations as query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from webapp.basket_content import Added
    from webapp.context import Services
    from webapp.observation_names import Ambiguous
    from webapp.observation_query import ObservationQuery
    from webapp.observations_page import RowView
    from webapp.queries.observations import Content, PlacedRow

REVIEW_ROWS = 500  # of a list of names; the rest is one row
NAMES_SHOWN = 100
NAME_SHOWN = 80  # characters of a name that is not here


@dataclass(frozen=True)
class Review:
    """What a list of names would add. ``rows`` are the first of ``ids``; ``content`` counts shared files once."""

    ids: tuple[int, ...]
    rows: tuple[RowView, ...]
    missing: tuple[str, ...]
    ambiguous: tuple[Ambiguous, ...]
    content: Content

    @property
    def rest(self) -> tuple[int, ...]:
        """The ids that have no row of their own."""
        return self.ids[len(self.rows) :]

    @property
    def sentence(self) -> str:
        """What came of the list: ``38 found, 2 not: X, Y``."""
        said = f"{len(self.ids):,} found"
        if self.missing:
            some = ", ".join(map(_shown, self.missing[:NAMES_SHOWN]))
            rest = len(self.missing) - NAMES_SHOWN
            said += f", {len(self.missing):,} not: {some}" + (f" and {rest:,} more" if rest > 0 else "")
        return f"{said}."


def review(services: Services, names: Iterable[str], owner: str | None, opened_last: str | None = None) -> Review:
    """What a list of names would add to the basket."""
    basket = baskets.current(services, owner, opened_last)
    with reading(services.engine) as session:
        found = resolve(session, names)
        rows = query.by_ids(session, found.ids[:REVIEW_ROWS])
        views = row_views(session, rows, basket.id if basket else None)
        content = query.unique_content(session, found.ids)
    return Review(found.ids, views, found.missing, found.ambiguous, content)


def matching_ids(services: Services, match: ObservationQuery) -> list[int]:
    """The ids of all observations that match."""
    with reading(services.engine) as session:
        return query.matching_ids(session, query.conditions(session, match, query.locate(session, match)))


def named_ids(services: Services, ids: Sequence[int], names: Sequence[str]) -> list[int]:
    """The ids and names of a form as ids that exist. Raises UserError 422 for a name that is not one observation's."""
    with reading(services.engine) as session:
        found = resolve(session, names)
        known = query.existing(session, ids) if ids else []
    problems = [f"{_shown(name)} is not here" for name in found.missing]
    problems += [f"{each.name} means {len(each.choices)} observations" for each in found.ambiguous]
    if problems:
        more = f" and {len(problems) - 10:,} more" if len(problems) > 10 else ""  # noqa: PLR2004 - fits a message
        raise UserError(
            422,
            f"Nothing was added: {', '.join(problems[:10])}{more}.",
            "Write names as the archive does, MISSION:obs_id where two missions have one name.",
            more={"missing": found.missing[:1_000], "ambiguous": [each.name for each in found.ambiguous[:1_000]]},
        )
    return [*known, *found.ids]


def listed(
    services: Services, match: ObservationQuery, after: tuple[str, str] | None, limit: int
) -> tuple[list[tuple[PlacedRow, Content]], tuple[str, str] | None]:
    """At most ``limit`` observations that match, by mission and name, each with what it holds.

    ``after`` is the (mission, obs id) that the page before ended with; the second value is this page's, or None.
    """
    with reading(services.engine) as session:
        where = query.conditions(session, match, query.locate(session, match))
        rows = query.after(session, where, after, limit + 1)
        contents = query.contents(session, [row.id for row in rows[:limit]])
    shown = [(row, contents.get(row.id, query.Content())) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return shown, (last.mission, last.obs_id) if last else None


def add(services: Services, owner: str, ids: Sequence[int], opened_last: str | None = None) -> tuple[str, Added]:
    """Put observations into the basket that somebody works with, made if there is none; ``(its id, what happened)``.

    Raises UserError 422 where nothing is named or the basket would hold too many files.
    """
    if not ids:
        raise UserError(422, "Nothing was marked, so nothing was added.", "Mark at least one observation first.")
    current = baskets.current(services, owner, opened_last)
    basket_id = current.id if current else baskets.create(services, owner)
    added = basket_content.add_observations(services, basket_id, owner, ids)
    if added.new:
        baskets.opened(services, basket_id)  # it needs its inventory anyway, and the tab shows how many files it holds
    return basket_id, added


def added_sentence(added: Added, into: str = "") -> str:
    """What to tell: ``Added 12 observations. 3 were already there``; ``into`` names the basket where there are more."""
    where = f"“{into}”" if into else "your basket"
    if not added.new:
        return f"{'It was' if added.already == 1 else 'All of them were'} already in {where}."
    to = f" to {where}" if into else ""
    said = f"Added {added.new:,} {'observation' if added.new == 1 else 'observations'}{to}."
    if added.already:
        said += f" {added.already:,} {'was' if added.already == 1 else 'were'} already there."
    return said


def _shown(name: str) -> str:
    return name if len(name) <= NAME_SHOWN else f"{name[: NAME_SHOWN - 1]}…"
