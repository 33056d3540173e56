"""references.csv of a delivery: what each of its files names, and whether that is in the delivery too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jobs.formats import formats
from jobs.omitted import MISSING
from jobs.reference_list import IN_DELIVERY, LEFT_OUT, NOT_SELECTED, REFERENCES_CSV, ReferenceRow, write_references
from webapp.db import reading
from webapp.inventory.arrays import distinct
from webapp.queries import references as query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from webapp.context import Services
    from webapp.plans import Plan

    End = tuple[str, str, str, str, str]


def write(services: Services, plan: Plan, place: Path) -> None:
    """Write the table into a delivery's folder, if it will be a bundle and any of its files names a reference.

    Raises OSError.
    """
    wish = plan.wish
    if not (wish.method == "bundle" or (wish.method == "batch" and wish.format in formats())):
        return
    kept = list(plan.kept)
    delivered = plan.basket.inventory.product[plan.rows]
    with reading(services.engine) as session:
        uses = query.uses(session, delivered[kept].tolist())
        roles = sorted(query.roles(session, distinct(uses.role).tolist()), key=lambda role: (role.keyword, role.name))
        held = query.held(session, roles)
    if roles:
        known = services.reference_indexes.of(services, plan.basket.inventory).references
        lost = {each.product for each in known if each.problem}
        place_of = {product: i for i, product in enumerate(delivered.tolist())}
        ends = [_end(plan, role, held.get(role.id), place_of, lost) for role in roles]
        write_references(place / REFERENCES_CSV, _rows(plan, place_of, uses, roles, ends))


def _end(plan: Plan, role: query.Role, file: query.Held | None, place_of: dict[int, int], lost: set[int | None]) -> End:
    """What all rows about one role have in common. ``lost``: references that cannot be had."""
    at = place_of.get(file.id) if file else None
    if at is not None:
        path, status = ("", LEFT_OUT) if at in plan.fates else (plan.entries[at].path, IN_DELIVERY)
    else:
        path, status = "", MISSING if file is None or file.id in lost else NOT_SELECTED
    return role.keyword, role.name, role.context, path, status


def _rows(
    plan: Plan, place_of: dict[int, int], uses: query.Uses, roles: list[query.Role], ends: list[End]
) -> Iterator[ReferenceRow]:
    """In the order of the plan's files, and of keywords."""
    number_of = {role.id: number for number, role in enumerate(roles)}
    places = np.array([place_of[product] for product in uses.product.tolist()], np.int64)
    numbers = np.array([number_of[role] for role in uses.role.tolist()], np.int64)
    for link in np.sort(places * len(roles) + numbers).tolist():
        i, number = divmod(link, len(roles))
        yield ReferenceRow(plan.entries[i].path, *ends[number])
