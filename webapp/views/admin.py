"""Administration: for those whom the archive made administrators, in a browser. Each change is logged by name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request

from webapp import admin, admin_page, admin_rights, identity
from webapp.context import services
from webapp.errors import UserError
from webapp.messages import Message, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

PEOPLE, PROGRAMMES, SHARES = "/admin/people", "/admin/programmes", "/admin/shares"


@blueprint.get("")
@identity.needs(identity.BROWSER)
def overview() -> str:
    """How the queue stands, and what is used on disk."""
    _by()
    here = services()
    return render_template("admin/overview.html", queue=admin_page.queue(here), rooms=admin_page.storage(here))


@blueprint.get("/people")
@identity.needs(identity.BROWSER)
def people() -> str:
    """Accounts."""
    _by()
    find = admin_page.plain(request.args.get("find", ""))
    rows = admin_page.people(services(), find)
    return render_template("admin/people.html", rows=rows, find=find, most=admin_page.MOST_PEOPLE)


@blueprint.post("/people/<int:account_id>/<any(disable, enable, promote, demote):change>")
@identity.needs(identity.BROWSER)
def change_person(account_id: int, change: str) -> AnyResponse:
    """Switch an account off or on, make it an administrator or not."""
    by, here = _by(), services()
    made: dict[str, tuple[Callable[[], str], str, str]] = {
        "disable": (
            lambda: admin.disable(here, account_id, by, keep_one=True),
            "Disabled {}: logged out everywhere, and all tokens revoked.",
            "enable",
        ),
        "enable": (lambda: admin.enable(here, account_id, by), "{} can log in again.", ""),
        "promote": (
            lambda: admin.set_admin(here, account_id, by, on=True),
            "{} is an administrator now.",
            "demote",
        ),
        "demote": (
            lambda: admin.set_admin(here, account_id, by, on=False, keep_one=True),
            "{} is no administrator any more.",
            "promote",
        ),
    }
    do, sentence, undo = made[change]
    name = do()
    undo_url = f"{PEOPLE}/{account_id}/{undo}" if undo else ""
    tell(Message(sentence.format(name), undo_url, None, PEOPLE))
    return redirect(PEOPLE, 303)


@blueprint.get("/programmes")
@identity.needs(identity.BROWSER)
def programmes_and_teams() -> str:
    """Programmes with exclusive files, who may read them, and teams."""
    _by()
    find = admin_page.plain(request.args.get("find", ""))
    return render_template(
        "admin/programmes.html",
        page=admin_page.programmes(services(), find),
        teams=admin_page.teams(services()),
        find=find,
        limits=admin_page,
    )


@blueprint.post("/programmes/<any(allow, deny):change>")
@identity.needs(identity.BROWSER)
def change_reader(change: str) -> AnyResponse:
    """Let somebody read a programme early, or not any more."""
    by, sent = _by(), request.values  # an Undo has no fields of its own
    fields = {name: sent.get(name, "") for name in ("mission", "programme", "who")}
    do = admin_rights.allow if change == "allow" else admin_rights.deny
    done = do(services(), **fields, by=by)
    undo = f"{PROGRAMMES}/allow?{urlencode(fields)}" if done.done and change == "deny" else ""
    tell(Message(f"{done.sentence} {done.warning}".strip(), undo, None, PROGRAMMES))
    return redirect(PROGRAMMES, 303)


@blueprint.post("/teams/<any(new, remove):change>")
@identity.needs(identity.BROWSER)
def change_team(change: str) -> AnyResponse:
    """Make or remove a team."""
    do = admin_rights.new_team if change == "new" else admin_rights.remove_team
    tell(Message(do(services(), request.form.get("team", ""), _by()).sentence))
    return redirect(PROGRAMMES, 303)


@blueprint.post("/teams/<any(add, take):change>")
@identity.needs(identity.BROWSER)
def change_member(change: str) -> AnyResponse:
    """Put somebody into a team, or take somebody out."""
    by, sent = _by(), request.values
    fields = {"team": sent.get("team", ""), "name": sent.get("name", "")}
    do = admin_rights.add_to_team if change == "add" else admin_rights.take_from_team
    done = do(services(), **fields, by=by)
    undo = f"/admin/teams/add?{urlencode(fields)}" if done.done and change == "take" else ""
    tell(Message(done.sentence, undo, None, PROGRAMMES))
    return redirect(PROGRAMMES, 303)


@blueprint.get("/deliveries")
@identity.needs(identity.BROWSER)
def deliveries() -> str:
    """The newest downloads of all users."""
    _by()
    rows = [(row, admin_page.whose(row)) for row in admin_page.deliveries(services())]
    return render_template("admin/deliveries.html", rows=rows, newest=admin_page.NEWEST)


@blueprint.get("/shares")
@identity.needs(identity.BROWSER)
def shares() -> str:
    """The newest shares of all users."""
    _by()
    rows = [(row, admin_page.whose(row)) for row in admin_page.shares(services())]
    return render_template("admin/shares.html", rows=rows, newest=admin_page.NEWEST)


@blueprint.post("/shares/<share_id>/<any(revoke, restore):change>")
@identity.needs(identity.BROWSER)
def change_share(share_id: str, change: str) -> AnyResponse:
    """Close somebody's share, or open it again."""
    closed = change == "revoke"
    admin.set_share_closed(services(), share_id, _by(), closed=closed)
    sentence = "Revoked: the link shows nothing any more." if closed else "The link can be opened again."
    tell(Message(sentence, f"{SHARES}/{share_id}/restore" if closed else "", None, SHARES))
    return redirect(SHARES, 303)


def _by() -> str:
    """The administrator who asks. Raises UserError 401, 403."""
    found = identity.account()
    if not found.admin:
        raise UserError(403, "This page is for the archive's administrators.", "Ask one of them to make you one.")
    return found.name
