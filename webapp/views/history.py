"""The Download History: what this session has downloaded, with search, labels, and delete with Undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request

from webapp import history, htmx
from webapp.context import services
from webapp.identity import owner
from webapp.messages import Message, tell
from webapp.methods import title

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("history", __name__)

FRAGMENTS = {"history": "history/_history.html"}


@blueprint.get("/history")
def show() -> Response:
    """One page of the session's deliveries, or the fragment of it that a swap wants."""
    state = history.parse(request.query_string.decode(errors="replace"))
    page = history.history(services(), owner(), state)
    url = page.state.url()
    is_new = htmx.current_query() != url.partition("?")[2]
    return htmx.page(
        "history/page.html",
        FRAGMENTS,
        push=url if is_new else None,
        tab="history",
        page=page,
        states=history.STATES,
        methods=history.METHODS,
        title=title,
        longest=(history.LONGEST_SEARCH, history.LONGEST_LABEL),
    )


@blueprint.post("/deliveries/<delivery_id>/label")
def label(delivery_id: str) -> AnyResponse:
    """Give a delivery a label."""
    back = _back()
    history.label(services(), delivery_id, owner(), request.form.get("label", ""))
    return redirect(back, 303)


@blueprint.post("/deliveries/<delivery_id>/delete")
def delete(delivery_id: str) -> AnyResponse:
    """Take a delivery out of the history; Undo brings it back."""
    back = _back()
    name = history.delete(services(), delivery_id, owner())
    tell(Message(f"Deleted {name} from the history.", f"/deliveries/{delivery_id}/restore", None, back))
    return redirect(back, 303)


@blueprint.post("/deliveries/<delivery_id>/restore")
def restore(delivery_id: str) -> AnyResponse:
    """Undo a deletion."""
    back = _back()
    name = history.restore(services(), delivery_id, owner())
    tell(Message(f"{name} is back in the history."))
    return redirect(back, 303)


def _back() -> str:
    """The history as it was when the form was sent. An Undo sends the whole address, the page its query."""
    return history.parse(request.form.get("back", "").removeprefix("/history").removeprefix("?")).url()
