"""Which of the selected files name one reference, and how: the list behind "used by 14 files"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from webapp.db import reading
from webapp.queries import products
from webapp.queries import references as query
from webapp.template_filters import files as count_files
from webapp.urls import address, query_string, quoted

if TYPE_CHECKING:
    from webapp.context import Services
    from webapp.queries.references import Held, Role
    from webapp.reference_index import Reference
    from webapp.references import References
    from webapp.urls import PageState

MOST_LISTED = 200


@dataclass(frozen=True)
class User:
    """A file that names the reference. ``how``: by which keywords and under which CRDS context."""

    name: str
    path: str
    href: str  # its details in the basket
    how: str


@dataclass(frozen=True)
class Users:
    """One reference with the first of its ``count`` users; ``reference`` is None where no selected file names it."""

    key: str
    reference: Reference | None
    href: str  # its own details in the basket, where the archive has it
    count: int
    files: tuple[User, ...]

    @property
    def title(self) -> str:
        """What the live region says."""
        return f"{self.reference.name if self.reference else self.key[:200]} is used by {count_files(self.count)}"


def users(services: Services, found: References, state: PageState, key: str) -> Users:
    """The selected files that name the reference with this key."""
    used = next((each for each in found.used if each.reference.key == key), None)
    if used is None:
        return Users(key, None, "", 0, ())
    inventory, base = found.basket.inventory, found.basket.base
    rows = found.index.links.rows_of(used.number, found.chosen)[:MOST_LISTED].tolist()
    ids = inventory.product[rows].tolist()
    with reading(services.engine) as session:
        uris = products.uris(session, ids)
        links = query.uses(session, ids)
        roles = {role.id: role for role in query.roles(session, sorted(set(links.role.tolist())))}
        held = query.held(session, list(roles.values()))
    how: dict[int, list[Role]] = {}
    for product, role in zip(links.product.tolist(), links.role.tolist(), strict=True):
        if _means(roles[role], held.get(role), used.reference):
            how.setdefault(product, []).append(roles[role])
    query_here = query_string(replace(state, file=None, open=(), page=1), base)  # once: there are up to 200 links
    before = f"{base}?{query_here}&" if query_here else f"{base}?"
    files = []
    for row, id_ in zip(rows, ids, strict=True):
        path = inventory.path(row)
        folder = path.rpartition("/")[0]
        href = f"{before}file={quoted(uris[id_])}&open={quoted(folder)}"
        files.append(User(inventory.name(row), path, href, _said(how.get(id_, []))))
    has = used.reference.product is not None
    href = address(base, replace(state, file=used.reference.key)) if has else ""
    return Users(key, used.reference, href, used.files, tuple(files))


def _means(role: Role, file: Held | None, reference: Reference) -> bool:
    return file.id == reference.product if file else reference.product is None and role.name == reference.name


def _said(roles: list[Role]) -> str:
    names = sorted({role.keyword for role in roles})
    contexts = sorted({role.context for role in roles} - {""})
    return ", ".join((*names, *contexts))
