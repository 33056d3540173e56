"""Mail servers that refuse, fail, or want TLS, and a clock that is killed while it sends."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.fixtures.holdings import NOW
from tests.fixtures.house import DAY
from tests.fixtures.mail import ME, ends, send, serving
from webapp.mail.backoff import Backoff
from webapp.mail.sending import send_due
from webapp.mail.server import MailServerError
from webapp.models import MailSent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.house import House
    from tests.fixtures.mail import Post

ROOT = Path(__file__).parents[2]
SECONDS = 30


def test_mail_that_is_not_taken_for_now_is_tried_again_later(
    lite_house: House, post: Post, at: Callable[[int], None]
) -> None:
    delivery, backoff = ends(lite_house), Backoff()
    post.answers = ["451 Greylisted"]
    send(lite_house, post, backoff)
    send(lite_house, post, backoff)
    assert (post.sessions, post.mail, lite_house.value(delivery, "mailed")) == (1, [], None)
    assert lite_house.all(MailSent) == set()
    at(NOW + 60)
    send(lite_house, post, backoff)
    assert len(post.mail) == 1


def test_a_reminder_that_is_not_taken_for_now_is_tried_again_later(
    lite_house: House, post: Post, at: Callable[[int], None]
) -> None:
    lite_house.batch(email=ME, mailed="Ready", expires_at=NOW + DAY)
    backoff = Backoff()
    post.answers = ["451 Greylisted"]
    send(lite_house, post, backoff)
    at(NOW + 60)
    send(lite_house, post, backoff)
    assert len(post.mail) == 1


def test_one_address_that_has_to_wait_does_not_hold_up_others(lite_house: House, post: Post) -> None:
    ends(lite_house)
    ends(lite_house, email="you@sky.example")
    backoff = Backoff()
    post.answers = ["451 Greylisted"]
    for _ in range(2):
        send(lite_house, post, backoff)
    assert post.to == [["you@sky.example"]]


def test_mail_that_is_refused_for_good_is_not_tried_again(
    lite_house: House, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = ends(lite_house)
    post.answers = ["550 No such user"]
    for _ in range(2):
        send(lite_house, post)
    assert (post.sessions, post.mail) == (1, [])
    assert lite_house.value(delivery, "mailed") == "Ready"
    assert [record.levelname for record in caplog.records if record.name.startswith("webapp")] == ["WARNING"]


def test_a_server_that_is_down_is_one_error_and_then_left_alone_for_a_while(
    lite_house: House, at: Callable[[int], None]
) -> None:
    delivery, backoff = ends(lite_house), Backoff()
    with serving() as post:
        pass
    with pytest.raises(MailServerError, match=r"The mail server 127\.0\.0\.1 cannot be used"):
        send(lite_house, post, backoff)
    send(lite_house, post, backoff)
    at(NOW + 60)
    with pytest.raises(MailServerError):
        send(lite_house, post, backoff)
    assert lite_house.value(delivery, "mailed") is None


def test_without_a_mail_server_nothing_happens(lite_house: House) -> None:
    delivery = ends(lite_house)
    send_due(lite_house.services, Backoff())
    assert lite_house.value(delivery, "mailed") is None


def test_a_process_killed_before_it_knew_sends_once_more_and_then_no_more(lite_house: House, post: Post) -> None:
    delivery = ends(lite_house)
    for mailed in ("sending Ready", "sending again Ready"):
        killed_while_sending(lite_house, post)
        assert lite_house.value(delivery, "mailed") == mailed
    send(lite_house, post)
    assert len(post.mail) == 2
    assert lite_house.value(delivery, "mailed") == "Ready"


def killed_while_sending(house: House, post: Post) -> None:
    """A process that is killed when the server has the mail and has not said so."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"from webapp import clock; clock.now = lambda: {NOW}\n{SEND}"],
        cwd=ROOT,
        env=os.environ
        | {
            "SKYBASKET_HOME": str(house.settings.home),
            "SKYBASKET_DATABASE_URL": house.settings.database_url,
            "SKYBASKET_SMTP_URL": f"smtp://127.0.0.1:{post.port}",
            "SKYBASKET_MAIL_FROM": "sky@archive.example",
        },
    )

    post.before_yes = process.kill
    assert process.wait(SECONDS) == -signal.SIGKILL
    post.before_yes = lambda: None


SEND = """
from webapp.context import Services
from webapp.db import engine_for
from webapp.inventories import Inventories
from webapp.mail.backoff import Backoff
from webapp.mail.sending import send_due
from webapp.settings import load

settings = load()
engine = engine_for(settings.database_url)
send_due(Services(settings, engine, Inventories(engine, settings.spool, 1)), Backoff())
"""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process believes the authority, as an operator's would by the same variable."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.mark.usefixtures("trusted")
def test_starttls_is_used_before_the_log_in(lite_house: House, tls: ssl.SSLContext) -> None:
    ends(lite_house)
    with serving(tls=tls, log_in=True) as post:
        send(lite_house, post, url="smtp+starttls://sky:p%40ss%2Fword@127.0.0.1:{}")
    assert post.secure == [True]


@pytest.mark.usefixtures("trusted")
def test_tls_from_the_first_byte_works(lite_house: House, tls: ssl.SSLContext) -> None:
    ends(lite_house)
    with serving(tls=tls, starttls=False) as post:
        send(lite_house, post, url="smtps://127.0.0.1:{}")
    assert post.secure == [True]


def test_a_server_without_starttls_gets_no_mail_where_it_is_required(lite_house: House, post: Post) -> None:
    ends(lite_house)
    with pytest.raises(MailServerError, match="STARTTLS"):
        send(lite_house, post, url="smtp+starttls://127.0.0.1:{}")
    assert not post.mail


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(lite_house: House, tls: ssl.SSLContext) -> None:
    ends(lite_house)
    with serving(tls=tls) as post, pytest.raises(MailServerError, match="certificate verify failed"):
        send(lite_house, post, url="smtp+starttls://127.0.0.1:{}")
    assert not post.mail


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_an_error_that_does_not_show_it(lite_house: House, tls: ssl.SSLContext) -> None:
    ends(lite_house)
    with serving(tls=tls, log_in=True) as post, pytest.raises(MailServerError, match="535") as caught:
        send(lite_house, post, url="smtp+starttls://sky:wrong@127.0.0.1:{}")
    assert "wrong" not in str(caught.value)
    assert not post.mail
