"""What the details pane shows of one file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from webapp import clock
from webapp.access import is_public, may_read, shown_hash
from webapp.association_forms import ENDINGS
from webapp.db import reading
from webapp.facets import FACETS
from webapp.ingest.names import split_name
from webapp.ingest.uris import UriError, canonical
from webapp.inventory.filters import Filters
from webapp.inventory.inventory import Kind
from webapp.queries import products
from webapp.queries.references import count_of
from webapp.snapshots import REPLACED
from webapp.template_filters import date
from webapp.urls import address, query_string

if TYPE_CHECKING:
    from webapp.access import Who
    from webapp.baskets import Opened
    from webapp.context import Services
    from webapp.inventory.panels import Panels
    from webapp.queries.products import ObservationName, ProductDetails
    from webapp.snapshots import Since
    from webapp.urls import PageState

FILE_DOOR = "/api/v0.1/Download/file?uri="


@dataclass(frozen=True)
class Details:
    """One file. ``place`` says where it stands in the basket: ``shown``, ``hidden``, ``removed`` or ``absent``."""

    product: ProductDetails
    labels: dict[str, str]
    meanings: dict[str, str]
    observation: ObservationName | None
    observations: tuple[ObservationName, ...]
    observation_count: int
    readable: bool
    sha256: str | None
    access: str
    preview: str | None
    preview_name: str
    place: str
    frozen: bool  # the basket; ``replaced`` since then
    replaced: bool
    show_href: str
    download: str | None
    headers: str | None
    association: str | None  # where its members and products are shown, if it is one
    links: int  # to references that it was made with
    provenance: str | None  # where these are shown, or of a reference the files that were made with it
    close_href: str
    here: str  # the address of the page with this file open


@dataclass(frozen=True)
class NoDetails:
    """A URI that the archive does not know."""

    uri: str
    sentence: str
    close_href: str


def file_url(uri: str) -> str:
    """The path that serves a product."""
    return FILE_DOOR + quote(uri, safe=":/")


def details(
    services: Services,
    basket: Opened,
    answer: Panels,
    state: PageState,
    *,
    since: Since | None = None,
    who: Who,
) -> Details | NoDetails | None:
    """The details of the file that is open, or None if none is."""
    if state.file is None:
        return None
    base = basket.base
    close = address(base, replace(state, file=None))
    try:
        uri = canonical(state.file)
    except UriError as error:
        return NoDetails(state.file, str(error), close)
    now = clock.now()
    with reading(services.engine) as session:
        product = products.details(session, uri)
        if product is None:
            return NoDetails(uri, "The archive knows no file by this address.", close)
        observations, count = products.observations_of(session, product.id)
        split = split_name(product.mission, product.filename, services.missions)
        stem = split[0] if split else product.filename.split(".")[0]
        previews = products.previews(session, product, stem)
        links = count_of(session, product.id)
    kind = Kind(product.mission, product.category, product.ext, product.group, product.level, product.recommended)
    readable = may_read(product.rights, who, now)
    there = readable and product.withdrawn_at is None
    preview = _best_preview(product, stem, [(u, n) for u, n, rights in previews if may_read(rights, who, now)], there)
    row = int(basket.inventory.row_of([product.id])[0])
    absent = row < 0 or (basket.row.frozen and bool(basket.removed[row]))
    place = "absent" if absent else "removed" if basket.removed[row] else "shown" if answer.shown[row] else "hidden"
    folder = f"{product.mission}/{product.folder}"
    everything = replace(state, filters=Filters(mrp=False), open=(*state.open, folder), page=1, through=1)
    batch = frozenset(services.settings.batch_missions)
    values = {
        name: facet.value(kind, is_public(product.rights.released_at, now), batch) for name, facet in FACETS.items()
    }
    return Details(
        product=product,
        labels={name: FACETS[name].label(value) for name, value in values.items()},
        meanings={
            name: FACETS[name].meaning(value, services.missions.meanings, product.mission)
            for name, value in values.items()
        },
        observation=next((each for each in observations if each.id == product.observation_id), None)
        or (observations[0] if observations else None),
        observations=tuple(observations),
        observation_count=count,
        readable=readable,
        sha256=shown_hash(product.sha256, readable=readable),
        access=_access(product, now, readable=readable),
        preview=file_url(preview[0]) if preview else None,
        preview_name=preview[1] if preview else "",
        place=place,
        frozen=basket.row.frozen,
        replaced=since is not None and row >= 0 and since.of(row) == REPLACED,
        show_href=address(base, everything),
        download=file_url(product.uri) if there else None,
        headers=_inside(services, base, product, "headers") if there and product.ext == "fits" else None,
        association=_inside(services, base, product, "association", back=query_string(state, base))
        if there and product.filename.lower().endswith(ENDINGS)
        else None,
        links=links,
        provenance=_page_of(base, product, "provenance", query_string(state, base))
        if links or product.category == "CALIBRATION"
        else None,
        close_href=close,
        here=address(base, state),
    )


def _access(product: ProductDetails, now: int, *, readable: bool) -> str:
    released = product.rights.released_at
    if is_public(released, now):
        return f"Public since {date(released)}" if released else "Public"
    until = f" until {date(released)}" if released is not None else ""
    yours = "; you may read it" if readable else ""
    return f"Exclusive to programme {product.rights.programme or 'unknown'}{until}{yours}"


def _inside(services: Services, base: str, product: ProductDetails, page: str, *, back: str = "") -> str | None:
    """The page that shows what is in the file, unless it is at another server. ``back``: the state to return to."""
    place = services.stores.locate(product.uri, product.location)
    if place is None or place.url is not None:
        return None
    return _page_of(base, product, page, back)


def _page_of(base: str, product: ProductDetails, page: str, back: str) -> str:
    return f"{base}/{page}?uri={quote(product.uri, safe=':/')}" + (f"&back={quote(back)}" if back else "")


def _best_preview(
    product: ProductDetails,
    stem: str,
    candidates: list[tuple[str, str]],
    there: bool,  # noqa: FBT001 - one call site
) -> tuple[str, str] | None:
    """The file itself if it is an image, else the preview whose name is nearest to its own; thumbnails last."""
    if product.ext in {"jpg", "png", "jpeg", "gif"}:
        return (product.uri, product.filename) if there else None
    images = [each for each in candidates if each[1].lower().endswith((".jpg", ".png", ".jpeg", ".gif"))]
    base = product.filename.split(".")[0]

    def distance(each: tuple[str, str]) -> tuple[bool, bool, bool, str]:
        name = each[1]
        return (not name.startswith(base), not name.startswith(stem), "thumb" in name, name)

    return min(images, key=distance, default=None)
