"""The account page: who one is, where one is logged in, what is kept, and the end of it."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request, send_file

from webapp import account_data, account_end, clock, identity, logins, new_passwords, user_agents
from webapp.context import services
from webapp.errors import UserError
from webapp.messages import Message, tell
from webapp.template_filters import date
from webapp.views.login import let_in, page, typed

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("account", __name__)

IN_MEMORY = 1_000_000  # bytes of an export before it goes to the disk


@blueprint.get("/account")
@identity.needs(identity.BROWSER)
def show() -> Response:
    """The page."""
    return _page()


@blueprint.post("/account/email")
@identity.needs(identity.BROWSER)
def change_email() -> AnyResponse:
    """Another mail address, or none."""
    account, email = identity.account(), request.form.get("email", "")
    try:
        new_passwords.change_email(services(), account, email, request.form.get("password", ""))
    except UserError as error:
        return _page(error, at="email", email=typed(email))
    tell(Message("Your mail address is saved." if email.strip() else "Your mail address is gone."))
    return redirect("/account", 303)


@blueprint.post("/account/password")
@identity.needs(identity.BROWSER)
def change_password() -> AnyResponse:
    """Another password; this browser alone stays logged in."""
    account, sent = identity.account(), request.form
    try:
        new_passwords.change(services(), account, sent.get("old", ""), sent.get("new", ""))
    except UserError as error:
        return _page(error, at="password")
    let_in(account)
    tell(Message("Your password is changed. You are logged out everywhere else."))
    return redirect("/account", 303)


@blueprint.post("/account/logout")
@identity.needs(identity.BROWSER)
def log_out_one() -> AnyResponse:
    """Log out one browser."""
    account, login = identity.account(), request.form.get("login", "")
    ended = logins.end_one(services(), account.id, login)
    if ended and login == identity.asker().login:
        identity.let_out()
        return redirect("/login", 303)
    tell(Message("That browser is logged out." if ended else "That browser was logged out already."))
    return redirect("/account", 303)


@blueprint.post("/account/logout-everywhere")
@identity.needs(identity.BROWSER)
def log_out_everywhere() -> AnyResponse:
    """Log out everywhere, here too."""
    logins.end_all(services(), identity.account().id)
    identity.let_out()
    tell(Message("You are logged out everywhere. API tokens still work; revoke them on their own page."))
    return redirect("/login", 303)


@blueprint.get("/account/export")
@identity.needs(identity.BROWSER)
def export() -> Response:
    """All that is kept, as a zip."""
    account = identity.account()
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the answer
    try:
        account_data.export(services(), account, file)
        file.seek(0)
        name = f"skybasket_{account.name}_{date(clock.now())}.zip"
        answer = send_file(file, "application/zip", as_attachment=True, download_name=name)
    except BaseException:
        file.close()
        raise
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/account/delete")
@identity.needs(identity.BROWSER)
def end_form() -> Response:
    """What goes with the account."""
    return _end_page()


@blueprint.post("/account/delete")
@identity.needs(identity.BROWSER)
def end() -> AnyResponse:
    """The end of the account."""
    account = identity.account()
    try:
        account_end.end(services(), account, request.form.get("proof", ""))
    except UserError as error:
        return _end_page(error)
    identity.let_out()
    tell(Message(f"The account {account.name} is deleted, and you are logged out."))
    return redirect("/", 303)


def _page(error: UserError | None = None, *, at: str = "", email: str | None = None) -> Response:
    """``at`` is the form that the error is about."""
    here, account = services(), identity.account()
    return page(
        "account/page.html",
        error,
        at=at,
        account=account,
        email=account.email if email is None else email,
        has_password=account_end.has_password(here, account.id),
        provider=here.settings.oidc_name,
        logins=logins.of_account(here, account.id),
        this=identity.asker().login,
        browser=user_agents.browser,
    )


def _end_page(error: UserError | None = None) -> Response:
    account = identity.account()
    has_password = account_end.has_password(services(), account.id)
    return page("account/delete.html", error, account=account, has_password=has_password)
