"""A server: its observations, its baskets, its deliveries."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from skybasket_client.answers import member
from skybasket_client.basket import Basket
from skybasket_client.delivery import Delivery
from skybasket_client.pages import rows
from skybasket_client.wire import Wire
from skybasket_client.words import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skybasket_client.words import Word

TOKEN = "SKYBASKET_TOKEN"  # noqa: S105 - the name of a variable
TIMEOUT = 60.0  # seconds
PATIENCE = 120.0


class Skybasket:
    """A server. As a context manager, it closes its connections at the end.

    ``token``: None takes that of the environment variable SKYBASKET_TOKEN, so that no notebook holds it; empty is
    nobody. ``timeout``: seconds without a sign of the server until a request counts as failed. ``patience``: seconds
    to wait, in all, for a request that the server puts off. Raises SkybasketError.
    """

    def __init__(
        self,
        server: str = "http://127.0.0.1:8000",
        *,
        token: str | None = None,
        timeout: float = TIMEOUT,
        patience: float = PATIENCE,
    ) -> None:
        self._wire = Wire(server, os.environ.get(TOKEN, "") if token is None else token, timeout, patience)

    @property
    def server(self) -> str:
        """Its address."""
        return self._wire.server

    @property
    def token(self) -> str:
        """What it is shown; empty for nobody."""
        return self._wire.token

    def observations(self, match: str = "", /, **words: Word) -> Iterator[dict[str, Any]]:
        """The observations that a query names, page by page as they are asked for.

        ``observations(mission="JWST", proposal=["2733", "2731"], ra=10.68, dec=41.27, radius="5m")``.
        Raises SkybasketError.
        """
        return rows(self._wire, "/observations", query(match, **words), "observations")

    def new_basket(self, observations: Iterable[str] = (), *, match: str = "", name: str = "") -> Basket:
        """A new basket with these observations (``JWST:jw02733-o001_t001_miri`` or without the mission), or with all
        that the query ``match`` names. Raises SkybasketError; where a name is unknown, nothing is made, and ``problem``
        has ``missing`` and ``ambiguous``.
        """  # noqa: D205 - one sentence needs the room
        wish: dict[str, Any] = {"match": match} if match else {"observations": list(observations)}
        if name:
            wish["name"] = name
        said = self._wire.post("/baskets", wish)
        key = member(said, "key", str)
        del said["key"]
        return Basket(self._wire, quote(member(said, "id", str), safe=""), key=key, said=said)

    def basket(self, basket: str, *, key: str = "") -> Basket:
        """A basket that is there, by its id or its page's address; ``key`` lets change one that is not the token's."""
        return Basket(self._wire, last_part(basket, "baskets"), key=key)

    def delivery(self, delivery: str, *, key: str = "") -> Delivery:
        """A delivery that is there, by its id or its page's address."""
        return Delivery(self._wire, last_part(delivery, "deliveries"), key=key)

    def close(self) -> None:
        """End the connections."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def last_part(text: str, of: str) -> str:
    """The id in ``https://archive.example/baskets/<id>?mrp=0``, or the id itself; quoted, so that it is one part."""
    parts = urlsplit(text).path.split("/")
    found = parts[parts.index(of) + 1] if of in parts[:-1] else text
    return quote(found, safe="")
