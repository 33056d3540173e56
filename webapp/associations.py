"""An association as a tree of links: what it makes, of which members, and where each of them is in a basket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jobs.errors import JobError
from webapp.association_files import files_of
from webapp.association_forms import NotAssociation, meaning, names_of, read_json, read_table
from webapp.db import reading
from webapp.errors import UserError
from webapp.file_links import links_of
from webapp.files import find
from webapp.ingest.names import extension
from webapp.urls import address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from webapp.access import Who
    from webapp.association_forms import Association, Member
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.file_links import FileLink
    from webapp.files import Found
    from webapp.queries.associations import NamedProduct
    from webapp.urls import PageState

MOST_BYTES = 4_000_000  # the largest at MAST have one million; reading more than this holds others up
MOST_SHOWN = 1_000  # members on one page
MOST_FILES = 50  # that one name leaves open
INSIDE = frozenset({"ticked", "inside"})


@dataclass(frozen=True)
class Line:
    """One name of the association and its files: none if the archive has none, some if the name leaves that open."""

    member: Member
    meaning: str  # of what it is used for
    files: tuple[FileLink, ...]
    count: int  # of all its files

    @property
    def more(self) -> int:
        """How many files are not shown."""
        return self.count - len(self.files)


@dataclass(frozen=True)
class Branch:
    """A product and what it is made of; ``more`` members beyond these."""

    product: Line | None
    members: tuple[Line, ...]
    count: int

    @property
    def more(self) -> int:
        """How many members are not shown."""
        return self.count - len(self.members)


@dataclass(frozen=True)
class AssociationView:
    """An association, or a sentence why it cannot be shown. ``total`` names, of which ``known`` have a file."""

    filename: str
    back: str  # the page with this file open
    frozen: bool  # the basket
    sentence: str = ""
    rule: str = ""
    about: str = ""
    branches: tuple[Branch, ...] = ()
    total: int = 0
    known: int = 0
    inside: int = 0


def association(services: Services, basket: Opened, state: PageState, uri: str, who: Who) -> AssociationView:
    """Read the association with this URI. Raises UserError 401, 403 or 404 as the file's own door does."""
    found = find(services, uri, who)
    view = AssociationView(
        found.filename, address(basket.base, replace(state, file=found.uri)), frozen=basket.row.frozen
    )
    if found.place.url is not None:
        raise UserError(404, f"{found.filename} is not in a store of this archive.", "Its members cannot be read here.")
    try:
        content = _content(found)
        said = read_table(content) if extension(found.filename) == "fits" else read_json(content)
    except NotAssociation as error:
        return replace(view, sentence=str(error))
    except JobError as error:
        raise UserError(404, str(error), "Tell the archive which file it was.") from error
    with reading(services.engine) as session:
        files = files_of(session, services.missions, found.uri, said)
    links = links_of(basket, state, [each for some in files.values() for each in some])
    names = dict.fromkeys(names_of(said))
    inside = {uri for uri, link in links.items() if link.place in INSIDE}
    return replace(
        view,
        rule=said.rule,
        about=said.about,
        branches=tuple(_branches(said, files, links)),
        total=len(names),
        known=sum(1 for name in names if files.get(name)),
        inside=sum(1 for name in names if any(each.uri in inside for each in files.get(name, ()))),
    )


def _content(found: Found) -> bytes:
    """The bytes of the file. Raises NotAssociation for more than 4 MB, JobError."""
    store, path = found.place.store, found.place.path
    known = store.stat(path)
    if known.size > MOST_BYTES:
        raise NotAssociation(
            f"This file has {known.size:,} bytes, too many for an association. Download it to read it."
        )
    return b"".join(store.read(path, 0, known.size, known.version))


def _branches(
    said: Association, files: Mapping[str, Sequence[NamedProduct]], links: Mapping[str, FileLink]
) -> Iterator[Branch]:
    left = MOST_SHOWN

    def line(member: Member) -> Line:
        some = files.get(member.name, ())
        shown = tuple(links[each.uri] for each in some[:MOST_FILES])
        return Line(member, meaning(member.use), shown, len(some))

    for made in said.made[:MOST_SHOWN]:
        product = line(made.product) if made.product else None
        yield Branch(product, tuple(line(each) for each in made.members[:left]), len(made.members))
        left = max(0, left - len(made.members))
