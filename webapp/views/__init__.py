"""One blueprint per page. A view parses, calls one use case, renders; it holds no SQL and no rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """All pages, and what the whole application answers."""
    from webapp.views import basket, deliveries, files, health, observations  # noqa: PLC0415 - views import this package

    return [observations.blueprint, basket.blueprint, deliveries.blueprint, files.blueprint, health.blueprint]
