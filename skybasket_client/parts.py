"""The parts of a delivery as the server names them; refused is what is no name of a file on each system.

Source of the names: Windows' "Naming Files, Paths, and Namespaces".
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from skybasket_client.answers import member, not_understood
from skybasket_client.errors import SkybasketError

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+~ -]{0,199}", re.ASCII)  # no path, nothing hidden
OURS = (".part", ".part.etag")  # what is not complete
DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9]) *(\..*)?", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Part(NamedTuple):
    """One of them."""

    url: str
    name: str
    bytes: int
    sha256: str | None  # lower-case hex; None if it is not told


def parts(said: list[Any]) -> list[Part]:
    """The parts that an answer lists, each with a name of its own. Raises SkybasketError."""
    found = [_part(each) for each in said]
    if len({each.name.lower() for each in found}) < len(found):
        raise not_understood("Two parts have one name.")
    return found


def _part(said: Any) -> Part:
    if not isinstance(said, dict):
        raise not_understood("It says nothing of parts.")
    name, size, sha256 = member(said, "name", str), member(said, "bytes", int), said.get("sha256")
    if size < 0 or not (sha256 is None or (isinstance(sha256, str) and SHA256.fullmatch(sha256))):
        raise not_understood(f"It says of {name[:100]!r} what cannot be.")
    low = name.lower()
    if not NAME.fullmatch(name) or DEVICE.fullmatch(low) or low.endswith((*OURS, ".", " ")):
        raise SkybasketError(f"The server calls a part {name[:100]!r}, which is no name of a file here.")
    return Part(member(said, "url", str), name, size, sha256)
