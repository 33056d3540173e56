"""What an owner can still do with a delivery: cancel, have it made again, keep it longer; and what nobody can."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlmodel import Session, select

from tests.fixtures.holdings import IMAGE, NOW, WFPC2
from tests.fixtures.orders import link
from webapp.models import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

I2D, C0F = f"{IMAGE}_i2d.fits", f"{WFPC2}_c0f.fits"
BATCH = {"as": "batch/files"}
DAY = 86_400


def asked(site: Site, **form: object) -> tuple[Visitor, str, str]:
    """A visitor who ticked two files and asked for them; the basket's and the delivery's address."""
    visitor = site.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    visitor.tick(base, *(site.holdings[name].path for name in (I2D, C0F)))
    return visitor, base, visitor.post(f"{base}/deliveries", {**BATCH, "back": "mrp=0", **form}).location


def state(visitor: Visitor, url: str) -> str:
    return str(visitor.get(url).at("delivery").get("data-state"))


def buttons(page: Page) -> set[str]:
    return {form.get("action", "").rpartition("/")[2] for form in page.all("form")}


def test_a_cancelled_delivery_is_over_and_its_job_is_gone(working: Site) -> None:
    visitor, _, url = asked(working)
    visitor.post(f"{url}/cancel", {})
    assert (state(visitor, url), working.work()) == ("Cancelled", 0)


def test_a_cancelled_delivery_can_be_made_after_all(working: Site) -> None:
    visitor, _, url = asked(working)
    visitor.post(f"{url}/cancel", {})
    visitor.post(f"{url}/retry", {})
    before = state(visitor, url)
    working.work()
    assert (before, state(visitor, url)) == ("Queued", "Ready")


def test_a_delivery_can_be_cancelled_while_the_queue_is_away(site: Site) -> None:
    visitor, _, url = asked(site)
    visitor.post(f"{url}/cancel", {})
    assert state(visitor, url) == "Cancelled"


@pytest.mark.parametrize("what", ["cancel", "retry", "extend"])
def test_only_its_owner_changes_a_delivery(working: Site, what: str) -> None:
    _, _, url = asked(working)
    page = working.visitor().post(f"{url}/{what}", {}, status=403)
    assert "someone else's" in page.words
    assert buttons(working.visitor().get(url)) <= {""}


def test_what_is_over_cannot_be_cancelled(working: Site) -> None:
    visitor, _, url = asked(working)
    working.work()
    assert "nothing to cancel" in visitor.post(f"{url}/cancel", {}, status=409).words


def test_what_is_ready_need_not_be_made_again(working: Site) -> None:
    visitor, _, url = asked(working)
    working.work()
    visitor.post(f"{url}/retry", {}, status=409)
    assert "retry" not in buttons(visitor.get(url))


def test_a_retry_fetches_what_was_missing(working: Site) -> None:
    visitor, _, url = asked(working)
    file = working.holdings.place(working.holdings[C0F])
    content = file.read_bytes()
    file.unlink()
    working.work()
    page = visitor.get(url)
    first = page.at("delivery").get("data-state")
    offered = [each for each in page.all("button") if "Retry the 1 that failed" in "".join(each.itertext())]
    file.write_bytes(content)
    visitor.post(f"{url}/retry", {})
    working.work()
    assert (first, len(offered), state(visitor, url)) == ("Finished with problems", 1, "Ready")


def test_staged_files_are_had_under_the_delivery_s_address(working: Site) -> None:
    visitor, _, url = asked(working)
    working.work()
    with visitor.client.get(f"{url}/{working.holdings[I2D].path}", headers={"Range": "bytes=10-19"}) as answer:
        assert (answer.status_code, answer.data) == (206, (working.holdings[I2D].content or b"")[10:20])


@pytest.mark.parametrize("name", ["../x", "%2e%2e/x", ".skybasket/x", "JWST", "JWST/", "nothing"])
def test_nothing_else_of_the_stage_is_served(working: Site, name: str) -> None:
    visitor, _, url = asked(working)
    working.work()
    with visitor.client.get(f"{url}/{name}") as answer:
        assert answer.status_code in {308, 404}


def test_staged_files_live_seven_days_and_once_seven_more(working: Site, at: Callable[[int], None]) -> None:
    visitor, _, url = asked(working)
    working.work()
    first = visitor.get(url).words
    visitor.post(f"{url}/extend", {})
    page = visitor.get(url)
    assert ("7 days left" in first, "14 days left" in page.words, "extend" in buttons(page)) == (True, True, False)
    at(NOW + 14 * DAY + 60)
    assert state(visitor, url) == "Expired"
    with visitor.client.get(f"{url}/{working.holdings[I2D].path}") as answer:
        assert (answer.status_code, "expired" in answer.text) == (410, True)


def test_an_expired_delivery_can_be_made_again(working: Site, at: Callable[[int], None]) -> None:
    visitor, _, url = asked(working)
    working.work()
    visitor.get(url)
    at(NOW + 8 * DAY)
    visitor.post(f"{url}/retry", {})
    working.work()
    assert (state(visitor, url), "7 days left" in visitor.get(url).words) == ("Ready", True)


def test_a_fourth_long_job_is_refused_while_three_are_not_over(working: Site) -> None:
    visitor, base, _ = asked(working)
    for form in ("zip", "tar"):
        visitor.post(f"{base}/deliveries", {"as": f"batch/{form}", "back": "mrp=0"})
    page = visitor.post(f"{base}/deliveries", {"as": "batch/tar.gz", "back": "mrp=0"}, status=429)
    assert page.title.startswith("3 long downloads of yours are still being prepared")
    working.work()
    visitor.get("/history")
    visitor.post(f"{base}/deliveries", {"as": "batch/tar.gz", "back": "mrp=0"}, status=303)


def test_a_batch_that_does_not_fit_into_the_stage_is_refused_with_the_figures(site: Site) -> None:
    object.__setattr__(site.services, "settings", replace(site.settings, stage_bytes=30_000))
    visitor = site.visitor()
    base = visitor.basket(IMAGE, WFPC2)
    visitor.tick(base, *(site.holdings[name].path for name in (I2D, C0F)))
    page = visitor.post(f"{base}/deliveries", {**BATCH, "back": "mrp=0"}, status=507)
    assert "This selection is 40.3 kB; of the 30.0 kB" in page.words
    with Session(site.services.engine) as session:
        assert session.exec(select(Delivery)).all() == []
    assert list((site.settings.spool / "deliveries").iterdir()) == []


@pytest.mark.parametrize("address", ["nobody", "a@b", "a b@example.org", "a@example.org\nBcc: c@example.org"])
def test_an_address_that_mail_cannot_be_sent_to_is_refused(site: Site, address: str) -> None:
    visitor = site.visitor()
    base = visitor.basket(IMAGE)
    visitor.tick(base, site.holdings[I2D].path)
    page = visitor.post(f"{base}/deliveries", {**BATCH, "email": address, "back": "mrp=0"}, status=422)
    assert page.title.startswith("Mail cannot be sent to")


def test_an_address_is_kept_for_the_mail(site: Site) -> None:
    asked(site, email="someone@Example.org ")
    with Session(site.services.engine) as session:
        assert session.exec(select(Delivery.email)).one() == "someone@example.org"


def test_a_staged_bundle_that_is_made_again_has_another_name(queued: Site) -> None:
    visitor, _, url = asked(queued, **{"as": "batch/zip"})
    file = queued.holdings.place(queued.holdings[C0F])
    content = file.read_bytes()
    file.unlink()
    queued.work()
    before = link(visitor, url)
    file.write_bytes(content)
    visitor.post(f"{url}/retry", {})
    queued.work()
    assert link(visitor, url) == before.replace(".zip", "_2.zip")
    with visitor.client.get(before) as old:
        assert old.status_code == 404
