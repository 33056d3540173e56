"""All that is kept of an account, as a zip for its owner."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

from tests.fixtures.holdings import IMAGE, NOW, WFPC2
from tests.fixtures.people import PASSWORD, bearer, log_in, person
from webapp import account_data, accounts, basket_content, baskets, owners, programmes, secret_words
from webapp.db import reading, writing
from webapp.identity import LOGIN_COOKIE
from webapp.models import BasketAddition, BasketRule
from webapp.queries import accounts as query

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

C0F_NAME = f"{WFPC2}_c0f.fits"
C0F = f"HST/{WFPC2}/{C0F_NAME}"
PLAIN = re.compile(r"baskets/[A-Za-z0-9][A-Za-z0-9._-]*\.txt|baskets/[A-Za-z0-9_-]+\.txt")
TABLES = {f"{name}.json" for name in ("account", "baskets", "history", "shares", "tokens", "logins")}


def exported(visitor: Visitor) -> zipfile.ZipFile:
    with visitor.client.get("/account/export") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "application/zip")
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    return archive


def exported_of(site: Site, account_id: int) -> zipfile.ZipFile:
    """Without a browser."""
    with reading(site.services.engine) as session:
        row = query.account(session, account_id)
    assert row is not None
    out = io.BytesIO()
    account_data.export(site.services, row, out)
    return zipfile.ZipFile(out)


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(archive.read(f"{name}.json"))
    return found


def test_a_basket_is_in_it_with_its_observations_and_the_selected_files(site: Site) -> None:
    person(site)
    visitor = log_in(site.visitor())
    base = visitor.basket(WFPC2, IMAGE)
    visitor.tick(base, C0F)
    visitor.post(f"{base}/rename", {"name": "../M 82: ñ/core"})
    archive = exported(visitor)
    (basket,) = table(archive, "baskets")
    assert basket["name"] == "../M 82: ñ/core"
    assert basket["observations"] == sorted([f"HST:{WFPC2}", f"JWST:{IMAGE}"])
    assert set(archive.namelist()) == TABLES | {"baskets/M-82-core.txt"}
    assert archive.read("baskets/M-82-core.txt").decode() == f"mast:HST/product/{WFPC2}_c0f.fits\n"


def test_what_was_added_and_what_a_basket_follows_is_in_it(lite: Site) -> None:
    account = person(lite)
    base = log_in(lite.visitor()).basket(WFPC2)
    basket_id = base.rpartition("/")[2]
    with writing(lite.services.engine) as session:
        session.add(BasketAddition(basket_id=basket_id, product_id=lite.holdings[C0F_NAME].id, added_at=NOW))
        session.add(BasketRule(basket_id=basket_id, filters="mrp=0&ext=fits", seen_at=NOW, seen=b""))
    (basket,) = table(exported_of(lite, account), "baskets")
    assert basket["additions"] == [lite.holdings[C0F_NAME].uri]
    assert basket["rule"] == "mrp=0&ext=fits"


def test_baskets_of_one_name_have_files_of_their_own(lite: Site) -> None:
    account = person(lite)
    owner = owners.account(account)
    ids = [baskets.create(lite.services, owner, name) for name in ("M 82", "m 82", "名", "")]
    names = set(exported_of(lite, account).namelist()) - TABLES
    assert len(names) == len(ids)
    assert all(PLAIN.fullmatch(name) for name in names), names


def test_who_one_is_and_what_one_may_read_is_in_it(lite: Site) -> None:
    account = person(lite, reads=("JWST", "4098"))
    programmes.create_team(lite.services, "miri")
    programmes.add_member(lite.services, "miri", "ada")
    (who,) = table(exported_of(lite, account), "account")
    assert (who["name"], who["email"]) == ("ada", "ada@example.org")
    assert (who["teams"], who["programmes"]) == (["miri"], ["JWST 4098"])


def test_downloads_and_shares_are_in_it(lite: Site) -> None:
    person(lite)
    visitor = log_in(lite.visitor())
    base = visitor.basket(WFPC2)
    visitor.tick(base, C0F)
    visitor.post(f"{base}/share", {"title": "For Bob", "back": "mrp=0"})
    visitor.client.post(f"{base}/deliveries", data={"method": "script", "format": "sh", "back": "mrp=0"})
    archive = exported(visitor)
    assert [each["title"] for each in table(archive, "shares")] == ["For Bob"]
    assert [(each["format"], each["files"]) for each in table(archive, "history")] == [("sh", 1)]


def test_no_secret_is_in_it(lite: Site) -> None:
    account = person(lite)
    word = bearer(lite, account)["Authorization"].removeprefix("Bearer ")
    visitor = log_in(lite.visitor())
    cookie = visitor.client.get_cookie(LOGIN_COOKIE)
    assert cookie is not None
    with reading(lite.services.engine) as session:
        found = query.account_called(session, "ada")
    assert found is not None
    archive = exported(visitor)
    text = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "a notebook" in text
    for secret in (
        PASSWORD,
        str(found[1]),
        word,
        secret_words.digest(word),
        cookie.value,
        secret_words.digest(cookie.value),
    ):
        assert secret not in text


def test_nothing_of_somebody_else_is_in_it(lite: Site) -> None:
    account = person(lite)
    person(lite, "bob")
    log_in(lite.visitor(), "bob").basket(WFPC2)
    assert table(exported_of(lite, account), "baskets") == []


def test_many_files_take_no_room_in_memory(lite: Site, tmp_path: Path) -> None:
    """URIs of 20,000 files are 2 MB; what they are made of is loaded before."""
    account = person(lite)
    owner = owners.account(account)
    lite.holdings.add_many(WFPC2, 20_000)
    basket_id = baskets.create(lite.services, owner)
    basket_content.add_observations(lite.services, basket_id, owner, [lite.holdings.observations[WFPC2]])
    baskets.change(lite.services, basket_id, owner, lambda it: baskets.Bits(~it.removed, it.removed))
    with (tmp_path / "export.zip").open("w+b") as file:
        row = accounts.called(lite.services, "ada")
        tracemalloc.start()
        account_data.export(lite.services, row, file)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        archive = zipfile.ZipFile(file)
        (name,) = set(archive.namelist()) - TABLES
        assert len(archive.read(name).splitlines()) >= 20_000
    assert peak < 10_000_000
