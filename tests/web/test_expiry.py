"""Deliveries that end: mailed about, extended, expired or evicted, and made again, as their owner sees it."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import IMAGE, NOW
from tests.fixtures.house import DAY
from tests.fixtures.mail import ME, serving
from webapp import expiry, ftp, retention, spool
from webapp.context import Services
from webapp.mail.backoff import Backoff
from webapp.mail.sending import send_due
from webapp.staging_room import folder_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Visitor
    from tests.fixtures.webapp import Site

I2D = f"{IMAGE}_i2d.fits"

pytestmark = pytest.mark.usefixtures("at")


def delivered(site: Site, kind: str, **form: str) -> tuple[Visitor, str]:
    """A visitor with a delivery of one file that is over, and its address."""
    visitor = site.visitor()
    base = visitor.basket(IMAGE)
    visitor.tick(base, site.holdings[I2D].path)
    address = visitor.post(f"{base}/deliveries", {"as": kind, "back": "mrp=0", **form}).location
    site.work()
    visitor.get(address)  # which brings the history up to date
    return visitor, address


def with_settings(site: Site, **settings: object) -> Services:
    changed = replace(site.settings, **settings)  # type: ignore[arg-type]  # the names and types of settings
    return Services(changed, site.services.engine, site.services.inventories)


def staged(site: Site, address: str) -> bytes | None:
    """The staged file, if it is there."""
    file = folder_of(site.settings, address.rpartition("/")[2]) / site.holdings[I2D].path
    return file.read_bytes() if file.exists() else None


def test_a_batch_expires_after_a_week_and_can_be_made_again(working: Site, at: Callable[[int], None]) -> None:
    visitor, address = delivered(working, "batch/files")
    assert "Kept until 2027-01-22 08:00 UTC: 7 days left." in visitor.get(address).words
    at(NOW + 7 * DAY)
    expiry.expire(working.services)
    assert staged(working, address) is None
    assert "Its files were kept until 2027-01-22 08:00 UTC. You can make it again." in visitor.get(address).words
    visitor.post(f"{address}/retry")
    working.work()
    assert "Kept until 2027-01-29 08:00 UTC: 7 days left." in visitor.get(address).words
    assert staged(working, address) == working.holdings[I2D].content


def test_a_batch_that_was_extended_stays_a_week_more(working: Site, at: Callable[[int], None]) -> None:
    visitor, address = delivered(working, "batch/files")
    visitor.post(f"{address}/extend")
    at(NOW + 13 * DAY)
    expiry.expire(working.services)
    page = visitor.get(address)
    assert "Kept until 2027-01-29 08:00 UTC: 1 day left." in page.words
    assert not page.forms("/extend")
    assert staged(working, address) == working.holdings[I2D].content


@pytest.mark.parametrize("kind", ["bundle/zip", "bundle/tar.gz"])
def test_what_was_evicted_says_so_and_can_be_made_again(working: Site, at: Callable[[int], None], kind: str) -> None:
    visitor, address = delivered(working, kind)
    place = working.settings.spool / "deliveries" / address.rpartition("/")[2]
    for each in place.iterdir():
        os.utime(each, (NOW, NOW))
    at(NOW + DAY)
    spool.evict(with_settings(working, spool_bytes=1))
    assert "It was removed to make room for newer ones. You can make it again." in visitor.get(address).words
    visitor.post(f"{address}/retry")
    working.work()
    page = visitor.get(address)
    assert page.at("delivery").get("data-state") == "Ready"
    (part,) = [each.get("href") for each in page.all("a") if each.get("download") is not None]
    with visitor.client.get(part) as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("bundle/tar.gz", 507), ("bundle/zip", 303)])
def test_only_a_bundle_that_takes_room_is_refused_where_there_is_none(lite: Site, kind: str, status: int) -> None:
    lite.app.extensions["skybasket"] = with_settings(lite, spool_bytes=10_000)
    visitor = lite.visitor()
    base = visitor.basket(IMAGE)
    visitor.tick(base, lite.holdings[I2D].path)
    page = visitor.post(f"{base}/deliveries", {"as": kind, "back": "mrp=0"}, status=status)
    assert ("This download needs 20.2 kB on this server" in page.text) == (status == 507)


def test_its_owner_sees_how_to_come_in_by_ftp_and_nobody_else_does(working: Site) -> None:
    visitor, address = delivered(working, "batch/files")
    working.app.extensions["skybasket"] = with_settings(
        working, ftp_bind="0.0.0.0:2121", ftp_certificate=Path("certificate.pem")
    )
    secret = ftp.password(working.settings, address.rpartition("/")[2])
    assert secret in visitor.get(address).words
    assert secret not in visitor.other().get(address).text


def test_who_gave_an_address_is_told_by_mail_with_a_link_that_works(working: Site, at: Callable[[int], None]) -> None:
    at(int(time.time()))  # as the job's own clock
    _, address = delivered(working, "batch/files", email=ME)
    with serving() as post:
        mailing = with_settings(working, smtp_url=f"smtp://127.0.0.1:{post.port}", mail_from="sky@archive.example")
        send_due(mailing, Backoff())
    assert f"https://skybasket.example{address}\n" in post.mail[0].get_content().replace("\r\n", "\n")


def test_a_session_that_was_idle_for_a_season_leaves_nothing(working: Site, at: Callable[[int], None]) -> None:
    visitor, address = delivered(working, "bundle/zip")
    at(NOW + 91 * DAY)
    for _ in range(2):  # what was named by a delivery goes after it
        retention.retain(working.services)
    visitor.get(address, status=404)
    assert list((working.settings.spool / "deliveries").iterdir()) == []
