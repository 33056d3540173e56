"""The list of baskets, and what their owner does with each as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, render_template, request

from webapp import basket_keys, basket_names, baskets, merging, shelf, working
from webapp.context import services
from webapp.identity import BROWSER, needs, owner, owner_or_new
from webapp.messages import Message, tell
from webapp.shelf_page import LONGEST_SEARCH, MOST_LISTED, shelf_page
from webapp.urls import local

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("baskets", __name__)

LIST = "/baskets"


@blueprint.get(LIST)
def index() -> str:
    """The baskets of whoever asks, and those that can be brought back."""
    page = shelf_page(services(), owner(), request.args.get("q", ""), working.opened_last())
    longest = {"name": basket_names.LONGEST, "q": LONGEST_SEARCH}
    return render_template("baskets/page.html", tab="basket", page=page, most=MOST_LISTED, longest=longest)


@blueprint.post(LIST)
def new() -> AnyResponse:
    """A new basket, which is the one to work with from now on."""
    name = basket_names.clean(request.form.get("name", ""))
    basket_id = baskets.create(services(), owner_or_new(), name)
    working.work_in(basket_id)
    tell(Message("This is your new basket. What you add goes into it from now on."))
    return redirect(f"/baskets/{basket_id}", 303)


@blueprint.post("/baskets/merge")
def merge() -> AnyResponse:
    """Make one new basket of several; Undo deletes it."""
    form = request.form
    made = merging.merge(services(), form.getlist("basket"), owner_or_new(), form.get("name", ""))
    working.work_in(made.basket_id)
    base = f"/baskets/{made.basket_id}"
    tell(Message(made.sentence, f"{base}/delete", None, LIST, (("Open it", base),)))
    return redirect(LIST, 303)


@blueprint.post("/baskets/<basket_id>/rename")
def rename(basket_id: str) -> AnyResponse:
    """Call it something else."""
    title = shelf.rename(services(), basket_id, owner(), request.form.get("name", ""))
    tell(Message(f"The basket is called “{title}” now."))
    return _back(f"/baskets/{basket_id}")


@blueprint.post("/baskets/<basket_id>/duplicate")
def duplicate(basket_id: str) -> AnyResponse:
    """A second basket like this one, to work with from now on."""
    new_id = shelf.duplicate(services(), basket_id, owner_or_new())
    working.work_in(new_id)
    tell(Message("This is the copy. Changes here do not touch the other basket."))
    return redirect(f"/baskets/{new_id}", 303)


@blueprint.post("/baskets/<basket_id>/lock")
def lock(basket_id: str) -> AnyResponse:
    """Keep it from being changed by mistake."""
    title = shelf.lock(services(), basket_id, owner())
    tell(Message(f"Locked “{title}”: its files and ticks stay as they are."))
    return _back(f"/baskets/{basket_id}")


@blueprint.post("/baskets/<basket_id>/unlock")
def unlock(basket_id: str) -> AnyResponse:
    """Let it be changed again."""
    title = shelf.unlock(services(), basket_id, owner())
    tell(Message(f"Unlocked “{title}”."))
    return _back(f"/baskets/{basket_id}")


@blueprint.post("/baskets/<basket_id>/delete")
def delete(basket_id: str) -> AnyResponse:
    """Delete it; Undo brings it back, and so does the list for 30 days."""
    title = shelf.delete(services(), basket_id, owner())
    tell(Message(f"Deleted “{title}”.", f"/baskets/{basket_id}/restore", None, LIST))
    return redirect(LIST, 303)


@blueprint.post("/baskets/<basket_id>/restore")
def restore(basket_id: str) -> AnyResponse:
    """Bring a deleted basket back."""
    title = shelf.restore(services(), basket_id, owner())
    tell(Message(f"“{title}” is back.", links=(("Open it", f"/baskets/{basket_id}"),)))
    return redirect(LIST, 303)


@blueprint.get("/baskets/<basket_id>/key")
@needs(BROWSER)
def key(basket_id: str) -> str:
    """Whether the basket has a key, and how to make one."""
    return _key_page(basket_id, "")


@blueprint.post("/baskets/<basket_id>/key")
@needs(BROWSER)
def new_key(basket_id: str) -> Response:
    """A new key, shown in this answer and never again."""
    word = basket_keys.new(services(), basket_id, owner())
    response = make_response(_key_page(basket_id, word))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/baskets/<basket_id>/key/revoke")
@needs(BROWSER)
def revoke_key(basket_id: str) -> AnyResponse:
    """Take the key back."""
    basket_keys.revoke(services(), basket_id, owner())
    tell(Message("The key was taken back: nobody can change this basket with it any more."))
    return redirect(f"/baskets/{basket_id}/key", 303)


def _key_page(basket_id: str, word: str) -> str:
    here = services()
    row = shelf.own(here, basket_id, owner())
    return render_template(
        "baskets/key.html",
        tab="basket",
        row=row,
        word=word,
        observation=shelf.an_observation(here, basket_id) if word else "",
        has_key=basket_keys.exists(here, basket_id),
        server=here.settings.base_url,
    )


def _back(otherwise: str) -> AnyResponse:
    """To the page that the form was sent from, as its address was."""
    return redirect(local(request.form.get("back", ""), otherwise), 303)
