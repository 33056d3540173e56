"""A small client for any Skybasket server: find observations, fill a basket, choose files, have them delivered.

Needs httpx and the standard library. Answers are plain dicts in the words of the API; see docs/api.md of the server.
"""

from __future__ import annotations

from skybasket_client.basket import Basket
from skybasket_client.delivery import Delivery
from skybasket_client.errors import SkybasketError
from skybasket_client.server import Skybasket

__all__ = ["Basket", "Delivery", "Skybasket", "SkybasketError"]
