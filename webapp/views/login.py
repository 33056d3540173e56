"""Logging in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, render_template, request, session

from webapp import identity, logins, moving_in, owners
from webapp.context import services
from webapp.errors import UserError
from webapp.messages import Message, tell
from webapp.urls import local

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from webapp.queries.accounts import AccountRow

blueprint = Blueprint("login", __name__)

KEPT = ("mrp_off", "speed")  # what a session likes, which is nobody's secret


@blueprint.get("/login")
def form() -> AnyResponse:
    """The form; who is logged in already goes on to where they wanted to be."""
    after = local(request.args.get("next", ""), "/")
    if identity.asker().account is not None:
        return redirect(after, 302)
    return _form(after)


@blueprint.post("/login")
@identity.needs(identity.BROWSER)
def log_in() -> AnyResponse:
    """Log in with name and password."""
    sent = request.form
    after, name = local(sent.get("next", ""), "/"), sent.get("name", "")
    try:
        account = logins.with_password(services(), name, sent.get("password", ""))
    except UserError as error:
        return _form(after, name=name if name.isprintable() else "", error=error)
    welcome(account)
    return redirect(after, 303)


@blueprint.post("/logout")
@identity.needs(identity.BROWSER)
def log_out() -> AnyResponse:
    """Log out; nothing stays in the browser."""
    login = identity.asker().login
    if login is not None:
        logins.end(services(), login)
    identity.let_out()
    return redirect("/login", 303)


def welcome(account: AccountRow) -> None:
    """Log this browser in as somebody: a new session, with what was begun before it brought along."""
    here = services()
    before = identity.asker()
    brought = ""
    if before.login is not None:  # somebody was logged in here, and what is theirs stays theirs
        logins.end(here, before.login)
    elif before.owner is not None:
        brought = moving_in.move(here, before.owner, owners.account(account.id)).sentence
    liked = {name: session[name] for name in KEPT if name in session}
    identity.let_in(logins.begin(here, account.id, request.headers.get("User-Agent", "")))
    session.update(liked)
    tell(Message(f"Logged in as {account.name}. {brought}".strip()))


def _form(after: str, *, name: str = "", error: UserError | None = None) -> Response:
    page = render_template("login/page.html", after=after, name=name, error=error)
    response = make_response(page, error.status if error else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
