"""The addresses that MAST's clients call, so that they work unchanged: see docs/astroquery.md.

What cannot be answered is said in the answer (``status`` ERROR, ``msg``) with the HTTP status 200, as MAST does:
astroquery shows the words of such an answer, and of any other only the number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request

from webapp.context import services
from webapp.errors import UserError
from webapp.identity import ANY_TOKEN, asker, mast_cookie, needs, owner_or_new, who
from webapp.mast import answers, asked, bundles, columns, people
from webapp.tokens import DOWNLOAD
from webapp.views.artefacts import artefact

if TYPE_CHECKING:
    from typing import Any

    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("mast", __name__)


@blueprint.route("/api/v0/invoke", methods=["GET", "POST"])
@needs(ANY_TOKEN)
@mast_cookie()
def invoke() -> Response:
    """One of MAST's services; the field ``request`` says which, and what."""
    try:
        return _json(answers.answer(services(), asked.parse(request.values.get("request", ""))))
    except UserError as error:
        return _json(answers.error(error.sentence, error.hint))


@blueprint.post("/portal/Mashup/Mashup.asmx/columnsconfig")
@needs(ANY_TOKEN)
@mast_cookie()
def columns_config() -> Response:
    """What columns a service has."""
    return _json(columns.config(request.form.get("colConfigId", "")))


@blueprint.get("/whoami")
@needs(ANY_TOKEN)
@mast_cookie(forgiving=True)
def whoami() -> Response:
    """Who asks. To a token in the cookie that is no good: nobody, which astroquery tells its user."""
    return _json(people.described(asker().account, asker().scopes))


@blueprint.get("/token")
def token() -> AnyResponse:
    """Where astroquery sends those who have no token yet."""
    return redirect("/tokens")


@blueprint.post('/api/v0.1/Download/bundle.<any(sh, zip, tar, "tar.gz"):form>')
@needs(DOWNLOAD)
@mast_cookie()
def bundle(form: str) -> Response:
    """The files of the fields ``uri``, as one bundle or script; what it is as a delivery stands in Content-Location."""
    here = services()
    delivery_id = bundles.order(here, request.form.getlist("uri"), form, owner_or_new(), who())
    name = bundles.wait(here, delivery_id).artefacts[0].name
    response = artefact(delivery_id, name)
    response.headers["Content-Location"] = f"/deliveries/{delivery_id}/{quote(name)}"
    return response


def _json(body: dict[str, Any]) -> Response:
    return Response(answers.encoded(body), content_type="application/json")
