"""Mail about deliveries, to a real mail server: what is said, to whom, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.holdings import NOW
from tests.fixtures.house import DAY
from tests.fixtures.mail import ME, ends, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.house import House
    from tests.fixtures.mail import Post


@pytest.mark.parametrize(
    ("state", "subject"),
    [
        ("Ready", "[Skybasket] Your download of 24 files is ready"),
        ("Finished with problems", "[Skybasket] Your download of 24 files finished with problems"),
        ("Failed", "[Skybasket] Your download of 24 files failed"),
    ],
)
def test_the_end_of_a_delivery_is_mailed_once(house: House, post: Post, state: str, subject: str) -> None:
    delivery = ends(house, state=state)
    for _ in range(2):
        send(house, post)
    assert [mail["Subject"] for mail in post.mail] == [subject]
    assert post.to == [[ME]]
    assert house.value(delivery, "mailed") == state


def test_a_mail_has_a_link_to_the_delivery_and_no_word_of_a_user(lite_house: House, post: Post) -> None:
    delivery = ends(lite_house, label="BUY PILLS", options='{"title": "PILLS"}')
    send(lite_house, post)
    text = post.mail[0].get_content().replace("\r\n", "\n")
    assert f"\nhttps://skybasket.example/deliveries/{delivery}\n" in text
    assert text.startswith("Your download of 24 files (3.2 GB) is ready:\n")
    assert "PILLS" not in post.mail[0].as_string()


def test_a_mail_has_the_headers_that_mail_servers_and_robots_look_for(lite_house: House, post: Post) -> None:
    ends(lite_house)
    send(lite_house, post)
    (mail,) = post.mail
    assert (mail["From"], mail["To"]) == ("Skybasket <sky@archive.example>", ME)
    assert mail["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert mail["Message-ID"].endswith("@archive.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"


def test_the_mail_about_staged_files_says_until_when_they_stay(lite_house: House, post: Post) -> None:
    lite_house.batch(email=ME)
    send(lite_house, post)
    assert "The files are kept until 2027-01-21 08:00 UTC." in post.mail[0].get_content()


@pytest.mark.parametrize(
    "values",
    [
        {"email": None},
        {"state": None},
        {"state": "Cancelled"},
        {"state": "Expired"},
        {"mailed": "Ready"},
        {"finished_at": NOW - DAY - 1},
        {"deleted_at": NOW},
    ],
)
def test_nothing_else_is_mailed(lite_house: House, post: Post, values: dict[str, Any]) -> None:
    ends(lite_house, **values)
    send(lite_house, post)
    assert not post.sessions


def test_another_end_of_the_same_delivery_is_mailed_too(lite_house: House, post: Post) -> None:
    ends(lite_house, mailed="Failed")
    send(lite_house, post)
    assert len(post.mail) == 1


@pytest.mark.parametrize(
    "others",
    [{"email": ["{}@sky.example"] * 6}, {"owner": ["owner-{}"] * 6, "email": ["Me@sky.example", ME] * 3}],
    ids=["a session", "an address"],
)
def test_at_most_five_mails_a_day_go_to(house: House, post: Post, others: dict[str, list[str]]) -> None:
    made = [ends(house, **{name: each[n].format(n) for name, each in others.items()}) for n in range(6)]
    send(house, post)
    assert len(post.mail) == 5
    assert {house.value(each, "mailed") for each in made} == {"Ready"}


def test_what_the_limit_kept_back_is_not_sent_later(house: House, post: Post, at: Callable[[int], None]) -> None:
    for _ in range(6):
        ends(house)
    send(house, post)
    at(NOW + DAY - 120)
    send(house, post)
    assert len(post.mail) == 5


def test_a_day_later_there_is_mail_again(house: House, post: Post, at: Callable[[int], None]) -> None:
    for _ in range(5):
        ends(house)
    send(house, post)
    at(NOW + DAY)
    ends(house, finished_at=NOW + DAY)
    send(house, post)
    assert len(post.mail) == 6


def test_a_reminder_comes_two_days_before_the_files_go(house: House, post: Post, at: Callable[[int], None]) -> None:
    batch = house.batch(email=ME, mailed="Ready", expires_at=NOW + 2 * DAY + 1)
    send(house, post)
    at(NOW + 1)
    for _ in range(2):
        send(house, post)
    assert [mail["Subject"] for mail in post.mail] == [
        "[Skybasket] Your download of 24 files will be removed on 2027-01-17"
    ]
    assert "keep them for a week more" in " ".join(post.mail[0].get_content().split())
    assert house.value(batch, "reminded_at") == NOW + 1


def test_a_reminder_offers_no_week_more_where_there_was_one(lite_house: House, post: Post) -> None:
    lite_house.batch(email=ME, mailed="Ready", expires_at=NOW + DAY, extended_at=NOW - DAY)
    send(lite_house, post)
    assert "a week more" not in post.mail[0].get_content()


@pytest.mark.parametrize("values", [{"email": None}, {"expires_at": NOW}, {"reminded_at": NOW - 60}])
def test_no_reminder_without_an_address_or_too_late_or_twice(
    lite_house: House, post: Post, values: dict[str, Any]
) -> None:
    lite_house.batch(**{"email": ME, "mailed": "Ready", "expires_at": NOW + DAY, **values})
    send(lite_house, post)
    assert not post.sessions
