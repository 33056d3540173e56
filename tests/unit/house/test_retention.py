from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.holdings import NOW
from tests.fixtures.house import DAY, OWNER
from webapp.models import (
    Basket,
    BasketAddition,
    BasketObservation,
    BasketRule,
    BasketStep,
    Delivery,
    Folder,
    InventoryOrder,
    Kind,
    MailSent,
    Observation,
    Product,
    Rights,
    Share,
    Snapshot,
)
from webapp.queries import retention as query
from webapp.retention import retain

if TYPE_CHECKING:
    from tests.fixtures.house import House

IDLE = NOW - 91 * DAY
BUSY = NOW - 89 * DAY
LONG_AGO = {"created_at": IDLE, "finished_at": IDLE}


def frozen(house: House, **values: Any) -> str:
    """A frozen basket that was made before yesterday."""
    return house.basket(**{"snapshot": "content", "digest": "content", "changed_at": NOW - 2 * DAY, **values})


def share(house: House, basket: str, **values: Any) -> None:
    said = {"filters": "mrp=1", "title": "", "note": "", "created_at": IDLE}
    house.add(Share, id=f"share-{basket}", owner=OWNER, basket_id=basket, **said | values)


def test_a_basket_and_a_history_that_were_idle_for_too_long_are_deleted(house: House) -> None:
    house.basket(changed_at=IDLE)
    old = house.delivery(**LONG_AGO)
    retain(house.services)
    assert (house.all(Basket), house.all(Delivery)) == (set(), set())
    assert not house.folder(old).exists()


def test_they_stay_to_the_last_day(house: House) -> None:
    basket, delivery = house.basket(changed_at=BUSY), house.delivery(**LONG_AGO)
    retain(house.services)
    assert (house.all(Basket), house.all(Delivery)) == ({basket}, {delivery})


@pytest.mark.parametrize(
    "values",
    [
        {"created_at": BUSY, "finished_at": BUSY},
        {**LONG_AGO, "state": None},
        {**LONG_AGO, "expires_at": NOW + DAY},
    ],
    ids=["made lately", "unfinished", "still staged"],
)
def test_a_delivery_that_is_not_idle_keeps_all_of_its_owner(house: House, values: dict[str, Any]) -> None:
    basket = house.basket(changed_at=IDLE)
    delivery = house.delivery(**values)
    retain(house.services)
    assert (house.all(Basket), house.all(Delivery)) == ({basket}, {delivery})


def test_one_owner_being_idle_takes_nothing_from_another(house: House) -> None:
    house.basket(changed_at=IDLE)
    basket = house.basket(owner="another")
    retain(house.services)
    assert house.all(Basket) == {basket}


def test_what_an_idle_basket_holds_is_deleted_with_it_in_slices(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "SLICE", 2)
    house.add(Folder, id=1, mission="HST", path="a")
    house.add(Kind, id=1, mission="HST", category="SCIENCE", ext="fits", group="CAL", recommended=True)
    house.add(Rights, id=1, mission="HST", programme="1")
    basket = house.basket(changed_at=IDLE)
    for number in range(1, 6):
        house.add(Observation, id=number, mission="HST", obs_id=f"o{number}", stub=False)
        house.add(BasketObservation, basket_id=basket, observation_id=number, added_at=IDLE)
        named = {"uri": f"mast:{number}", "mission": "HST", "filename": "a", "revision": 1, "added_at": IDLE}
        house.add(Product, id=number, folder_id=1, kind_id=1, rights_id=1, **named)
        house.add(BasketAddition, basket_id=basket, product_id=number, added_at=IDLE)
    house.add(BasketStep, basket_id=basket, at=IDLE, sentence="Removed 1 file.", undo=b"", undone=False)
    retain(house.services)
    left = [house.all(BasketObservation, "basket_id"), house.all(BasketAddition, "basket_id"), house.all(BasketStep)]
    assert [house.all(Basket), *left] == [set()] * 4


def test_anothers_delivery_outlives_the_basket_that_it_was_chosen_in(house: House) -> None:
    basket = house.basket(changed_at=IDLE)
    delivery = house.delivery(owner="another", basket_id=basket)
    retain(house.services)
    assert house.value(delivery, "basket_id") is None


@pytest.mark.parametrize("name", ["files_id", "basket_id"])
def test_a_frozen_basket_stays_while_a_delivery_names_it(house: House, name: str) -> None:
    house.add(Snapshot, digest="content", content=b"", created_at=IDLE)
    basket = frozen(house)
    house.delivery(**{name: basket})
    retain(house.services)
    assert (house.all(Basket), house.all(Snapshot, "digest")) == ({basket}, {"content"})


def test_a_frozen_basket_that_nothing_names_goes_and_its_snapshot_too(house: House) -> None:
    house.add(Snapshot, digest="content", content=b"", created_at=IDLE)
    frozen(house)
    retain(house.services)
    assert (house.all(Basket), house.all(Snapshot, "digest")) == (set(), set())


def test_what_was_frozen_just_now_is_about_to_be_named(house: House) -> None:
    house.add(Snapshot, digest="content", content=b"", created_at=NOW - 60)
    basket = frozen(house, changed_at=NOW - 60)
    retain(house.services)
    assert (house.all(Basket), house.all(Snapshot, "digest")) == ({basket}, {"content"})


def test_a_share_outlives_an_idle_owner(house: House) -> None:
    basket = frozen(house, changed_at=IDLE)
    share(house, basket)
    house.basket(changed_at=IDLE)
    retain(house.services)
    assert (house.all(Share, "basket_id"), house.all(Basket)) == ({basket}, {basket})


def test_a_revoked_share_goes_in_the_end_with_what_it_showed(house: House) -> None:
    share(house, frozen(house), revoked_at=IDLE)
    kept = frozen(house)
    share(house, kept, revoked_at=BUSY)
    retain(house.services)
    assert (house.all(Share, "basket_id"), house.all(Basket)) == ({kept}, {kept})


def test_the_order_of_an_inventory_stays_while_a_basket_has_it(house: House) -> None:
    house.basket(digest="used")
    for digest in ("used", "unused"):
        house.add(InventoryOrder, digest=digest, product_ids=b"")
    retain(house.services)
    assert house.all(InventoryOrder, "digest") == {"used"}


def test_a_deleted_delivery_can_come_back_for_a_day(house: House) -> None:
    gone = house.batch(deleted_at=NOW - DAY - 1)
    kept = house.batch(deleted_at=NOW - DAY + 1)
    retain(house.services)
    assert house.all(Delivery) == {kept}
    assert [house.folder(gone).exists(), house.stage(gone).exists()] == [False, False]
    assert house.stage(kept).exists()


def test_mail_is_remembered_for_a_day(house: House) -> None:
    for at in (NOW - DAY, NOW - DAY + 1):
        house.add(MailSent, at=at, owner=OWNER, address="me@sky.example")
    retain(house.services)
    assert house.all(MailSent, "at") == {NOW - DAY + 1}


def test_a_deleted_basket_goes_when_it_can_no_longer_be_brought_back(house: House) -> None:
    for owner in (OWNER, "account:7"):
        house.basket(owner=owner, deleted_at=NOW - 30 * DAY)
    kept = house.basket(deleted_at=NOW - 30 * DAY + 1)
    retain(house.services)
    assert house.all(Basket) == {kept}


def test_the_rule_of_a_basket_goes_with_it(house: House) -> None:
    house.add(BasketRule, basket_id=house.basket(changed_at=IDLE), filters="mrp=0", seen_at=IDLE, seen=b"")
    retain(house.services)
    assert (house.all(Basket), house.all(BasketRule, "basket_id")) == (set(), set())


def test_what_an_account_owns_is_never_too_old(house: House) -> None:
    basket = house.basket(owner="account:7", changed_at=IDLE)
    delivery = house.delivery(owner="account:7", **LONG_AGO)
    retain(house.services)
    assert (house.all(Basket), house.all(Delivery)) == ({basket}, {delivery})


def test_what_was_ordered_with_a_basket_s_key_goes_as_a_session_s_does(house: House) -> None:
    house.delivery(owner="key:somebody", **LONG_AGO)
    retain(house.services)
    assert house.all(Delivery) == set()
