"""Logging in at a provider of OpenID Connect: a real one, in a thread of its own, and a browser that goes there."""

from __future__ import annotations

import threading
import warnings
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from werkzeug.serving import make_server

from tests.fixtures.holdings import WFPC2
from tests.fixtures.oidc import ADA, SUBJECT, Institute, before
from tests.fixtures.people import person
from tests.fixtures.up import free_port
from tests.fixtures.webapp import Site, application
from webapp import accounts, oidc_accounts
from webapp.identity import LOGIN_COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.serving import BaseWSGIServer

    from tests.fixtures.visitor import Page, Visitor

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib"),  # the provider's own use of it
    pytest.mark.usefixtures("institute"),
]

DONE = "/login/oidc/done"
UNFIT = "does not fit what was asked here"


@pytest.fixture(scope="module")
def institute() -> Iterator[Institute]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of what it imports itself
        import oidc_provider_mock as mock  # noqa: PLC0415 - as above

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider's own library wants TLS
        with mock.run_server_in_thread() as server:
            made = Institute(f"http://localhost:{server.server_port}")
            made.knows(SUBJECT, **ADA)
            yield made


def connected(site: Site, issuer: str, **values: Any) -> Site:
    """The same, with a provider."""
    settings = replace(
        site.settings,
        oidc_issuer=issuer,
        oidc_client_id="skybasket",
        oidc_client_secret="a secret for tests",  # noqa: S106 - as it says
        oidc_name="the Sky Institute",
        **values,
    )
    return Site(application(settings), settings, site.holdings)


@contextmanager
def running(server: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def known(lite: Site, institute: Institute) -> Site:
    return connected(lite, institute.url)


def leaves(visitor: Visitor, query: str = "") -> str:
    """Press the button; the address at the provider."""
    there = visitor.client.get(f"/login/oidc{query}")
    assert there.status_code == 302, there.text
    return there.headers["Location"]


def back(there: str, **how: Any) -> str:
    """What somebody does at the provider; the path of this server that it leads them back to."""
    return Institute.answer(there, **how).removeprefix("https://skybasket.example")


def comes(visitor: Visitor, query: str = "") -> Page:
    return visitor.get(back(leaves(visitor, query)), status=303)


def refused(visitor: Visitor, url: str, sentence: str, status: int = 403) -> None:
    page = visitor.get(url, status=status)
    assert sentence in page.words
    assert page.has("password"), "it is the login page"
    assert visitor.client.get_cookie(LOGIN_COOKIE) is None


def test_who_comes_back_is_logged_in_where_they_wanted_to_be(known: Site) -> None:
    visitor = known.visitor()
    base = visitor.basket(WFPC2)
    page = visitor.follow(comes(visitor, query=f"?next={base}"))
    assert page.messages[-1] == "Logged in as ada-lovelace. Brought into your account: 1 basket."


def test_the_second_login_is_the_same_account(known: Site, institute: Institute) -> None:
    comes(known.visitor())
    institute.knows(SUBJECT, preferred_username="somebody else now")
    visitor = known.visitor()
    comes(visitor)
    institute.knows(SUBJECT, **ADA)
    assert "ada-lovelace" in visitor.get("/account").words


def test_a_mail_address_opens_nobodys_account(known: Site) -> None:
    person(known, "ada-lovelace")
    accounts.set_values(known.services, accounts.called(known.services, "ada-lovelace").id, email=ADA["email"])
    visitor = known.visitor()
    page = visitor.follow(comes(visitor))
    assert page.messages[-1] == "Logged in as ada-lovelace-2."


def test_the_account_has_no_password_and_says_so(known: Site) -> None:
    visitor = known.visitor()
    comes(visitor)
    page = visitor.get("/account")
    assert "This account has no password here: you log in with the Sky Institute." in page.words
    assert not page.has("old")
    known.visitor().post("/login", {"name": "ada-lovelace", "password": ""}, status=403)


def test_the_request_has_all_that_keeps_others_out(known: Site) -> None:
    asked = dict(parse_qsl(urlsplit(leaves(known.visitor())).query))
    assert asked["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["redirect_uri"] == "https://skybasket.example/login/oidc/done"


def test_the_way_back_is_never_what_a_request_names_as_host(known: Site) -> None:
    there = known.visitor().client.get("/login/oidc", headers={"Host": "evil.example"}).headers["Location"]
    assert "evil.example" not in there


def test_who_does_not_consent_is_told_so(known: Site) -> None:
    visitor = known.visitor()
    refused(visitor, back(leaves(visitor), consent=False), "The Sky Institute did not let you in")


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(known: Site) -> None:
    attacker, victim = known.visitor(), known.visitor()
    answer = back(leaves(attacker))
    refused(victim, answer, UNFIT)
    leaves(victim)
    refused(victim, answer, UNFIT)


def test_an_answer_is_taken_once(known: Site) -> None:
    visitor = known.visitor()
    answer = back(leaves(visitor))
    earlier = visitor.client.get_cookie("skybasket")
    assert earlier is not None
    visitor.get(answer, status=303)
    visitor.post("/logout")
    refused(visitor, answer, UNFIT)
    visitor.client.set_cookie("skybasket", earlier.value)  # the provider knows that its code was used
    refused(visitor, answer, UNFIT)


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=server_error&state=x"])
def test_any_other_answer_is_a_sentence(known: Site, query: str) -> None:
    visitor = known.visitor()
    leaves(visitor)
    refused(visitor, f"{DONE}{query}", UNFIT)


def test_an_account_that_is_switched_off_stays_out(known: Site) -> None:
    comes(known.visitor())
    accounts.set_values(known.services, accounts.called(known.services, "ada-lovelace").id, disabled_at=1)
    visitor = known.visitor()
    refused(visitor, back(leaves(visitor)), "Your account here is switched off.")


@pytest.mark.parametrize("path", ["/login/oidc", DONE])
def test_a_provider_that_is_down_is_a_sentence(lite: Site, path: str) -> None:
    site = connected(lite, f"http://localhost:{free_port()}")
    refused(site.visitor(), path, "The Sky Institute does not answer as it should.", 502)


def test_a_provider_that_goes_away_meanwhile_is_a_sentence(lite: Site, institute: Institute) -> None:
    with before(institute) as between:
        site = connected(lite, between.url)
        visitor = site.visitor()
        answer = back(leaves(visitor))
        between.broken = "/oauth2/token"
        refused(visitor, answer, "does not answer as it should.", 502)


@pytest.mark.parametrize(
    "what", ["signature", "payload", "unsigned", "expired", "audience", "nonce", "issuer", "missing"]
)
def test_a_token_that_is_not_the_providers_for_us_and_now_is_refused(
    lite: Site, institute: Institute, what: str
) -> None:
    with before(institute) as between:
        site = connected(lite, between.url)
        visitor = site.visitor()
        answer = back(leaves(visitor))
        between.forged = what
        refused(visitor, answer, UNFIT)


def test_it_works_over_real_connections(lite: Site, institute: Institute) -> None:
    port = free_port()
    site = connected(lite, institute.url, public_url=f"http://127.0.0.1:{port}")
    server = make_server("127.0.0.1", port, site.app, threaded=True)
    with running(server), requests.Session() as browser:
        there = browser.get(f"{site.settings.base_url}/login/oidc", timeout=10, allow_redirects=False)
        page = browser.post(there.headers["Location"], data={"sub": SUBJECT}, timeout=10)
        assert page.url == f"{site.settings.base_url}/"
        assert "Logged in as ada-lovelace." in page.text


def test_the_button_stands_beside_the_password(known: Site, shared: Site) -> None:
    page = known.visitor().get("/login?next=/history")
    (button,) = page.all("a", href="/login/oidc?next=/history")
    assert "Log in with the Sky Institute" in "".join(button.itertext())
    assert page.has("password")
    assert "Log in with" not in shared.visitor().get("/login").words


def test_without_a_provider_its_addresses_are_sentences(shared: Site) -> None:
    for path in ("/login/oidc", DONE):
        assert "no other way to log in than a password" in shared.visitor().get(path, status=404).words


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "Ada.L", "sub": "1"}, "ada.l"),
        ({"email": "ada@sky.example", "sub": "1"}, "ada@sky.example"),
        ({"preferred_username": "Ådå!", "sub": "1"}, "ada"),
        ({"preferred_username": 7, "sub": "Sub|42"}, "sub-42"),
        ({"preferred_username": "名", "sub": "*"}, "person"),
        ({"preferred_username": "x" * 500, "sub": "1"}, "x" * 90),
    ],
)
def test_a_name_is_made_of_what_the_provider_says(claims: dict[str, str], name: str) -> None:
    assert oidc_accounts.name_of(claims) == name
