"""Which calibration reference files a header names, and under which keyword and CRDS context.

JWST: ``R_*`` keywords with ``crds://name`` (jwst data model schemas). HST and others: the keywords that CRDS has as
types, and more that end in FILE, DFIL or TAB if they point into a directory (``jref$name``, ``mtab$name``) or name what
is called like a reference (data handbooks of the instruments). Names come out bare; those that CRDS gives are lower
case, without ``.gz``.
Leaves out values that name no file (``N/A``), have characters that no reference's name has, or name a file of the
observation itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from webapp.ingest.product_table import Reference
from webapp.reference_types import hst_keywords, reference_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.ingest.fits_headers import Cards

MOST_NAMES = 100  # in one value: more are no list of references

_JWST = re.compile(r"R_[A-Z0-9_-]+")
# CCS4 and its like are FOS' and GHRS'. BLEVFILE and BLEVDFIL are engineering data of WFPC2's exposure itself.
_HST = re.compile(r"(?!ASN_|BLEV)[A-Z0-9_-]+(?:FILE|DFIL|TAB)|RNLCORTB|CC[GRS][0-9A-F]")
_VARIABLE = re.compile(r"[A-Za-z]\w*\$")
_SECTION = re.compile(r"\[[^\[\]]*\]")
_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,249}")
_EXTENSION = re.compile(r".\.[A-Za-z][A-Za-z0-9]*$")
_CONTEXT = re.compile(r"([a-z]+(?:_[a-z0-9-]+)*_\d+)(\.[pir]map)?")


def references_of(cards: Cards, mission: str) -> tuple[Reference, ...]:
    """Every link once, in the header's order. The first extension counts for keywords that the primary header lacks."""
    context = bare_context(cards.text("CRDS_CTX") or "")
    roots = {(cards.text(keyword) or "").lower() for keyword in ("ROOTNAME", "ASN_ID")}
    itself = (cards.text("FILENAME") or "").lower()
    found = {}
    for keyword in cards.keywords():
        for name in _names(mission, keyword, cards):
            if re.split(r"[_.]", name.lower())[0] not in roots and name.lower() != itself:
                found[keyword, name] = Reference(keyword.upper(), name, context)
    return tuple(found.values())


def bare_name(mission: str, text: str) -> str | None:
    """A reference's file name as CRDS writes it, without what is around it: prefix, path, quotes, a FITS section.

    HST's may lack their extension (IRAF adds ``.fits``). None if the text names no file.
    """
    name = re.split(r"[/\\$:]", _SECTION.sub("", text).strip(" '\""))[-1]
    if _STEM.fullmatch(name) is None:
        return None
    kind = reference_type(mission, name)
    if kind.instrument:
        name = name.lower().removesuffix(".gz")
    if _EXTENSION.search(name):
        return name
    return f"{name}.fits" if mission == "HST" and kind.meaning else None


def bare_context(text: str) -> str:
    """A CRDS context without path, in lower case: ``jwst_1293.pmap``. Empty for what is none."""
    match = _CONTEXT.fullmatch(re.split(r"[/\\:]", text.strip(" '\""))[-1].lower())
    return match[1] + (match[2] or ".pmap") if match else ""


def _names(mission: str, keyword: str, cards: Cards) -> Iterator[str]:
    if (_JWST if mission == "JWST" else _HST).fullmatch(keyword.upper()) is None:
        return
    value = next(cards.values(keyword), None)
    if not isinstance(value, str) or not value.isprintable():
        return
    for text in _SECTION.sub("", value).split(",")[:MOST_NAMES]:
        name = bare_name(mission, text)
        # OUTFILE and its like name other files too
        if name and (
            mission == "JWST"
            or keyword.upper() in hst_keywords()
            or _VARIABLE.match(text.strip(" '\""))
            or reference_type(mission, name).meaning
        ):
            yield name
