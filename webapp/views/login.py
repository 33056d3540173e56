"""Logging in with a password or at a provider, signing up, and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, render_template, request, session

from webapp import accounts, identity, logins, moving_in, oidc, oidc_accounts, owners, sign_up
from webapp.context import services
from webapp.errors import UserError
from webapp.messages import Message, tell
from webapp.throttle import TooMany
from webapp.urls import local

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from webapp.queries.accounts import AccountRow

blueprint = Blueprint("login", __name__)

KEPT = ("mrp_off", "speed")  # what a session likes, which is nobody's secret
AFTER = "after_login"  # in the session, while somebody is away at the provider


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
        account = logins.with_password(services(), name, sent.get("password", ""), address())
    except UserError as error:
        return _form(after, name=name, error=error)
    welcome(account)
    return redirect(after, 303)


@blueprint.get("/login/oidc")
@identity.needs(identity.BROWSER)
def to_provider() -> AnyResponse:
    """Off to the provider."""
    after = local(request.args.get("next", ""), "/")
    try:
        there = oidc.begin()
    except UserError as error:
        return _form(after, error=error)
    session[AFTER] = after
    return not_kept(there)


@blueprint.get("/login/oidc/done")
@identity.needs(identity.BROWSER)
def from_provider() -> AnyResponse:
    """Back from the provider."""
    after = local(session.get(AFTER, ""), "/")
    try:
        account = oidc_accounts.account_of(services(), *oidc.claims())
    except UserError as error:
        return _form(after, error=error)
    welcome(account)
    return not_kept(redirect(after, 303))


@blueprint.get("/signup")
def sign_up_form() -> AnyResponse:
    """The form for a new account, where the archive allows it."""
    sign_up.must_be_open(services())
    after = local(request.args.get("next", ""), "/")
    if identity.asker().account is not None:
        return redirect(after, 302)
    return page("login/signup.html", after=after, name="", email="")


@blueprint.post("/signup")
@identity.needs(identity.BROWSER)
def make_account() -> AnyResponse:
    """Make an account, and log in as it."""
    sign_up.must_be_open(services())
    sent, here = request.form, services()
    after, name, email = local(sent.get("next", ""), "/"), sent.get("name", ""), sent.get("email", "")
    try:
        sign_up.sign_up(here, name, sent.get("password", ""), email=email, address=address())
        account = accounts.called(here, name)
    except UserError as error:
        return page("login/signup.html", error, after=after, name=typed(name), email=typed(email))
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
    let_in(account)
    tell(Message(f"Logged in as {account.name}. {brought}".strip()))


def let_in(account: AccountRow) -> None:
    """Give this browser a login, and a session that is new but for what it likes."""
    liked = {name: session[name] for name in KEPT if name in session}
    identity.let_in(logins.begin(services(), account.id, request.headers.get("User-Agent", "")))
    session.update(liked)


def address() -> str:
    """Where the client is; behind proxies, see the setting ``proxies``."""
    return request.remote_addr or ""


def typed(text: str) -> str:
    """What was typed, to be shown again."""
    return text if text.isprintable() else ""


def page(template: str, error: UserError | None = None, **context: object) -> Response:
    """A page of accounts, which no browser keeps, with what is wrong."""
    made = make_response(render_template(template, error=error, **context), error.status if error else 200)
    if isinstance(error, TooMany):
        made.headers["Retry-After"] = str(error.retry_after)
    not_kept(made)
    return made


def not_kept(response: AnyResponse) -> AnyResponse:
    """No browser and nobody between keeps this."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _form(after: str, *, name: str = "", error: UserError | None = None) -> Response:
    settings = services().settings
    provider = settings.oidc_name if settings.oidc_issuer else ""
    return page("login/page.html", error, after=after, name=typed(name), provider=provider, signup=settings.signup)
