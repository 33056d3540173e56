"""Requests to one server: its token, its errors, and the patience to ask again.

What is asked again: a GET, and a POST that says it may be, where the connection broke or the server answered 502, 503
or 504; and anything that the server answered with 429, since then it did nothing. Redirects are not followed, so the
token goes nowhere else. No cookies are kept: who asks is who the token says. An answer that does not end, in bytes or
in time, is an error.
"""

from __future__ import annotations

import time
import zlib
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from skybasket_client.answers import decoded, not_understood
from skybasket_client.errors import SILENT, SkybasketError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT = 20.0  # seconds to wait for a connection, at most
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds, where the server does not say how long
BROKEN = 2  # connections, after which one more makes the server count as not there
TRY_LATER = frozenset({502, 503, 504})
TOO_MANY = 429
API = "/api/v1"
HEADERS = {"User-Agent": "skybasket-client", "Accept-Encoding": "gzip"}
GZIP = 31  # of zlib's wbits: with a header (RFC 1952)
LONGEST = 16_000_000  # bytes of an answer; a page of a list has some hundred thousand


class Wire:
    """One server, and who asks.

    ``timeout``: seconds between two signs of the server. ``patience``: in all, for a request that it puts off.
    """

    def __init__(self, server: str, token: str, timeout: float, patience: float) -> None:
        self.server = server.rstrip("/")
        if not is_server(self.server):
            raise SkybasketError(
                f"{server!r} is not the address of a server.", "It looks like https://archive.example."
            )
        self.patience = patience
        self.longest = max(timeout, patience)  # seconds until an answer that has begun has to be complete
        self.token = _checked(token)
        silence = httpx.Timeout(timeout, connect=min(timeout, CONNECT))
        nobody = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx.Client(timeout=silence, cookies=nobody, headers=HEADERS)

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def get(self, path: str, *, key: str = "") -> dict[str, Any]:
        """The JSON object at a path of the API. Raises SkybasketError."""
        return self._ask("GET", path, key=key)

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> dict[str, Any]:
        """What the API answers to a JSON object; ``again``: asking twice does no harm. Raises SkybasketError."""
        return self._ask("POST", path, body=body, key=key, headers=headers, again=again)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        key: str = "",
        headers: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> dict[str, Any]:
        made = self._http.build_request(
            method, f"{self.server}{API}{path}", json=body, headers={**self._who(key), **(headers or {})}
        )
        _, answered = self._asked(made, again=again or method == "GET", stream=False)
        found = decoded(answered)
        if found is None:
            raise SkybasketError(
                f"{self.server} does not answer as Skybasket does.", "Is the address right?", why=SILENT
            )
        return found

    def stream(self, url: str, headers: Mapping[str, str], *, key: str = "") -> httpx.Response:
        """The answer at an address of this server, not read yet; the caller closes it. Raises SkybasketError.

        An address at another host, such as the server's public name, is asked for here: the token is for here.
        """
        asked = {**self._who(key), "Accept-Encoding": "identity", **headers}
        try:
            there, home = urlsplit(url), urlsplit(self.server)
            path = f"{there.path}?{there.query}" if there.query else there.path
            made = self._http.build_request("GET", f"{home.scheme}://{home.netloc}{path}", headers=asked)
        except (ValueError, httpx.InvalidURL) as error:
            raise not_understood("It names an address that is none.") from error
        return self._asked(made, again=True, stream=True)[0]

    def _who(self, key: str) -> dict[str, str]:
        shown = key or self.token
        return {"Authorization": f"Bearer {shown}"} if shown else {}

    def _asked(self, request: httpx.Request, *, again: bool, stream: bool) -> tuple[httpx.Response, bytes]:
        """An answer and, unless the caller reads it as a stream, its body."""
        end = time.monotonic() + self.patience
        for tries in count():
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            try:
                answer = self._http.send(request, stream=True)
                good = answer.is_success or answer.status_code in {304, 416}
                body = b"" if good and stream else self._body(answer)
            except httpx.RequestError as error:
                if not again or tries == BROKEN or time.monotonic() + pause > end:
                    raise self._silence(error) from error
            else:
                if good:
                    return answer, body
                pause = max(pause, asked_wait(answer.headers))
                put_off = answer.status_code == TOO_MANY or (again and answer.status_code in TRY_LATER)
                if not put_off or time.monotonic() + pause > end:
                    raise problem(answer, body)
            time.sleep(pause)
        raise AssertionError

    def _body(self, answer: httpx.Response) -> bytes:
        """An answer, read whole and unpacked: it has an end, in bytes and in time."""
        end = time.monotonic() + self.longest
        packed = answer.headers.get("Content-Encoding", "identity")
        if packed not in {"identity", "gzip"}:
            answer.close()
            raise not_understood("It is packed in a way that was not asked for.")
        unpack = zlib.decompressobj(GZIP).decompress if packed == "gzip" else None
        found = bytearray()
        with closing(answer):
            for piece in answer.iter_raw():
                try:
                    found += unpack(piece, LONGEST + 1 - len(found)) if unpack else piece
                except zlib.error as error:
                    raise not_understood("It is damaged.") from error
                if len(found) > LONGEST:
                    raise not_understood(f"It is longer than {LONGEST:,} bytes.")
                if time.monotonic() > end:
                    raise self._silence(httpx.ReadTimeout(f"it was not complete after {self.longest:.0f} s"))
        return bytes(found)

    def _silence(self, error: httpx.RequestError) -> SkybasketError:
        late = isinstance(error, httpx.TimeoutException)
        words = "did not answer in time" if late else "cannot be reached"
        return SkybasketError(
            f"{self.server} {words}.", f"Is the address right? ({error or type(error).__name__})", why=SILENT
        )


def problem(answer: httpx.Response, body: bytes) -> SkybasketError:
    """What an answer says went wrong (RFC 9457)."""
    status = answer.status_code
    if answer.is_redirect:
        return SkybasketError(
            "The server sends this request on to another address.",
            f"Use the address that it names, if you trust it: {answer.headers.get('Location', '')[:200]}",
            status=status,
        )
    said = decoded(body)
    if said is None or not isinstance(said.get("title"), str):
        return SkybasketError(f"The server answered {status} {answer.reason_phrase}.".replace(" .", "."), status=status)
    return SkybasketError(said["title"], str(said.get("detail") or ""), status=status, problem=said)


def asked_wait(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for (RFC 9110, 10.2.3), 0 if it does not; a minute if that is not readable."""
    text = headers.get("Retry-After", "0")
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 60.0


def is_server(text: str) -> bool:
    """Whether this is the address of a web server, without anything secret in it."""
    try:
        parts = urlsplit(text)
        return bool(
            parts.scheme in {"http", "https"}
            and parts.hostname
            and parts.port != 0
            and not (parts.username or parts.query)
        )
    except ValueError:
        return False


def _checked(token: str) -> str:
    token = token.strip()
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise SkybasketError("The token holds a character that no token has.", "Copy it again.")
    return token
