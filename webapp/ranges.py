"""Answers with ranges: Range, If-Range, If-None-Match, HEAD, as in RFC 9110, sections 13 and 14.

One range is honoured; several, or a unit that is not bytes, get the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.http import parse_range_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def ranged(
    headers: Mapping[str, str],
    *,
    length: int,
    etag: str,
    mtime: float,
    read: Callable[[int, int], Iterator[bytes]],
    whole: bool = False,
) -> Response:
    """The answer to the present request for something of ``length`` bytes, with a strong ``etag``.

    ``mtime``: seconds since 1970 UTC. ``whole``: no range is honoured. ``read(start, end)`` gives the bytes,
    and is not asked for a HEAD.
    """
    response = Response(headers={**headers, "Accept-Ranges": "bytes", "ETag": f'"{etag}"'})
    if request.if_none_match.contains_weak(etag):  # section 13.1.2: compared weakly
        response.status_code = 304
        return response
    start, end = 0, length
    asked = None if whole else _range(length, etag, mtime)
    if asked is not None:
        start, end = asked
        if start >= end:
            response.status_code = 416
            response.headers["Content-Range"] = f"bytes */{length}"
            return response
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    response.headers["Content-Length"] = str(end - start)
    if request.method != "HEAD":
        response.response = read(start, end)
    response.direct_passthrough = True
    return response


def _range(length: int, etag: str, mtime: float) -> tuple[int, int] | None:
    """``(start, end)`` of the one range asked for; empty if it cannot be satisfied; None for the whole."""
    if "Range" not in request.headers:
        return None
    condition = request.if_range
    weak = request.headers.get("If-Range", "").startswith("W/")
    if condition.etag is not None and (weak or condition.etag != etag):
        return None
    if condition.date is not None and int(condition.date.timestamp()) != int(mtime):
        return None
    ranges = parse_range_header(request.headers["Range"])
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return None
    start, _ = ranges.ranges[0]
    if start < -length:
        return 0, length  # section 14.1.2: a suffix longer than the whole is the whole
    found = ranges.range_for_length(length)
    return (0, 0) if found is None else found
