"""Who asks, as MAST's ``/whoami`` says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from webapp.queries.accounts import AccountRow


def described(account: AccountRow | None, scopes: Collection[str] | None) -> dict[str, Any]:
    """The answer; ``anon`` is what clients decide by, ``attrib.display_name`` what they greet."""
    if account is None:
        return {"anon": True, "ezid": "anonymous", "eppn": "", "scopes": [], "attrib": {}}
    attrib = {"display_name": account.name, "eppn": account.name}  # no address: tokens lie in notebooks
    return {
        "anon": False,
        "ezid": account.name,
        "eppn": account.name,
        "scopes": sorted(scopes or ()),
        "attrib": attrib,
    }
