from __future__ import annotations

import pytest

from webapp.mail import valid_address
from webapp.mail.backoff import Backoff
from webapp.mail.url import MailServer, parse_url


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("me@sky.example", "me@sky.example"),
        (" me@sky.example ", "me@sky.example"),
        ("Me.And-you+hst@Sky.Example", "Me.And-you+hst@sky.example"),
        ("o'brien@a-b.c.example", "o'brien@a-b.c.example"),
        ("ich@münchen.example", "ich@xn--mnchen-3ya.example"),
        (f"{'a' * 64}@sky.example", f"{'a' * 64}@sky.example"),
    ],
)
def test_a_plain_address_is_accepted(text: str, address: str) -> None:
    assert valid_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "me",
        "@sky.example",
        "me@",
        "me@sky",
        "me@127.0.0.1",
        "me@[127.0.0.1]",
        "me@sky..example",
        "me@-sky.example",
        "me@sky-.example",
        "me@sky.example.",
        ".me@sky.example",
        "me.@sky.example",
        "m..e@sky.example",
        "m e@sky.example",
        "me@you@sky.example",
        '"me"@sky.example',
        "me(comment)@sky.example",
        "Me <me@sky.example>",
        "me@sky.example, you@sky.example",
        "me@sky.example\r\nBcc: you@sky.example",
        "me@sky.example\n",
        "me\0@sky.example",
        "mé@sky.example",
        f"{'a' * 65}@sky.example",
        f"me@{'a' * 64}.example",
        f"me@{'a.' * 130}example",
        "me@sky.ex\u202eample",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert valid_address(text) is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", ("smtp", "mail.example", 25, "", "")),
        ("smtps://mail.example", ("smtps", "mail.example", 465, "", "")),
        ("smtp+starttls://mail.example/", ("smtp+starttls", "mail.example", 587, "", "")),
        ("smtps://a%40b:p%2Fw@mail.example:2465", ("smtps", "mail.example", 2465, "a@b", "p/w")),
        ("smtp://[::1]:2525", ("smtp", "::1", 2525, "", "")),
    ],
)
def test_a_mail_server_is_named_by_a_url(url: str, server: tuple[str, str, int, str, str]) -> None:
    assert parse_url(url) == MailServer(*server)


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://mail.example", "smtp://", "smtp://a@mail.example", "smtp://mail.example/x", "smtp://h:x"],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the settings turn it into a sentence
        parse_url(url)


def test_what_failed_waits_twice_as_long_each_time_and_an_hour_at_most() -> None:
    backoff, now, waits = Backoff(), 0, []
    for _ in range(8):
        backoff.failed("key", now)
        first = next(later for later in range(now, now + 10_000) if "key" not in backoff.waiting(later))
        waits.append(first - now)
        now = first
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_success_ends_the_wait() -> None:
    backoff = Backoff()
    backoff.failed("key", 0)
    backoff.succeeded("key")
    assert backoff.waiting(1) == set()
