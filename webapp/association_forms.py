"""What an association file says: which exposures are processed together, and into what. Bytes in, names out.

Handles JWST's JSON (https://jwst-pipeline.readthedocs.io, "associations": products, each with members of an exptype)
and HST's table (ACS Data Handbook, "association tables": MEMNAME, MEMTYPE, MEMPRSNT). Refuses what is damaged, has a
member without a name, or lists more than 10,000; names that nobody could print are shown with question marks.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ENDINGS = ("_asn.json", "_asn.fits")
MOST_MEMBERS = 10_000  # the largest at MAST have some thousand
MOST_HDUS = 50
USED = frozenset({"MEMNAME", "MEMTYPE", "MEMPRSNT"})
VARIABLE = frozenset("PQ")  # formats of cells elsewhere in the file: 5 MB of them may mean gigabytes
LONGEST_NAME = 255  # bytes of a file's name on any disk
OPEN_PARTS = 2  # of one name; more make the search for it slow
MEANINGS = {
    "AWAVE": "automatic wavelength calibration",
    "BC": "background",
    "BCK": "background",
    "CR": "split to find cosmic rays",
    "CRJ": "split to find cosmic rays",
    "DTH": "dithered",
    "FP": "at several grating offsets",
    "GWAVE": "wavelength calibration",
    "RP": "repeated",
    "RPT": "repeated",
    "SWAVE": "split wavelength calibration",
    "TARG": "target",
}


class NotAssociation(ValueError):  # noqa: N818 - it is what it says
    """The file is not, or no longer, an association; the text is a sentence."""


@dataclass(frozen=True)
class Member:
    """What goes in, or comes out: a file or a rootname, what it is used for, whether it was there by then."""

    name: str
    use: str = ""
    present: bool = True


@dataclass(frozen=True)
class Made:
    """One product and what it is made of. ``product`` None: the file names members only."""

    product: Member | None
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Association:
    """``rule`` and ``about`` are what the file says of itself, each in a line; empty if it does not."""

    rule: str
    about: str
    made: tuple[Made, ...]


def names_of(said: Association) -> Iterator[str]:
    """All names in it, of products and of members."""
    for made in said.made:
        if made.product:
            yield made.product.name
        yield from (member.name for member in made.members)


def meaning(use: str) -> str:
    """What HST's MEMTYPE means, in a few words: ``EXP-CR2`` is ``split to find cosmic rays``; else empty."""
    return MEANINGS.get(use.partition("-")[2].rstrip("0123456789"), "")


def pattern_of(name: str) -> re.Pattern[str] | None:
    """Which observations, in lower case, a JWST product's name may mean; None if it leaves too much open.

    A name may leave the source or the filters open: ``jw02736-o007_{source_id}_nirspec_...``.
    """
    parts = re.split(r"(?:\{[^{}]*\})+", name.lower())
    if len(parts) > OPEN_PARTS + 1:
        return None
    return re.compile("[a-z0-9-]+".join(map(re.escape, parts)) + r"(?:_[a-z0-9-]+)?")


def read_json(content: bytes) -> Association:
    """JWST's form. Raises NotAssociation."""
    try:
        found = json.loads(content)
    except json.JSONDecodeError as error:
        raise NotAssociation(f"This file is damaged: from line {error.lineno} on it is not JSON.") from error
    except (ValueError, RecursionError) as error:
        raise NotAssociation("This file is damaged: it is not JSON.") from error
    products = found.get("products") if isinstance(found, dict) else None
    if not isinstance(products, list):
        raise NotAssociation("This JSON file is not an association: it has no list of products.")
    _must_fit(len(products) + sum(len(_members(each)) for each in products))
    made = tuple(
        Made(
            Member(_name(each, "name", f"product {number}"), "product"),
            tuple(
                Member(_name(member, "expname", f"member {place} of product {number}"), _text(member.get("exptype")))
                for place, member in enumerate(_members(each), 1)
            ),
        )
        for number, each in enumerate(products, 1)
    )
    facts = (("", "asn_type"), ("programme ", "program"), ("pool ", "asn_pool"))
    about = ", ".join(before + text for before, key in facts if (text := _text(found.get(key))))
    return Association(_text(found.get("asn_rule")), about, made)


def read_table(content: bytes) -> Association:
    """HST's form. Raises NotAssociation."""
    try:
        rows = _rows(content)
    except NotAssociation:
        raise
    except Exception as error:  # astropy meets damage with exceptions of any kind
        raise NotAssociation("This FITS file is damaged: its table cannot be read.") from error
    products = [row for row in rows if row.use.startswith("PROD")]
    return Association(", ".join(dict.fromkeys(each.use for each in products)), "", _tree(rows, products))


def _rows(content: bytes) -> list[Member]:
    from astropy.io import fits  # noqa: PLC0415 - it takes 0.3 s of a start, and few visits need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is odd is refused below, or shown as it is
        with fits.open(io.BytesIO(content), memmap=False, disable_image_compression=True) as hdus:
            for hdu in islice(hdus, MOST_HDUS):
                columns = getattr(hdu, "columns", None)
                if columns is not None and {"MEMNAME", "MEMTYPE"} <= {str(each).upper() for each in columns.names}:
                    _must_fit(int(hdu.header["NAXIS2"]))
                    if any(set(str(each.format).upper()) & VARIABLE for each in columns if each.name.upper() in USED):
                        raise NotAssociation("This FITS file is not an association: its columns have no fixed length.")
                    return _members_of(hdu.data)
    raise NotAssociation("This FITS file is not an association: it has no table with the columns MEMNAME and MEMTYPE.")


def _members_of(table: Any) -> list[Member]:
    names, uses = table["MEMNAME"], table["MEMTYPE"]
    if not all(each.dtype.kind in "US" and each.ndim == 1 for each in (names, uses)):
        raise NotAssociation("This FITS file is not an association: the names of its members are not text.")
    there: Iterable[Any] = [True] * len(names)
    if "MEMPRSNT" in {str(each).upper() for each in table.names}:
        there = table["MEMPRSNT"]
    rows = zip(names, uses, there, strict=True)
    return [
        Member(name, _cell(use).upper(), _cell(present).upper() in {"TRUE", "T", "YES", "Y", "1"})
        for each, use, present in rows
        if (name := _cell(each))
    ]


def _tree(rows: Sequence[Member], products: Sequence[Member]) -> tuple[Made, ...]:
    """A product PROD-X is made of the exposures EXP-X.

    One that has none, as PROD-DTH of split exposures, is made of the other products, and stands before them. What
    belongs to no product, as wavelength calibrations, stands with it, or with the first.
    """
    exposures: dict[str, list[Member]] = {_suffix(each): [] for each in products}
    rest: list[Member] = []
    for row in rows:
        if not row.use.startswith("PROD"):
            exposures.get(_suffix(row), rest).append(row)
    if not products:
        return (Made(None, tuple(rest)),)
    made = [(each, exposures.pop(_suffix(each), [])) for each in products]
    top = next((i for i, (_, members) in enumerate(made) if not members), 0)
    if not made[top][1]:
        made[top][1].extend(each for each in products if each is not made[top][0])
    made[top][1].extend(rest)
    made.insert(0, made.pop(top))
    return tuple(Made(each, tuple(members)) for each, members in made)


def _suffix(row: Member) -> str:
    return row.use.partition("-")[2]


def _members(product: Any) -> list[Any]:
    found = product.get("members", []) if isinstance(product, dict) else None
    if not isinstance(found, list):
        raise NotAssociation("This JSON file is not an association: a product has no list of members.")
    return found


def _name(entry: Any, key: str, which: str) -> str:
    name = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise NotAssociation(f"This JSON file is not an association: {which} has no name.")
    return _text(name)


def _cell(value: Any) -> str:
    return _text(value.decode("ascii", "replace") if isinstance(value, bytes) else str(value))


def _text(value: Any) -> str:
    """A text as it can be shown and looked up: no control characters, nothing that turns a line round, not too long."""
    if not isinstance(value, str):
        return ""
    shown = "".join(character if character.isprintable() else "?" for character in value.strip()[: LONGEST_NAME + 1])
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"


def _must_fit(count: int) -> None:
    if count > MOST_MEMBERS:
        raise NotAssociation(f"This association lists {count:,} files, and {MOST_MEMBERS:,} can be shown. Download it.")
