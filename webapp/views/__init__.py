"""One blueprint per page. A view parses, calls one use case, renders; it holds no SQL and no rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """All pages, and what the whole application answers."""
    from webapp.views.artefacts import blueprint as artefacts  # noqa: PLC0415 - views import this package
    from webapp.views.basket import blueprint as basket  # noqa: PLC0415
    from webapp.views.deliveries import blueprint as deliveries  # noqa: PLC0415
    from webapp.views.files import blueprint as files  # noqa: PLC0415
    from webapp.views.health import blueprint as health  # noqa: PLC0415
    from webapp.views.history import blueprint as history  # noqa: PLC0415
    from webapp.views.login import blueprint as login  # noqa: PLC0415
    from webapp.views.methods import blueprint as methods  # noqa: PLC0415
    from webapp.views.observations import blueprint as observations  # noqa: PLC0415
    from webapp.views.shares import blueprint as shares  # noqa: PLC0415

    return [observations, artefacts, basket, deliveries, files, health, history, login, methods, shares]
