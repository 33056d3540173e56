"""Data URIs: one spelling for each product, and a refusal for what could be taken for a path.

A data URI names a product (``mast:JWST/product/x_cal.fits``). It comes from outside, so it is checked wherever it
enters: tables, query strings, request bodies.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

MAX_LENGTH = 1_000

_USUAL = re.compile(r"[a-z][a-z0-9]+:[A-Za-z0-9_]+/product/[A-Za-z0-9_+-][A-Za-z0-9_.+-]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_HST_WITH_ROOT = re.compile(r"(mast:HST/product/)[^/]+/([^/]+)")
_HOSTED = ("http://", "https://", "s3://")


class UriError(ValueError):
    """A data URI that is refused; the text is a sentence."""


def canonical(uri: str) -> str:
    """The one spelling of a data URI. Both HST forms, with and without the root name, become the one without.

    Refuses with UriError: empty, over 1,000 characters, characters that cannot be printed, no scheme, absolute paths
    and drive letters, and segments that are empty, ``.`` or ``..`` (also percent-encoded).
    """
    if _USUAL.fullmatch(uri) and len(uri) <= MAX_LENGTH:
        return uri
    uri = uri.strip()
    _check(uri)
    with_root = _HST_WITH_ROOT.fullmatch(uri)
    return with_root[1] + with_root[2] if with_root else uri


def _check(uri: str) -> None:
    if not uri:
        raise UriError("The URI is empty.")
    if len(uri) > MAX_LENGTH:
        raise UriError(f"The URI {uri[:40]!r}... has {len(uri):,} characters; {MAX_LENGTH:,} are allowed.")
    decoded = unquote(uri)
    if not uri.isprintable() or not decoded.isprintable():
        raise UriError(f"The URI {uri[:80]!a} has characters that cannot be printed.")
    scheme = _SCHEME.match(uri)
    if scheme is None:
        raise UriError(f"The URI {uri[:80]!r} has no scheme such as mast: in front.")
    rest = decoded[scheme.end() :].replace("\\", "/")
    if not rest or (rest.startswith("/") and not uri.lower().startswith(_HOSTED)):
        raise UriError(f"The URI {uri[:80]!r} is an absolute path; a data URI looks like mast:HST/product/name.fits.")
    path = unquote(uri.partition("?")[0])[scheme.end() :].replace("\\", "/")  # a query may hold whole addresses
    if "" in path.removeprefix("//" if uri.lower().startswith(_HOSTED) else "").split("/")[:-1]:
        raise UriError(f"The URI {uri[:80]!r} has an empty part in its path; write one / at a time.")
    if {".", ".."} & set(rest.split("/")):
        raise UriError(f"The URI {uri[:80]!r} has a '..' or '.' in its path.")
