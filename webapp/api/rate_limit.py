"""How often the API may be asked, by one account or from one network, and headers that say how much is left.

Counted in the queue's store, so that all processes of a server count together. Where that does not answer, nobody is
refused: a limit is there to keep one program from crowding out the others, and is worth no outage.
"""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING

from flask import request
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from webapp import api, identity
from webapp.throttle import TooMany, network

if TYPE_CHECKING:
    from flask import Flask, Response
    from limits.util import WindowStats

    from webapp.settings import Settings

log = logging.getLogger(__name__)

WAIT = 0.2  # seconds for an answer of the store
BUNDLES = "/api/v0.1/Download/bundle."  # each may be a job; MAST's other addresses have clients that take no 429
WORDS = {"api_page.show", "api_document.openapi"}  # what explains the limit
LEFT = "skybasket.rate_limit"
PAUSE = 10.0  # seconds for which a store that did not answer is not asked again


class _Counter:
    """The counts of one server, reached at the first request."""

    def __init__(self, settings: Settings) -> None:
        self.limit = RateLimitItemPerMinute(settings.api_per_minute)
        self._url = settings.redis_url
        self._strategy: SlidingWindowCounterRateLimiter | None = None
        self._not_before = 0.0

    def count(self, who: str) -> tuple[bool, WindowStats] | None:
        """Whether one more request is within the limit, and how the window stands; None if nobody knows."""
        if time.monotonic() < self._not_before:
            return None
        try:
            strategy = self._reached()
            return strategy.hit(self.limit, who), strategy.get_window_stats(self.limit, who)
        except RedisError as error:
            log.warning("For %d s nobody's API requests are limited, as the store does not count: %s", PAUSE, error)
            self._not_before = time.monotonic() + PAUSE
            return None

    def _reached(self) -> SlidingWindowCounterRateLimiter:
        if self._strategy is None:
            pool = ConnectionPool.from_url(
                self._url, socket_timeout=WAIT, socket_connect_timeout=WAIT, retry=Retry(NoBackoff(), 0)
            )
            storage = RedisStorage("redis://", connection_pool=pool, key_prefix="skybasket:api")
            self._strategy = SlidingWindowCounterRateLimiter(storage)
        return self._strategy


def init(app: Flask, settings: Settings) -> None:
    """Have an application count what its API is asked."""
    counter = _Counter(settings)

    def count() -> None:
        if not (api.is_asked() or request.path.startswith(BUNDLES)) or request.endpoint in WORDS:
            return
        asker = identity.asker()
        who = asker.owner if asker.account is not None and asker.owner else network(request.remote_addr or "")
        found = counter.count(who)
        if found is None:
            return
        allowed, window = found
        reset = max(1, math.ceil(window.reset_time - time.time()))
        request.environ[LEFT] = (counter.limit.amount, max(0, window.remaining) if allowed else 0, reset)
        if not allowed:
            raise TooMany("Too many requests in a minute.", reset)

    def tell(response: Response) -> Response:
        if LEFT in request.environ:  # as identity.py does it: Flask's g may be another request's
            limit, remaining, reset = request.environ[LEFT]
            response.headers["RateLimit-Limit"] = str(limit)
            response.headers["RateLimit-Remaining"] = str(remaining)
            response.headers["RateLimit-Reset"] = str(reset)  # seconds from now
        return response

    app.before_request(count)
    app.after_request(tell)
