"""The file endpoint, compatible with MAST's: Range, If-Range, ETag, Last-Modified, HEAD.

Ranges as in RFC 9110, section 14: one range is honoured; several, or a unit that is not bytes, get the whole file.
"""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from werkzeug.http import parse_range_header
from werkzeug.urls import iri_to_uri

from jobs.errors import JobError, MissingFile
from webapp.context import services
from webapp.errors import UserError
from webapp.files import find

if TYPE_CHECKING:
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
}
INLINE = frozenset({"jpg", "jpeg", "png", "gif"})  # shown in the page; all else is a download


@blueprint.route("/api/v0.1/Download/file", methods=["GET"])
def file() -> AnyResponse:
    """A product's bytes, for whoever may read it; HEAD comes with GET."""
    found = find(services(), request.args.get("uri", ""))
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
    except MissingFile as error:
        raise UserError(
            404, f"{found.filename} is not in its store at the moment.", "Tell the archive which file it was."
        ) from error
    except JobError as error:
        raise UserError(502, f"{found.filename} cannot be read: {error}", "Try again later.") from error
    etag = entity_tag(found, stat)
    response = Response(headers=_headers(found, stat, etag))
    if request.if_none_match.contains_weak(etag):  # RFC 9110, section 13.1.2: compared weakly
        response.status_code = 304
        return response
    start, end = 0, stat.size
    asked = _range(stat, etag)
    if asked is not None:
        start, end = asked
        if start >= end:
            response.status_code = 416
            response.headers["Content-Range"] = f"bytes */{stat.size}"
            return response
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{stat.size}"
    response.headers["Content-Length"] = str(end - start)
    if request.method != "HEAD":
        response.response = store.read(path, start, end, stat.version)
    response.direct_passthrough = True
    return response


def entity_tag(found: Found, stat: Stat) -> str:
    """A strong tag: another size, version or revision is another representation."""
    return f"{stat.size:x}-{stat.version % 2**64:x}-{found.revision:x}"


def _headers(found: Found, stat: Stat, etag: str) -> dict[str, str]:
    ext = found.filename.rsplit(".", 1)[-1].lower()
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in found.filename)
    kind = "inline" if ext in INLINE else "attachment"
    return {
        "Content-Type": TYPES.get(ext, "application/octet-stream"),
        "Accept-Ranges": "bytes",
        "ETag": f'"{etag}"',
        "Last-Modified": formatdate(stat.mtime, usegmt=True),
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(found.filename)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


def _range(stat: Stat, etag: str) -> tuple[int, int] | None:
    """``(start, end)`` of the one range asked for; empty if it cannot be satisfied; None for the whole file."""
    if "Range" not in request.headers:
        return None
    condition = request.if_range
    weak = request.headers.get("If-Range", "").startswith("W/")
    if condition.etag is not None and (weak or condition.etag != etag):
        return None
    if condition.date is not None and int(condition.date.timestamp()) != int(stat.mtime):
        return None
    ranges = parse_range_header(request.headers["Range"])
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return None
    start, _ = ranges.ranges[0]
    if start < -stat.size:
        return 0, stat.size  # section 14.1.2: a suffix longer than the file is the file
    found = ranges.range_for_length(stat.size)
    return (0, 0) if found is None else found
