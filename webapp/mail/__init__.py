"""Mail about deliveries: Ready, Finished with problems, Failed, and soon to expire.

Plain text with a link. Nothing that a user typed is in it: it may not carry anybody's words to a third person.
"""

from __future__ import annotations

import re

LONGEST = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets
LONGEST_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322 section 3.2.3
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.(?![0-9]+$){_LABEL}")


def valid_address(text: str) -> str | None:
    """The mail address in ``text`` as it is sent to, its domain in lower-case ASCII; None if it is not a plain one.

    Refused though RFC 5322 knows them: quoted local parts, comments, display names, domains without a dot or in
    brackets. A domain in another script becomes its ``xn--`` form.
    """
    local, at, domain = text.strip(" ").rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:  # too long a label, or a character that no domain has
        return None
    address = f"{local}@{ascii_domain}"
    if not at or len(local) > LONGEST_LOCAL or len(address) > LONGEST:
        return None
    return address if _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain) else None
