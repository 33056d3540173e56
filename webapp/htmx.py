"""The only file that knows an ``HX-*`` name: which fragment a request wants, ``Vary``, and the address to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import make_response, render_template
from flask import request as flask_request
from htmx_flask import Htmx

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask, Response

VARY = ("HX-Request", "HX-Target", "HX-History-Restore-Request")
COMPRESS_FROM = 1_000  # bytes; below it the header costs as much as it saves


def init(app: Flask) -> None:
    """Make ``request.htmx`` there."""
    Htmx(app)


def _asked() -> Any:
    return flask_request.htmx  # type: ignore[attr-defined]  # set by htmx-flask's request class


def target() -> str | None:
    """The id of the element to be swapped; None when a full page is wanted (a plain visit or a history restore)."""
    asked = _asked()
    if not asked or asked.history_restore_request:
        return None
    return str(asked.target) if asked.target else None


def current_query() -> str | None:
    """The query string of the page that the browser shows, if this is a swap."""
    asked = _asked()
    try:
        return urlsplit(asked.current_url).query if asked and asked.current_url else None
    except ValueError:  # not an address, so no browser sent it
        return None


def as_alert(response: Response) -> Response:
    """Have an error shown among the alerts, which stand outside whatever was to be swapped."""
    response.headers["HX-Retarget"] = "#alerts"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def page(
    template: str, fragments: Mapping[str, str], *, push: str | None = None, status: int = 200, **context: Any
) -> Response:
    """The full page, or the one fragment that the request wants: same URL, same context.

    ``fragments`` maps an element's id to its partial. ``push`` is the address that the browser shall show.
    """
    wanted = target()
    partial = fragments.get(wanted) if wanted else None
    response = make_response(render_template(partial or template, fragment=partial is not None, **context), status)
    response.vary.update(VARY)
    response.headers["Cache-Control"] = "private, no-cache"
    if push is not None and partial is not None:
        response.headers["HX-Push-Url"] = push
    return response
