"""One request to another HTTP server, with everything that can go wrong turned into a sentence.

Follows up to five redirects, never from https to http; uses no proxy, cookies or ``.netrc``. Connections are kept and
reused, at most 16 to a host; a forked child makes its own. Sentences name the host, never a query or a password.
"""

from __future__ import annotations

import os
import re
import time
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import httpcore
import httpx

from jobs.addresses import PublicOnly
from jobs.errors import MissingFile, NotGiven, StoreError, Temporary

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")

CONNECTIONS = 16  # to one host at a time: more than a browser's 6, less than what archives block
HOSTS = 64
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
REDIRECTS = 5
_REDIRECT = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_NOT_OURS = 401  # of this file; 403 may mean that we ask too much
_BUSY = frozenset({429, 500, 502, 503, 504})
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(rb"[a-z0-9._-]+|[0-9a-f:.]+")  # a name after IDNA, or an IPv6 address


@dataclass(frozen=True)
class Patience:
    """How long to wait for another server, in seconds, and how often to try."""

    connect: float = 5.0
    silence: float = 30.0  # between two pieces
    answer: float = 120.0  # for one range; a server that drips a byte at a time ends here
    attempts: int = 4
    first_wait: float = 0.25  # doubled each time
    longest_wait: float = 10.0  # that a server may ask for by Retry-After


class Upstream:
    """Requests to other servers, from many threads at once. ``configured`` are hosts and ports that may be internal.

    They alone are sent the ``token``.
    """

    def __init__(self, configured: frozenset[tuple[str, int]], patience: Patience, token: str = "") -> None:
        self.patience = patience
        self._signed = {"Authorization": f"token {token}"} if token else {}
        self._trusted = configured
        self._network = PublicOnly(configured)
        self._clients: dict[tuple[int, str], httpx.Client] = {}
        weakref.finalize(self, _close, self._clients)

    def patiently(self, attempt: Callable[[], T]) -> T:
        """The first result of several attempts. Raises the last one's Temporary, or at once what is not temporary."""
        wait = self.patience.first_wait
        for _ in range(self.patience.attempts - 1):
            try:
                return attempt()
            except Temporary as error:
                if error.wait > self.patience.longest_wait:
                    raise
                time.sleep(max(wait, error.wait))
                wait *= 2
        return attempt()

    @contextmanager
    def answer(self, method: str, url: httpx.URL, headers: Mapping[str, str], shown: str) -> Iterator[httpx.Response]:
        """The final answer, with its body unread; ``shown`` names the file in sentences. Raises StoreError."""
        response = self._send(method, url, headers, shown)
        for _ in range(REDIRECTS):
            if response.status_code not in _REDIRECT:
                break
            response.close()
            url = _next(url, response, shown)
            response = self._send(method, url, headers, shown)
        try:
            _must_be_good(response, shown)
            yield response
        finally:
            response.close()

    def body(self, response: httpx.Response, shown: str) -> Iterator[bytes]:
        """The bytes of an answer as they were sent. Raises Temporary if they stop coming."""
        until = time.monotonic() + self.patience.answer
        with _told(response.url.host, shown):
            for piece in response.iter_raw():
                yield piece
                if time.monotonic() > until:
                    raise Temporary(f"{response.url.host} sends {shown} too slowly.")

    def close(self) -> None:
        """Close this process's connections."""
        _close(self._clients)

    def _send(self, method: str, url: httpx.URL, headers: Mapping[str, str], shown: str) -> httpx.Response:
        client = self._client(f"{url.scheme}://{url.netloc.decode()}")
        with _told(url.host, shown):
            signed = self._signed if place_of(url) in self._trusted and keeps_secrets(url) else {}
            request = client.build_request(method, url, headers={"Accept-Encoding": "identity", **headers, **signed})
            return client.send(request, stream=True, follow_redirects=False)

    def _client(self, origin: str) -> httpx.Client:
        key = (os.getpid(), origin)  # the parent's connections must not be used by two processes
        client = self._clients.get(key)
        if client is None:
            if len(self._clients) >= HOSTS:
                self._clients.pop(next(iter(self._clients)))
            client = self._clients.setdefault(key, self._new_client())
        return client

    def _new_client(self) -> httpx.Client:
        silence = self.patience.silence
        transport = httpx.HTTPTransport(verify=_trust())
        transport._pool = httpcore.ConnectionPool(  # noqa: SLF001 - httpx has no other way to a network backend
            ssl_context=_trust(),
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=20.0,
            network_backend=self._network,
        )
        timeout = httpx.Timeout(silence, connect=self.patience.connect, pool=self.patience.answer)
        return httpx.Client(transport=transport, timeout=timeout, trust_env=False)


def _close(clients: dict[tuple[int, str], httpx.Client]) -> None:
    for key in [key for key in clients if key[0] == os.getpid()]:
        clients.pop(key).close()


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # the certificates that SSL_CERT_FILE names, else those that come with httpx


def address(text: str) -> httpx.URL | None:
    """What is written as the address of a file at a web server; None if it is none."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return None
    return url if url.scheme in _PORTS and _HOST.fullmatch(url.raw_host) else None


def place_of(url: httpx.URL) -> tuple[str, int]:
    """The host and port that an address means, as they are connected to."""
    return url.raw_host.decode(), url.port or _PORTS[url.scheme]


def keeps_secrets(url: httpx.URL) -> bool:
    """Whether nobody on the way to an address can listen."""
    return url.scheme == "https" or url.host in LOOPBACK


def _next(url: httpx.URL, response: httpx.Response, shown: str) -> httpx.URL:
    there = address(str(_joined(url, response.headers.get("location", ""))))
    if there is None or (url.scheme, there.scheme) == ("https", "http"):
        raise StoreError(f"{url.host} sends {shown} on to an address that is not valid or not safe.")
    same = (url.scheme, *place_of(url)) == (there.scheme, *place_of(there))
    return there.copy_with(userinfo=url.userinfo if same else b"")  # a password is for its own server


def _joined(url: httpx.URL, location: str) -> httpx.URL | None:
    try:
        return url.join(location) if location else None
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return None


def _must_be_good(response: httpx.Response, shown: str) -> None:
    status, host = response.status_code, response.url.host
    if status in _GONE:
        raise MissingFile(f"{shown} is not in its store ({host}).")
    if status in _BUSY:
        raise Temporary(
            f"{host} cannot send {shown} at the moment (status {status}).",
            retry_after(response.headers.get("retry-after", "")),
        )
    if status in _REDIRECT:
        raise StoreError(f"{host} sends {shown} on from address to address.")
    if status == _NOT_OURS:
        raise NotGiven(f"{host} does not give {shown} (status {status}).")
    if status not in (200, 206, 416):
        raise StoreError(f"{host} does not give {shown} (status {status}).")


def retry_after(text: str) -> float:
    """Seconds that a header Retry-After asks for (RFC 9110, section 10.2.3); 0 if it asks for nothing readable."""
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0


@contextmanager
def _told(host: str, shown: str) -> Iterator[None]:
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Temporary(f"{host} cannot be reached for {shown}.") from error
    except httpx.TimeoutException as error:
        raise Temporary(f"{host} stopped answering while {shown} was being read.") from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
        raise Temporary(f"{host} broke off while {shown} was being read.") from error
