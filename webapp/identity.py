"""Who asks: a browser session, somebody who is logged in, a token's owner, or the holder of a basket's key.

Settled once, before each request. A request that shows ``Authorization: Bearer`` (or MAST's ``token``) is that token's
alone, whatever cookies come with it; one whose token is no good is refused, and never taken for an anonymous one.
MAST's clients show a token in a cookie: that is one at the addresses made for them (``mast_cookie``), and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from flask import current_app, has_request_context, request, session

from webapp import logins, moving_in, owners, secret_words, tokens
from webapp.access import ANYBODY, Who, who_of
from webapp.context import services
from webapp.csrf import SAFE_METHODS
from webapp.db import reading
from webapp.errors import UserError
from webapp.messages import Message, tell
from webapp.queries import accounts as query

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from webapp.queries.accounts import AccountRow

LOGIN_COOKIE = "skybasket_login"  # apart from the session's: a late answer to an older request must not undo a login
SCHEMES = {"bearer", "token"}
OF_PROXIES = {"basic", "digest", "negotiate", "ntlm"}  # a proxy in front of the server may have asked for these
BROWSER = "browser"  # a scope that no token has
ANY_TOKEN = ""  # a scope that every token has
MAST_COOKIE = "mast_token"  # set by the client itself, never by this server
F = TypeVar("F", bound="Callable[..., object]")


@dataclass(frozen=True)
class Asker:
    """``owner`` is what their baskets are kept under; None: nothing is kept for them yet.

    ``scopes`` bound what a token may do; None: a browser, which is bounded by nothing.
    """

    owner: str | None = None
    account: AccountRow | None = None
    login: str | None = None  # the id of the browser's login
    scopes: frozenset[str] | None = None


@dataclass
class _State:
    """What is known of one request. ``new_login``: what the login's cookie is to hold; empty: nothing any more."""

    asker: Asker = field(default_factory=Asker)
    who: Who | None = None
    new_login: str | None = None


def _state() -> _State:
    """Of this request. Kept in its own environment, as Flask's ``g`` is another request's where contexts are nested."""
    if not has_request_context():
        return _State()
    found: _State = request.environ.setdefault("skybasket.identity", _State())
    return found


def needs(scope: str) -> Callable[[F], F]:
    """Mark a view with the scope that a token needs for it, where its method does not say it: see ``settle``."""

    def mark(view: F) -> F:
        view.scope = scope  # type: ignore[attr-defined]  # read below
        return view

    return mark


def mast_cookie(*, forgiving: bool = False) -> Callable[[F], F]:
    """Mark a view for MAST's clients, which show their token in a cookie.

    ``forgiving``: one that is no good is taken for none there.
    """

    def mark(view: F) -> F:
        view.mast_cookie = "forgiving" if forgiving else "strict"  # type: ignore[attr-defined]  # read below
        return view

    return mark


def settle() -> None:
    """Before each request: who asks, and whether they may ask this. Raises UserError 401, 403."""
    if request.endpoint == "static":
        return
    shown = request.headers.get("Authorization")
    kind = shown.split(maxsplit=1)[0].lower() if shown and shown.strip() else ""
    view = current_app.view_functions.get(request.endpoint or "")
    if shown is None or kind in OF_PROXIES:
        by_cookie = _of_mast_cookie(getattr(view, "mast_cookie", ""))
        if by_cookie is None:
            _state().asker = _of_browser()
            return
        _state().asker = found = by_cookie
    else:
        _state().asker = found = _of_word(shown, kind)
    scope = getattr(view, "scope", tokens.READ if request.method in SAFE_METHODS else tokens.WRITE)
    if found.scopes is not None and scope != ANY_TOKEN and scope not in found.scopes:
        if scope == BROWSER:
            raise UserError(403, "This is for people, so a token cannot do it.", "Log in with a browser.")
        raise UserError(403, f"This token is not for {scope}.", f"Make one that may {scope} on the page /tokens.")


def asker() -> Asker:
    """Who asks."""
    return _state().asker


def owner() -> str | None:
    """What is kept for whoever asks is kept under this; None if nothing is yet."""
    return asker().owner


def owner_or_new() -> str:
    """The same; a new session begins here where there is none, since something is about to be kept for it."""
    found = asker()
    if found.owner is not None:
        return found.owner
    new = owners.new_session()
    session["owner"] = new
    session.permanent = True
    _state().asker = Asker(owner=new)
    return new


def who() -> Who:
    """What whoever asks may read; asked of the database once in a request, and only where it matters."""
    state = _state()
    if state.who is None:
        state.who = _who(state.asker)
    return state.who


def _who(found: Asker) -> Who:
    if found.account is None:
        return ANYBODY
    if found.scopes is not None and tokens.DOWNLOAD not in found.scopes:
        return Who(known=True)  # exclusive files are for tokens that say so; pages show such a one what all see
    return who_of(services().engine, found.account.id)


def account() -> AccountRow:
    """The account of whoever asks. Raises UserError 401 for a stranger."""
    found = asker().account
    if found is None:
        raise UserError(401, "Log in to see this page.", "Then come back to it.")
    return found


def let_in(word: str) -> None:
    """Have the answer to this request set the cookie of a login, under a session that is new."""
    session.clear()
    _state().new_login = word


def let_out() -> None:
    """Have the answer leave nothing in the browser."""
    session.clear()
    _state().new_login = ""


def add_cookie(response: Response) -> Response:
    """After each request."""
    word = _state().new_login
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    if word:
        age = logins.MOST_DAYS * logins.DAY
        response.set_cookie(LOGIN_COOKIE, word, max_age=age, httponly=True, samesite="Lax", secure=secure)
        response.headers["Clear-Site-Data"] = '"cache"'  # Back must not show the pages of a stranger
    elif word == "":
        response.delete_cookie(LOGIN_COOKIE, httponly=True, samesite="Lax", secure=secure)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    if asker().account is not None and (response.mimetype == "text/html" or response.is_json):
        response.headers["Cache-Control"] = "private, no-store"  # nothing stays on the disk of a shared computer
    return response


def _of_mast_cookie(kind: str) -> Asker | None:
    """None where there is no such cookie, or none of ours: a browser at an archive's may have one of MAST's own."""
    word = request.cookies.get(MAST_COOKIE, "")
    if not kind or not word.startswith(secret_words.TOKEN):
        return None
    try:
        return _of_token(word)
    except UserError:
        if kind == "forgiving":
            return Asker()
        raise


def _of_browser() -> Asker:
    word = request.cookies.get(LOGIN_COOKIE)
    found = logins.find(services(), word) if word else None
    if found is None:
        kept: str | None = session.get("owner")
        return Asker(owner=kept)
    login, person = found
    owner_ = owners.account(person.id)
    if "owner" in session:  # what was begun before logging in, or in another tab meanwhile
        brought = moving_in.move(services(), session.pop("owner"), owner_)
        if brought.sentence:
            tell(Message(brought.sentence))
    return Asker(owner_, person, login.id)


def _of_word(shown: str, kind: str) -> Asker:
    parts = shown.split()
    if kind not in SCHEMES or len(parts) != 2:  # noqa: PLR2004 - the scheme and the token
        raise UserError(
            401,
            "The Authorization header has another form than this server takes.",
            "Send Authorization: Bearer TOKEN.",
        )
    word = parts[1]
    if word.startswith(secret_words.KEY):
        with reading(services().engine) as db:
            basket_id = query.basket_of_key(db, secret_words.digest(word))
        if basket_id is None:
            raise UserError(401, "This basket key is not known here.", "It may have been taken back.")
        scopes = frozenset({tokens.READ, tokens.WRITE, tokens.DOWNLOAD})
        return Asker(owner=owners.key_holder(basket_id), scopes=scopes)
    return _of_token(word)


def _of_token(word: str) -> Asker:
    token, person = tokens.find(services(), word)
    return Asker(owners.account(person.id), person, scopes=frozenset(token.scopes.split()))
