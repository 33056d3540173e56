"""The file endpoint, compatible with MAST's: Range, If-Range, ETag, Last-Modified, HEAD."""

from __future__ import annotations

import base64
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from flask import Blueprint, Response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from jobs.errors import JobError, MissingFile, UnknownSize
from jobs.items import AS, FILE
from jobs.storage import Streams
from webapp.context import services
from webapp.errors import UserError
from webapp.files import find
from webapp.identity import mast_cookie, needs, who
from webapp.ranges import ranged
from webapp.tokens import DOWNLOAD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as AnyResponse

    from jobs.storage import Stat
    from webapp.files import Found

blueprint = Blueprint("files", __name__)

TYPES = {
    "fits": "application/fits",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "csv": "text/csv; charset=utf-8",
    "ecsv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "sh": "application/x-sh; charset=utf-8",
    "gz": "application/gzip",
    "zip": "application/zip",
    "tar": "application/x-tar",
}
INLINE = frozenset({"jpg", "jpeg", "png", "gif"})  # shown in the page; all else is a download


@blueprint.get(FILE)
@needs(DOWNLOAD)
@mast_cookie()
def file() -> AnyResponse:
    """A product's bytes, for whoever may read it; HEAD comes with GET.

    With a ``version`` a range is answered only of that version, as If-Range does for who can set a header.
    """
    return _answer(request.args)


@blueprint.get(f"{AS}/<query>/<path:_path>")
@needs(DOWNLOAD)
def file_as(query: str, _path: str) -> AnyResponse:
    """The same by an address that ends in the path at which a program like wget is to save it."""
    try:
        asked = base64.urlsafe_b64decode(query + "=" * (-len(query) % 4)).decode("ascii")
    except ValueError as error:
        raise UserError(400, "This is not the address of a file.", "Take it from a list as it is.") from error
    return _answer(MultiDict(parse_qsl(asked, keep_blank_values=True)))  # the first of several counts, as above


def _answer(asked: Mapping[str, str]) -> AnyResponse:
    found = find(services(), asked.get("uri", ""), who())
    if found.redirect is not None:
        try:
            return redirect(iri_to_uri(found.redirect), 302)  # else it would fail only after this function
        except ValueError as error:  # what a table says is an address need not be one
            raise UserError(
                502, f"The archive has no valid address for {found.filename}.", "Tell the archive which file it was."
            ) from error
    store, path = found.place.store, found.place.path
    try:
        stat = store.stat(path)
    except UnknownSize as error:
        if isinstance(store, Streams):
            return _unsized(found, store)
        raise _unreadable(found, error) from error
    except JobError as error:
        raise _unreadable(found, error) from error
    return ranged(
        _headers(found) | _of_version(stat),
        length=stat.size,
        etag=entity_tag(found, stat),
        mtime=stat.mtime,
        whole=asked.get("version", f"{stat.version:x}") != f"{stat.version:x}",
        read=lambda start, end: store.read(path, start, end, stat.version),
    )


def _unsized(found: Found, store: Streams) -> AnyResponse:
    """A file that is made while it is sent: no length, no ranges, no tag; it breaks off where its server does."""
    try:
        pieces = store.whole(found.place.path) if request.method == "GET" else ()
    except JobError as error:
        raise _unreadable(found, error) from error
    return Response(pieces, headers=_headers(found), direct_passthrough=True)


def _unreadable(found: Found, error: JobError) -> UserError:
    if isinstance(error, MissingFile):
        sentence = f"{found.filename} is not in its store at the moment."
        return UserError(404, sentence, "Tell the archive which file it was.")
    return UserError(502, f"{found.filename} cannot be read: {error}", "Try again later.")


def entity_tag(found: Found, stat: Stat) -> str:
    """A strong tag: another size, version or revision is another representation."""
    return f"{stat.size:x}-{stat.version % 2**64:x}-{found.revision:x}"


def _of_version(stat: Stat) -> dict[str, str]:
    headers = {"Last-Modified": formatdate(stat.mtime, usegmt=True)} if stat.mtime else {}  # not every server tells
    # As in an address: what is sent need not be what was asked for.
    return headers | {"Skybasket-Version": f"{stat.version:x}"}


def _headers(found: Found) -> dict[str, str]:
    ext = found.filename.rsplit(".", 1)[-1].lower()
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in found.filename)
    kind = "inline" if ext in INLINE else "attachment"
    return {
        "Content-Type": TYPES.get(ext, "application/octet-stream"),
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(found.filename)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
