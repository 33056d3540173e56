"""One blueprint per page. A view parses, calls one use case, renders; it holds no SQL and no rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """All pages, and what the whole application answers."""
    from webapp.views.account import blueprint as account  # noqa: PLC0415 - views import this package
    from webapp.views.admin import blueprint as admin  # noqa: PLC0415 - views import this package
    from webapp.views.artefacts import blueprint as artefacts  # noqa: PLC0415
    from webapp.views.basket import blueprint as basket  # noqa: PLC0415
    from webapp.views.baskets import blueprint as baskets  # noqa: PLC0415
    from webapp.views.comparing import blueprint as comparing  # noqa: PLC0415
    from webapp.views.deliveries import blueprint as deliveries  # noqa: PLC0415
    from webapp.views.file_links import blueprint as file_links  # noqa: PLC0415
    from webapp.views.files import blueprint as files  # noqa: PLC0415
    from webapp.views.forgotten import blueprint as forgotten  # noqa: PLC0415
    from webapp.views.health import blueprint as health  # noqa: PLC0415
    from webapp.views.history import blueprint as history  # noqa: PLC0415
    from webapp.views.login import blueprint as login  # noqa: PLC0415
    from webapp.views.mast import blueprint as mast  # noqa: PLC0415
    from webapp.views.methods import blueprint as methods  # noqa: PLC0415
    from webapp.views.observations import blueprint as observations  # noqa: PLC0415
    from webapp.views.references import blueprint as references  # noqa: PLC0415
    from webapp.views.rules import blueprint as rules  # noqa: PLC0415
    from webapp.views.shares import blueprint as shares  # noqa: PLC0415
    from webapp.views.steps import blueprint as steps  # noqa: PLC0415
    from webapp.views.tokens import blueprint as tokens  # noqa: PLC0415

    return [
        observations,
        account,
        admin,
        artefacts,
        basket,
        baskets,
        comparing,
        deliveries,
        file_links,
        files,
        forgotten,
        health,
        history,
        login,
        mast,
        methods,
        references,
        rules,
        shares,
        steps,
        tokens,
    ]
