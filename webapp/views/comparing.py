"""Two baskets side by side: what only one holds, what both do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request

from webapp import comparing, working
from webapp.context import services
from webapp.db import reading
from webapp.identity import owner, owner_or_new
from webapp.inventory.filters import Filters
from webapp.messages import Message, tell
from webapp.queries import shelf as shelf_query
from webapp.urls import PageState, address

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("comparing", __name__)

MOST_OFFERED = 100
NEW = "new"  # a basket that a group can be put into


@blueprint.get("/baskets/compare")
def compare() -> AnyResponse | str:
    """The comparison; as long as a basket is missing, a list to choose it from and room for an address."""
    here, asked = services(), {name: request.args.get(name, "").strip() for name in ("a", "b")}
    found = {name: comparing.basket_id(text) for name, text in asked.items() if text}
    if found != {name: text for name, text in asked.items() if text}:
        return redirect(_url(**found), 302)
    if len(found) < len(asked):
        return _choose(found)
    return render_template(
        "baskets/compare.html", tab="basket", found=comparing.compare(here, found["a"], found["b"], owner())
    )


@blueprint.post("/baskets/compare/select")
def select() -> AnyResponse:
    """Make a group the selection of one of the baskets, or put it into a new one."""
    form, here = request.form, services()
    a, b = (comparing.basket_id(form.get(name, "")) for name in ("a", "b"))
    group, into = comparing.Chosen(a, b, form.get("group", "")), form.get("into", "")
    if into == NEW:
        made = comparing.put_into_new(here, group, owner_or_new())
        working.work_in(made.basket_id)
        tell(Message(made.sentence, links=(("Back to the comparison", _url(a=a, b=b)),)))
        return redirect(address(f"/baskets/{made.basket_id}", PageState(Filters(mrp=False))), 303)
    done = comparing.select(here, group, into, owner())
    if done.step:
        tell(Message(done.sentence, f"/baskets/{into}/undo", done.step, _url(a=a, b=b)))
    return redirect(address(f"/baskets/{into}", PageState(Filters(mrp=False, selected=True))), 303)


def _choose(found: dict[str, str]) -> str:
    here, mine = services(), owner()
    missing, there = ("b", "a") if "a" in found else ("a", "b")
    known = found.get(there)
    with reading(here.engine) as session:
        rows = shelf_query.others(session, mine, known or "", MOST_OFFERED) if mine is not None else []
    return render_template(
        "baskets/compare_with.html",
        tab="basket",
        known=comparing.side(here, known, mine) if known else None,
        there=there,
        missing=missing,
        rows=[(row, _url(**found, **{missing: row.id})) for row in rows],
    )


def _url(**ids: str) -> str:
    return f"/baskets/compare?{urlencode(sorted(ids.items()))}" if ids else "/baskets/compare"
