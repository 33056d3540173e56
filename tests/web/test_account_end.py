"""The end of an account: what goes, what stays, and that nobody's name is left on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlmodel import SQLModel, col, select

from tests.fixtures.holdings import IMAGE, NOW, WFPC2
from tests.fixtures.people import PASSWORD, bearer, log_in, person
from webapp import accounts, identity, owners, programmes, throttle
from webapp.db import reading, writing
from webapp.models import (
    Account,
    Basket,
    BasketRule,
    Delivery,
    Login,
    LoginAttempt,
    MailSent,
    PasswordReset,
    Reader,
    Share,
    TeamMember,
    Token,
)

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

C0F = f"HST/{WFPC2}/{WFPC2}_c0f.fits"


def ends(visitor: Visitor, proof: str = PASSWORD, status: int = 303) -> Page:
    return visitor.post("/account/delete", {"proof": proof}, status=status)


def rows(site: Site, table: type[SQLModel]) -> list[SQLModel]:
    with reading(site.services.engine) as session:
        return list(session.exec(select(table)))


def lived(site: Site) -> tuple[Visitor, str, str]:
    """Somebody who used all there is; a delivery and a share of theirs."""
    account = person(site, reads=("JWST", "4098"))
    programmes.create_team(site.services, "miri")
    programmes.add_member(site.services, "miri", "ada")
    bearer(site, account)
    throttle.log_in(site.services, "ada", "192.0.2.1")
    visitor = log_in(site.visitor())
    base = visitor.basket(WFPC2, IMAGE)
    visitor.tick(base, C0F)
    share = visitor.post(f"{base}/share", {"title": "x", "back": "mrp=0"}).location
    form = {"method": "script", "format": "sh", "back": "mrp=0"}
    delivery = visitor.client.post(f"{base}/deliveries", data=form).headers["Location"]
    visitor.post(f"{delivery}/label", {"label": "Ada's"})
    with writing(site.services.engine) as session:
        basket_id = base.rpartition("/")[2]
        session.add(BasketRule(basket_id=basket_id, filters="mrp=0", seen_at=NOW, seen=b""))
        session.add(PasswordReset(hash="x", account_id=account, expires_at=NOW))
        session.add(MailSent(at=NOW, owner=owners.account(account), address="ada@example.org"))
        session.exec(select(Delivery).where(col(Delivery.label) != "")).one().email = "ada@example.org"
    return visitor, delivery, share


def test_all_that_is_theirs_alone_goes(site: Site) -> None:
    visitor, _, share = lived(site)
    page = visitor.follow(ends(visitor))
    assert page.messages[-1] == "The account ada is deleted, and you are logged out."
    for table in (Account, Login, Token, PasswordReset, TeamMember, Reader, Share, MailSent, BasketRule, LoginAttempt):
        assert rows(site, table) == [], table
    assert not [each for each in rows(site, Basket) if isinstance(each, Basket) and each.snapshot is None]
    site.visitor().get(share, status=404)


def test_a_delivery_stays_and_is_nobodys(site: Site) -> None:
    visitor, delivery, _ = lived(site)
    ends(visitor)
    (row,) = rows(site, Delivery)
    assert isinstance(row, Delivery)
    assert (row.label, row.email, row.deleted_at, row.state) == ("", None, None, None)
    assert not owners.is_account(row.owner)
    assert all(isinstance(each, Basket) and not owners.is_account(each.owner) for each in rows(site, Basket))
    assert "Ada's" not in site.visitor().get(delivery).text


def test_a_delivery_that_is_under_way_is_finished(queued: Site) -> None:
    visitor, delivery, _ = lived(queued)
    ends(visitor)
    assert queued.work() == 1
    assert "Ready" in queued.visitor().get(delivery).words


def test_no_browser_and_no_token_is_them_any_more(lite: Site) -> None:
    headers = bearer(lite, person(lite))
    visitor, elsewhere = log_in(lite.visitor()), log_in(lite.visitor())
    ends(visitor)
    assert visitor.client.get_cookie(identity.LOGIN_COOKIE) is None
    elsewhere.get("/account", status=401)
    lite.visitor().get("/history", status=401, headers=headers)
    lite.visitor().post("/login", {"name": "ada", "password": PASSWORD}, status=403)


def test_the_page_says_what_goes_and_a_wrong_password_takes_nothing(lite: Site) -> None:
    person(lite)
    visitor = log_in(lite.visitor())
    assert "Your baskets, and those you deleted within 30 days." in visitor.get("/account/delete").words
    page = ends(visitor, "not this one", 403)
    assert "That is not your password, so nothing was changed." in page.words
    visitor.get("/account")


@pytest.mark.parametrize(("typed", "status"), [(" Ada ", 303), ("bob", 422), ("", 422), (PASSWORD, 422)])
def test_who_has_no_password_types_the_name(lite: Site, typed: str, status: int) -> None:
    account = person(lite)
    visitor = log_in(lite.visitor())
    accounts.set_values(lite.services, account, password=None)
    assert "Type ada, to be sure" in visitor.get("/account/delete").words
    ends(visitor, typed, status)
    assert len(rows(lite, Account)) == (status != 303)


def test_what_others_have_stays(lite: Site) -> None:
    person(lite)
    person(lite, "bob")
    bob = log_in(lite.visitor(), "bob")
    base = bob.basket(WFPC2)
    ends(log_in(lite.visitor()))
    assert "1 observation" in bob.get(base).words.lower() or bob.get(base).rows


def test_the_name_is_free_again_and_brings_nothing_back(lite: Site) -> None:
    visitor, _, _ = lived(lite)
    ends(visitor)
    person(lite)
    assert "Your basket is empty" in log_in(lite.visitor()).get("/basket").words
