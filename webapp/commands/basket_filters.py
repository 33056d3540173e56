"""The filters of the page as options of commands, which build the query string of the page."""

from __future__ import annotations

import functools
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import click

from skybasket_client import Skybasket, SkybasketError
from skybasket_client.words import query
from webapp.commands.basket_memory import CURRENT, Memory
from webapp.commands.basket_session import offered, server_address
from webapp.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")
FACETS = {
    "ext": "Files with this extension, as in fits or fits.gz.",
    "group": "Of this product group, as in CAL; none for previews.",
    "level": "Of this calibration level: -1 to 4, or unknown.",
    "type": "science or reference.",
    "category": "Of this category, as in SCIENCE.",
    "mission": "Of this mission.",
    "access": "public or exclusive.",
}
COMPLETION_SECONDS = 3.0
SEEN = 1000  # files


def filters(command: F) -> F:
    """Give a command the filters as options, and their query string as ``filters``; empty means recommended files."""

    @functools.wraps(command)
    def run(*args: Any, query_string: str, every: bool, name: str | None, selected: bool, **given: Any) -> Any:
        facets = {facet: given.pop(facet) for facet in FACETS}
        asked = query(query_string, mrp=0 if every else None, **facets, name=name, selected=1 if selected else None)
        return command(*args, filters=asked, **given)

    run = click.option("--selected", is_flag=True, help="Only files that are selected.")(run)
    run = click.option("--name", metavar="PATTERN", help="Whose names look so, as in '*_x1d.fits'.")(run)
    for facet, about in reversed(FACETS.items()):
        run = click.option(f"--{facet}", multiple=True, help=about, shell_complete=values)(run)
    run = click.option("--all", "every", is_flag=True, help="All files, not only the recommended ones (mrp=0).")(run)
    return click.option(  # type: ignore[return-value]  # with other options
        "--filters", "query_string", default="", metavar="QUERY", help="As in the page's address: 'mrp=0&ext=fits'."
    )(run)


def values(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """The values of a facet that the basket has; none where that cannot be told quickly."""
    return offered(
        asked_of(ctx, lambda basket: [each["value"] for each in basket.show(mrp=0)["facets"].get(param.name, [])]),
        begun,
    )


def paths(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """Folders and files of the basket, one part of the path at a time; of many files only some."""
    name = f"{begun.rpartition('/')[2]}*" if begun.count("/") > 1 else None

    def first(basket: Any) -> list[Any]:
        return [str(each["path"]) for each in islice(basket.files(mrp=0, name=name), SEEN)]

    parts = set()
    for path in asked_of(ctx, first):
        end = path.find("/", len(begun))
        parts.add(path if end < 0 else path[: end + 1])
    return sorted(each for each in offered(parts, begun) if not each.startswith("-"))  # which would be an option


def asked_of(ctx: click.Context, question: Callable[[Any], list[Any]]) -> list[Any]:
    """What the basket that is meant answers; empty otherwise: a completion never complains, and never waits long."""
    try:
        server = server_address(str(ctx.params.get("server") or ""))
        with Skybasket(server, timeout=COMPLETION_SECONDS, patience=COMPLETION_SECONDS) as sky:
            basket = str(ctx.params.get("named") or "") or Memory(server).get(CURRENT)
            return question(sky.basket(basket)) if basket else []
    except (SkybasketError, UserError, OSError, ValueError, LookupError, TypeError, AttributeError):
        return []
