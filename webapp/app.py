"""The application: wires the parts together and decides nothing."""

from __future__ import annotations

import gzip
import hashlib
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, make_response, render_template, request
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix

from jobs.errors import JobError
from webapp import api, csrf, htmx, identity, messages, oidc, security, template_filters, working
from webapp.api import rate_limit
from webapp.assets import asset_folder
from webapp.context import EXTENSION, Services
from webapp.db import engine_for
from webapp.errors import UserError
from webapp.inventories import Inventories
from webapp.throttle import TooMany
from webapp.views import blueprints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webapp.settings import Settings

YEAR = 365 * 86_400  # seconds
MAX_FORM_BYTES = 10**6  # parsing one of 32 MB takes seconds
MAX_LIST_BYTES = 32 * 10**6  # a pasted list of a million observation ids
MAX_QUERY_BYTES = 4 * 10**6  # 180,000 numbers of observations; a page of MAST's clients has 50,000
MAX_JSON_BYTES = 12 * 10**6  # 100,000 paths; what a body of this size may unpack to is some 300 MB
LONG_BODIES = {
    **dict.fromkeys(("observations.list_answer", "observations.add", "mast.bundle"), MAX_LIST_BYTES),
    "mast.invoke": MAX_QUERY_BYTES,
    **{
        f"api_basket_writes.{name}": MAX_JSON_BYTES
        for name in ("create", "observations", "select", "remove", "restore")
    },
    "api_references.add": MAX_JSON_BYTES,
}
NOTHING_HERE = ("There is nothing at this address.", "Check the address, or start from the observations.")


def create_app(settings: Settings) -> Flask:
    """The WSGI application for these settings. Opens no connection yet."""
    app = Flask("webapp", template_folder=str(asset_folder("templates")), static_folder=str(asset_folder("static")))
    app.url_map.merge_slashes = False  # its redirect would repeat whatever Host a request names
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="skybasket",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.retention_days),
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    engine = engine_for(settings.database_url)
    app.extensions[EXTENSION] = Services(
        settings, engine, Inventories(engine, settings.spool, settings.inventory_cache_bytes)
    )
    htmx.init(app)
    oidc.init(app, settings)
    if settings.proxies:  # the last so many words of X-Forwarded-For are theirs
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]  # as its documentation says
    template_filters.init(app)
    _add_globals(app, settings)
    app.before_request(_refuse_odd_paths)
    app.before_request(csrf.refuse_foreign_writes)
    app.before_request(_let_lists_be_long)
    app.before_request(_take_all)
    app.before_request(identity.settle)
    rate_limit.init(app, settings)
    app.after_request(identity.add_cookie)
    app.after_request(security.add_headers)
    app.after_request(_compress)
    app.after_request(_keep_assets)
    app.register_error_handler(UserError, _user_error)
    app.register_error_handler(JobError, _job_error)
    app.register_error_handler(HTTPException, _http_error)
    for blueprint in (*blueprints(), *api.blueprints()):
        app.register_blueprint(blueprint)
    return app


def _add_globals(app: Flask, settings: Settings) -> None:
    folder = asset_folder("static")
    stamps = {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:10]
        for file in folder.rglob("*")
        if file.is_file()
    }
    app.jinja_env.globals["asset"] = lambda name: f"/static/{name}?v={stamps[name]}"
    app.context_processor(
        lambda: {
            "tab": "",
            "messages": messages.take,
            "basket_count": _basket_count,
            "person": identity.asker().account,
        }
    )
    app.jinja_env.globals["archive_name"] = settings.archive_name
    app.jinja_env.globals["contact"] = settings.contact
    app.jinja_env.globals["mails"] = bool(settings.smtp_url)


def _basket_count() -> int:
    try:
        found = working.current()
    except SQLAlchemyError:
        return 0  # the page that says what is wrong needs this too
    return found.files if found else 0


def _refuse_odd_paths() -> None:
    """No address of ours has a control character, and PostgreSQL takes no NUL in a text."""
    if not request.path.isprintable():
        raise UserError(404, *NOTHING_HERE)


def _let_lists_be_long() -> None:
    if (most := LONG_BODIES.get(request.endpoint or "")) is not None:
        request.max_content_length = request.max_form_memory_size = most


def _take_all() -> None:
    """Wait for the whole request before it is settled who asks: its rest can be held back until they may no more."""
    if request.method in csrf.SAFE_METHODS:
        return
    try:
        request.get_data()
        words = (each for values in request.form.listvalues() for each in values)
        if any("\0" in each for each in words):  # PostgreSQL takes none, and nobody has typed one
            raise UserError(400, "This form holds a NUL character, so nothing was done.", "Type the text again.")
    except OSError as error:  # the rest did not come: see SENDING_SECONDS of gunicorn_config.py
        raise UserError(408, "Not all of this request arrived, so nothing was done.", "Send it again.") from error


def _user_error(error: UserError) -> Response:
    response = _error_page(error.status, error.sentence, error.hint, error.more)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _job_error(error: JobError) -> Response:
    return _error_page(500, str(error), "Tell the archive which page it was.")


def _http_error(error: HTTPException) -> Response:
    sentences = {
        404: NOTHING_HERE,
        405: ("This address does not take that kind of request.", "Go back and use the page's own buttons."),
        413: ("That is more than this page can take at once.", "Send it in smaller pieces."),
        500: (
            "Something went wrong here, and it is not your fault.",
            "Nothing you had was lost. Try again in a moment.",
        ),
    }
    status = error.code or 500
    sentence, hint = sentences.get(status, (error.description or error.name, ""))
    response = _error_page(status, sentence, hint)
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    return response


def _error_page(status: int, sentence: str, hint: str, more: Mapping[str, Any] | None = None) -> Response:
    if api.is_program():
        return _challenged(_not_kept(api.problem(status, sentence, hint, more)))
    fragment = htmx.target() is not None
    template = "errors/_alert.html" if fragment else "errors/page.html"
    response = make_response(render_template(template, status=status, sentence=sentence, hint=hint), status)
    response.vary.update(htmx.VARY)
    return _challenged(_not_kept(htmx.as_alert(response) if fragment else response))


def _challenged(response: Response) -> Response:
    """A 401 names the way to say who one is (RFC 9110, 15.5.2); browsers ask for nothing then."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _not_kept(response: Response) -> Response:
    """What is wrong now may be right in a minute, but browsers keep a 410 for ever unless told not to."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _keep_assets(response: Response) -> Response:
    """An address with a stamp never means other bytes, so that a swap need not ask for its icons again."""
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _compress(response: Response) -> Response:
    """Gzip of level 1: 200 rows and four panels shrink from 130 kB to 7 kB in 0.4 ms."""
    if (
        response.mimetype in {"text/html", "application/json"}
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and "gzip" in request.headers.get("Accept-Encoding", "")
    ):
        body = response.get_data()
        if len(body) > htmx.COMPRESS_FROM:
            response.set_data(gzip.compress(body, compresslevel=1, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
