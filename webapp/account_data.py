"""All that is kept of an account, as a zip for its owner: tables as JSON, and the selected files of each basket.

Written piece by piece into a file, so that a million files take no room in memory. No secret is in it: no password,
no token, no hash of either.
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import asdict
from typing import TYPE_CHECKING

from webapp import baskets, logins, owners
from webapp.db import reading
from webapp.errors import UserError
from webapp.queries import account_data as query
from webapp.queries import accounts as accounts_query
from webapp.queries import selections
from webapp.template_filters import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO, Any

    from sqlmodel import Session

    from webapp.context import Services
    from webapp.queries.accounts import AccountRow

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST = 60  # characters of a file's name


def export(services: Services, account: AccountRow, out: IO[bytes]) -> None:
    """Write the zip into a file that can be written and sought in."""
    owner = owners.account(account.id)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, reading(services.engine) as session:
        _write_list(archive, "account.json", iter([_account(session, account)]))
        kept = query.baskets(session, owner)
        _write_list(archive, "baskets.json", (_basket(session, each) for each in kept))
        _write_list(archive, "history.json", (_plain(asdict(each)) for each in query.deliveries(session, owner)))
        _write_list(archive, "shares.json", (_plain(asdict(each)) for each in query.shares(session, owner)))
        _write_list(archive, "tokens.json", (_plain(asdict(each)) for each in query.tokens(session, account.id)))
        _write_list(archive, "logins.json", (_login(each) for each in logins.of_account(services, account.id)))
        names: set[str] = set()
        for each in kept:
            if each.deleted_at is None:
                _write_selection(services, archive, each, names)


def _account(session: Session, account: AccountRow) -> dict[str, Any]:
    """What is kept of the person, and what they may read early."""
    readable = sorted(accounts_query.programmes(session, account.id))
    return {
        **_plain(asdict(account)),
        "teams": query.teams(session, account.id),
        "programmes": [f"{mission} {programme}" for mission, programme in readable],
    }


def _basket(session: Session, row: query.BasketData) -> dict[str, Any]:
    return {
        **_plain(asdict(row)),
        "observations": list(query.observation_names(session, row.id)),
        "additions": list(query.addition_uris(session, row.id)),
    }


def _login(row: accounts_query.LoginRow) -> dict[str, Any]:
    return {name: value for name, value in _plain(asdict(row)).items() if name not in {"id", "account_id"}}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The times in it as dates that people can read."""
    return {
        name: moment(value) or None if name.endswith("_at") and not isinstance(value, str) else value
        for name, value in row.items()
    }


def _write_selection(services: Services, archive: zipfile.ZipFile, row: query.BasketData, names: set[str]) -> None:
    try:
        basket = baskets.opened(services, row.id)
    except UserError:  # deleted meanwhile
        return
    name = f"baskets/{_file_name(row, names)}.txt"
    with archive.open(name, "w", force_zip64=True) as file, reading(services.engine) as session:
        for uri, _ in selections.places(session, basket.inventory.product[basket.selection].tolist()):
            file.write(f"{uri}\n".encode())


def _file_name(row: query.BasketData, names: set[str]) -> str:
    """What a basket's file is called: after its own name, and by its id where two would be called alike."""
    plain = UNSAFE.sub("-", row.name).strip("-.")[:LONGEST]
    name = plain if plain and plain.lower() not in names else f"{plain}-{row.id}".lstrip("-")
    names.add(name.lower())
    return name


def _write_list(archive: zipfile.ZipFile, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """A JSON list, a row at a time."""
    with archive.open(name, "w", force_zip64=True) as file:
        between = b"[\n"
        for row in rows:
            file.write(between + json.dumps(row, ensure_ascii=False, indent=1).encode())
            between = b",\n"
        file.write(b"\n]\n" if between != b"[\n" else b"[]\n")
