"""A delivery's page and its artefacts, and the history of a session's deliveries."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, send_from_directory

from jobs.errors import JobError
from webapp import deliveries, delivery_files, htmx
from webapp.context import owner, owner_or_new, services
from webapp.errors import UserError
from webapp.urls import address, parse, whole_number

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from jobs.manifest import Entry
    from jobs.results import Finding

blueprint = Blueprint("deliveries", __name__)

SHOWN_FILES = 200
SHOWN_LINES = 60


@blueprint.post("/baskets/<basket_id>/deliveries")
def create(basket_id: str) -> AnyResponse | tuple[str, int]:
    """Start a delivery of what is selected; a page asks first if there is something to decide."""
    here = services()
    form = request.form
    back = address(f"/baskets/{basket_id}", parse(form.get("back", "")))
    made = deliveries.create(
        here,
        basket_id,
        owner_or_new(),
        method=form.get("method", ""),
        format=form.get("format", ""),
        drop=form.get("on_problem") == "drop",
        expect=whole_number(form.get("expect", "")),
    )
    if isinstance(made, deliveries.NeedsDecision):
        return render_template(
            "deliveries/check.html",
            tab="basket",
            decision=made,
            shown=made.excluded[:SHOWN_FILES],
            basket_id=basket_id,
            back=back,
            form={**{name: form.get(name, "") for name in ("back", "method", "format")}, "expect": made.files},
        ), 409
    return redirect(f"/deliveries/{made}", 303)


@blueprint.get("/deliveries/<delivery_id>")
def show(delivery_id: str) -> Response:
    """How a delivery stands; the page asks again by itself until the state is final."""
    here = services()
    found = deliveries.status(here, delivery_id)
    entries: list[Entry] = []
    problems: list[Finding] = []
    total = 0
    with suppress(JobError):  # where one is damaged the state says so, or the rest is still of use
        entries = list(itertools.islice(delivery_files.manifest_entries(here, delivery_id), SHOWN_FILES))
    with suppress(JobError):
        problems, total = delivery_files.problems(here, delivery_id, SHOWN_FILES)
    artefact = found.artefacts[0] if found.artefacts else None
    preview: list[str] = []
    if artefact:
        script = delivery_files.folder(here, delivery_id) / artefact.name
        with suppress(OSError, UnicodeDecodeError), script.open(encoding="utf-8") as lines:
            preview = [line.rstrip("\n") for line in itertools.islice(lines, SHOWN_LINES)]
    return htmx.page(
        "deliveries/page.html",
        {"delivery": "deliveries/_delivery.html"},
        tab="history",
        found=found,
        entries=entries,
        problems=problems,
        problem_count=total,
        artefact=artefact,
        preview=preview,
        url=f"{here.settings.base_url}/deliveries/{delivery_id}",
    )


@blueprint.get("/deliveries/<delivery_id>/<name>")
def artefact(delivery_id: str, name: str) -> Response:
    """One artefact of a delivery, with ranges."""
    here = services()
    found = deliveries.status(here, delivery_id)
    known = next((each for each in found.artefacts if each.name == name), None)
    if known is None:
        raise UserError(404, f"This delivery has no file {name[:100]!r}.", "Its page lists what it has.")
    response = send_from_directory(
        delivery_files.folder(here, delivery_id), known.name, as_attachment=True, etag=known.sha256, max_age=0
    )
    response.headers["Content-Type"] = "application/x-sh; charset=utf-8"
    return response


@blueprint.get("/history")
def history() -> str:
    """The session's deliveries, newest first."""
    return render_template("deliveries/history.html", tab="history", rows=deliveries.history(services(), owner()))
