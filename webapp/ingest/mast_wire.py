"""How astroquery's requests reach MAST from here: one at a time, with a pause between them, none of them without end.

An answer has to come whole, with all its pages, within a time and a size; astroquery itself would wait for
ever. Nothing is retried here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from requests import ConnectionError as NoConnection
from requests import PreparedRequest, RequestException, Response, Timeout
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as SilentTooLong

CONNECT = 15.0
MOST_BYTES = 256_000_000  # of one answer, unpacked, all pages; 50,000 products have about 50 MB
PIECE = 1 << 14  # a thousand times as much when it is unpacked


class TooLarge(RequestException):
    """It has more than MOST_BYTES."""


@dataclass(frozen=True)
class Patience:
    """Seconds: ``pause`` between requests, ``answer`` for one answer with its long polling; and how often to try."""

    pause: float = 1.0  # polite: MAST names no limit, and asks for "reasonable" use
    answer: float = 600.0  # as astroquery waits
    attempts: int = 5
    longest_wait: float = 300.0  # that MAST may ask for by Retry-After

    def wait(self, attempt: int, asked: float) -> float:
        """How long to wait after the attempt of that number, from 0."""
        growing: float = max(self.pause * 2, 0.1) * 2**attempt
        return max(asked, growing)


class Polite(HTTPAdapter):
    """Sends requests with a pause between them."""

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience
        self._free = 0.0  # when the next request may go
        self._until, self._left = 0.0, 0
        self.begin()

    def begin(self) -> None:
        """What is sent from now on is for another answer: it has all the time, and all the room."""
        self._until, self._left = time.monotonic() + self._patience.answer, MOST_BYTES

    def send(self, request: PreparedRequest, *_: Any, **options: Any) -> Response:
        """The answer, read whole. Raises Timeout, TooLarge or ConnectionError."""
        pause = max(0.0, self._free - time.monotonic())
        time.sleep(pause)
        self._until += pause
        if time.monotonic() > self._until:
            raise Timeout("its pages came too slowly")
        options |= {"stream": True, "timeout": (CONNECT, self._patience.answer)}
        try:
            response = super().send(request, **options)
            body = _whole(response, self._until, self._left)
            self._left -= body.getbuffer().nbytes
            response.raw = body
        finally:
            self._free = time.monotonic() + self._patience.pause
        response.encoding = "utf-8"  # else it would be guessed, which takes minutes for a long answer
        return response


class Token(AuthBase):
    """Says who asks. ``requests`` takes it off again where an answer leads to another host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        request.headers["Authorization"] = f"token {self._token}"
        return request


def _whole(response: Response, until: float, most: int) -> BytesIO:
    body = BytesIO()
    try:
        # Not stream(), which waits until a piece is full: a server that drips would never be late.
        while piece := response.raw.read1(PIECE, decode_content=True):
            if time.monotonic() > until:
                raise Timeout("it came too slowly")
            if body.write(piece) and body.tell() > most:
                raise TooLarge(f"it has more than {MOST_BYTES:,} bytes")
    except SilentTooLong as error:
        raise Timeout("it stopped coming") from error
    except HTTPError as error:
        raise NoConnection("it broke off") from error
    finally:
        response.close()
    body.seek(0)
    return body
