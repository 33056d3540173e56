"""The Python client against a running server: the whole journey of the page without a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from skybasket_client import SkybasketError
from tests.fixtures.counter import GALAXY, LOST, SECRET, SLOW, STAR, bundle_of_the_page, unpacked
from tests.fixtures.up import SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.counter import Counter


def test_the_journey_of_the_page_by_a_notebook_ends_in_the_same_bytes(counter: Counter, tmp_path: Path) -> None:
    with counter.sky() as sky:
        found = [each["obs_id"] for each in sky.observations(mission="JWST", proposal="2731")]
        assert found == [STAR, GALAXY]
        basket = sky.new_basket(found[:1])
        basket.add([f"JWST:{GALAXY}"])
        basket.select("mrp=0", group=["CAL", "I2D"])
        basket.remove(mrp=0, ext="txt")
        assert basket.show()["selected"]["files"] == 11
        digest = basket.plan("bundle", "zip")["digest"]
        delivery = basket.deliver("bundle", "zip", expect=digest).wait()
        (bundle,) = delivery.download(tmp_path)
        arrived = unpacked(bundle)
        assert arrived == bundle_of_the_page(counter, tmp_path)
        assert {each["path"] for each in basket.files(mrp=0, selected=1)} == set(arrived)


def test_the_journey_by_plain_http_ends_in_the_same_bytes(counter: Counter, tmp_path: Path) -> None:
    with httpx.Client(base_url=f"{counter.url}/api/v1", timeout=SECONDS) as client:
        made = client.post("/baskets", json={"match": "proposal=2731"}).json()
        client.headers["Authorization"] = f"Bearer {made['key']}"
        base = f"/baskets/{made['id']}"
        assert client.post(f"{base}/selection", json={"select": True, "filters": "mrp=0&group=CAL&group=I2D"}).json()[
            "selected"
        ] == {"files": 11, "bytes": 3_940_015, "unknown_size": 0}
        answer = client.post(f"{base}/deliveries", json={"method": "bundle", "format": "tar"})
        assert answer.status_code == 202, answer.text
        with counter.sky() as sky:
            (part,) = sky.delivery(answer.json()["id"]).wait().said["parts"]
        half = part["bytes"] // 2
        first = client.get(part["url"], headers={"Range": f"bytes=0-{half - 1}"})
        second = client.get(part["url"], headers={"Range": f"bytes={half}-", "If-Range": first.headers["ETag"]})
        (tmp_path / "api.tar").write_bytes(first.content + second.content)
    assert unpacked(tmp_path / "api.tar") == bundle_of_the_page(counter, tmp_path)


def test_a_change_that_was_meant_for_another_version_changes_nothing(counter: Counter) -> None:
    with counter.sky() as sky:
        basket = sky.new_basket([STAR])
        before = basket.version
        basket.select()
        with pytest.raises(SkybasketError) as caught:
            basket.remove("mrp=0", if_version=before)
        assert caught.value.status == 412
        assert basket.show()["files"] == 8


def test_a_basket_without_its_key_can_be_read_but_not_changed(counter: Counter) -> None:
    with counter.sky() as mine, counter.sky() as theirs:
        made = mine.new_basket([STAR])
        basket = theirs.basket(made.url)
        assert basket.show()["files"] == 8
        with pytest.raises(SkybasketError) as caught:
            basket.select()
        assert caught.value.status in {401, 403}
        assert theirs.basket(made.id, key=made.key).select()["selected"]["files"] == 3


def test_an_unknown_name_is_told_and_nothing_is_made(counter: Counter) -> None:
    with counter.sky() as sky, pytest.raises(SkybasketError, match="nope") as caught:
        sky.new_basket([STAR, "nope"])
    assert (caught.value.status, caught.value.problem["missing"]) == (422, ["nope"])


def test_what_has_to_be_decided_is_told_before_anything_is_made(counter: Counter, tmp_path: Path) -> None:
    with counter.sky() as sky:
        basket = sky.new_basket([LOST])
        basket.select()
        with pytest.raises(SkybasketError) as caught:
            basket.deliver()
        assert (caught.value.status, [each["code"] for each in caught.value.problem["findings"]]) == (409, ["missing"])
        delivery = basket.deliver("bundle", "tar", on_problem="drop").wait()
        assert delivery.omitted == 1
        assert set(unpacked(delivery.download(tmp_path)[0])) == {"JWST/lost/lost_1_i2d.fits"}


def test_an_order_with_the_same_key_is_the_same_delivery(counter: Counter) -> None:
    with counter.sky() as sky:
        basket = sky.new_basket([STAR])
        basket.select()
        orders = [basket.deliver("list", "csv", idempotency_key="once").id for _ in range(2)]
        assert orders[0] == orders[1]
        with pytest.raises(SkybasketError) as caught:
            basket.deliver("list", "jsonl", idempotency_key="once")
        assert caught.value.status == 422


def test_who_has_a_token_reads_what_is_exclusive_and_whoever_ordered_may_cancel(
    counter: Counter, tmp_path: Path
) -> None:
    with counter.sky(counter.token("reader-of-notebooks")) as sky, counter.held():
        basket = sky.new_basket([SECRET])
        basket.select()
        (bundle,) = basket.deliver("bundle", "tar").wait().download(tmp_path)
        assert unpacked(bundle) == counter.tree(SECRET)
        held = sky.new_basket([SLOW])
        held.select()
        assert held.deliver("bundle", "tar.gz").cancel().state == "Cancelled"
