"""A forgotten password: a link by mail, and a new password by that link. Says nothing of who has an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request

from webapp import identity, new_passwords
from webapp.context import services
from webapp.errors import UserError
from webapp.messages import Message, tell
from webapp.views.login import address, page

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("forgotten", __name__)


@blueprint.get("/login/forgot")
def form() -> Response:
    """The form that asks for a link."""
    return page("login/forgot.html", asked=False)


@blueprint.post("/login/forgot")
@identity.needs(identity.BROWSER)
def ask() -> Response:
    """Have a link mailed to whoever that is, if there is anybody."""
    try:
        new_passwords.ask(services(), request.form.get("name", ""), address())
    except UserError as error:
        return page("login/forgot.html", error, asked=False)
    return page("login/forgot.html", asked=True)


@blueprint.get("/login/reset/<word>")
def new_form(word: str) -> Response:
    """The form for the new password."""
    try:
        account = new_passwords.whose(services(), word)
    except UserError as error:
        return _page(word, error=error)
    return _page(word, name=account.name)


@blueprint.post("/login/reset/<word>")
@identity.needs(identity.BROWSER)
def set_new(word: str) -> AnyResponse:
    """Set it, and log out everywhere; it is tried by logging in."""
    name = ""
    try:
        name = new_passwords.whose(services(), word).name
        new_passwords.set_forgotten(services(), word, request.form.get("password", ""))
    except UserError as error:
        return _page(word, name=name if error.status != 410 else "", error=error)  # noqa: PLR2004 - a link that is over
    tell(Message("Your password is changed, and you are logged out everywhere. API tokens still work."))
    return redirect("/login", 303)


def _page(word: str, *, name: str = "", error: UserError | None = None) -> Response:
    made = page("login/reset.html", error, word=word, name=name)
    made.headers["Referrer-Policy"] = "no-referrer"  # the address is as good as the password
    return made
