"""The Observations page: search, mark, add; a pasted list; and what another site's search page hands over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request

from webapp import htmx, observations
from webapp.context import services
from webapp.errors import UserError
from webapp.identity import owner, owner_or_new
from webapp.messages import Message, tell
from webapp.observation_names import split_names
from webapp.observation_query import parse, parse_match
from webapp.observations_page import observations_page, search_form
from webapp.working import name_among_several, opened_last

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("observations", __name__)

FRAGMENTS = {"observations": "observations/_observations.html"}
MOST_BYTES = 8 * 10**6  # of an uploaded list: 100,000 ids of 80 characters
_ID = re.compile(r"[0-9]{1,18}")


@blueprint.get("/")
def index() -> Response:
    """The page of one state, or the fragment that a swap wants. What cannot be understood is said above the form."""
    query = request.query_string.decode()
    try:
        state = parse(query)
    except UserError as problem:
        if htmx.target():
            raise
        form = search_form(query, problem)
        return htmx.page("observations/page.html", {}, status=problem.status, tab="observations", page=None, form=form)
    page = observations_page(services(), state, owner(), opened_last())
    is_new = htmx.current_query() not in {query, state.query_string()}
    return htmx.page(
        "observations/page.html",
        FRAGMENTS,
        push=state.url() if is_new else None,
        tab="observations",
        page=page,
        form=search_form(state.query_string()),
    )


@blueprint.get("/observations/list")
def list_form() -> str:
    """A form for a list of observation ids."""
    return render_template("observations/list.html", tab="observations", review=None, text="")


@blueprint.post("/observations/list")
def list_answer() -> str:
    """What of a pasted or uploaded list is here. Changes nothing."""
    text = request.form.get("ids", "")
    upload = request.files.get("file")
    if upload:
        with upload.stream:
            text = f"{text}\n{_read(upload.stream.read(MOST_BYTES + 1))}"
    names = split_names(text)
    if not names:
        raise UserError(400, "The list is empty.", "Paste at least one observation id, or choose a file that has some.")
    review = observations.review(services(), names, owner(), opened_last())
    return render_template(
        "observations/list.html", tab="observations", review=review, text=request.form.get("ids", "")
    )


@blueprint.get("/basket/add")
def hand_over() -> str:
    """What the ``obs=`` of another site's link would add. Changes nothing."""
    names = [name.strip() for name in request.args.getlist("obs")]
    if not any(names):
        raise UserError(
            400, "This link names no observation.", "It should look like /basket/add?obs=JWST:jw02733-o001_t001_nircam."
        )
    review = observations.review(services(), names, owner(), opened_last())
    return render_template("observations/add.html", tab="observations", review=review)


@blueprint.post("/basket/add")
def add() -> AnyResponse:
    """Add what is marked (``id``, ``obs``), or all that a query matches (``match``), to the session's basket."""
    here = services()
    form = request.form
    back = parse(form["back"]).url() if "back" in form else "/basket"
    if "match" in form:
        ids = observations.matching_ids(here, parse_match(form["match"]))
    else:
        words = [word for value in form.getlist("id") for word in value.split()]
        if not all(_ID.fullmatch(word) for word in words):
            raise UserError(
                400, "id can hold whole numbers only.", "Name observations by obs, as in obs=HST:u2440405t."
            )
        ids = observations.named_ids(here, [int(word) for word in words], form.getlist("obs"))
    basket_id, added = observations.add(here, owner_or_new(), ids, opened_last())
    links = () if back == "/basket" else (("Open the basket", "/basket"),)
    undo_url = f"/baskets/{basket_id}/undo" if added.step else ""
    tell(Message(observations.added_sentence(added, name_among_several()), undo_url, added.step, back, links))
    return redirect(back, 303)


def _read(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise UserError(413, f"This file is larger than {MOST_BYTES // 10**6} MB.", "Split it into smaller lists.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(400, "This file is not text.", "Upload a plain text file with observation ids.") from error
