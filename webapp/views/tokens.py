"""API tokens: the list of one's own, made and revoked. A new one is in one answer only, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, render_template, request

from webapp import clock, identity, tokens
from webapp.context import services
from webapp.errors import UserError
from webapp.messages import Message, tell
from webapp.urls import whole_number

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("tokens", __name__)

USUAL = (tokens.READ, tokens.DOWNLOAD)


@blueprint.get("/tokens")
@identity.needs(identity.BROWSER)
def listing() -> Response:
    """One's tokens, and the form for a new one."""
    return _page()


@blueprint.post("/tokens")
@identity.needs(identity.BROWSER)
def create() -> Response:
    """Make one, and show it; the same form sent again makes no other."""
    account = identity.account()
    name, scopes = request.form.get("name", ""), request.form.getlist("scope")
    newest = whole_number(request.form.get("newest", ""))
    try:
        word = tokens.new(services(), account.id, name, scopes, newest=-1 if newest is None else newest)
    except UserError as error:
        return _page(name=name if name.isprintable() else "", scopes=scopes, error=error)
    server = services().settings.base_url
    return _not_kept(render_template("tokens/new.html", word=word, scopes=scopes, rules=tokens, server=server), 201)


@blueprint.post("/tokens/<int:token_id>/revoke")
@identity.needs(identity.BROWSER)
def revoke(token_id: int) -> AnyResponse:
    """End one."""
    name = tokens.revoke(services(), identity.account().id, token_id)
    tell(Message(f"Revoked “{name}”: it does not work any more."))
    return redirect("/tokens", 303)


@blueprint.post("/tokens/revoke")
@identity.needs(identity.BROWSER)
def revoke_all() -> AnyResponse:
    """End all of them."""
    tokens.revoke_all(services(), identity.account().id)
    tell(Message("Revoked all your tokens: none of them works any more."))
    return redirect("/tokens", 303)


def _page(*, name: str = "", scopes: Collection[str] = USUAL, error: UserError | None = None) -> Response:
    now = clock.now()
    kept, newest = tokens.listed(services(), identity.account().id)
    rows = [(row, tokens.state(row, now), tokens.ended_at(row)) for row in kept]
    page = render_template(
        "tokens/list.html",
        rows=rows,
        working=sum(state == tokens.WORKS for _, state, _ in rows),
        newest=newest,
        name=name,
        scopes=scopes,
        error=error,
        rules=tokens,
    )
    return _not_kept(page, error.status if error else 200)


def _not_kept(page: str, status: int) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
