"""Refuses writes that another site makes a browser send. No tokens: browsers say where a request comes from.

``Sec-Fetch-Site`` decides where it is sent (by all current browsers, on secure origins and loopback), else ``Origin``.
A client that sends neither is not a browser, and carries no cookie that it was not given on purpose.
"""

from __future__ import annotations

from flask import request

from webapp.errors import UserError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BY_WORD = "forgotten.set_new"  # proves itself by its address; from a page without referrer Origin is "null"


def refuse_foreign_writes() -> None:
    """Before each request. Raises UserError 403 on a write that came from another site."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        foreign = site not in {"same-origin", "none"}
    elif origin == "null" and request.endpoint == BY_WORD:
        foreign = False
    else:
        foreign = origin is not None and origin.partition("://")[2] != request.host
    if foreign:
        raise UserError(
            403, "This request came from another site, so nothing was changed.", "Go back to this page and do it here."
        )
