"""What every view needs, held by the application: settings, engine, inventories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from flask import current_app

from webapp.ingest.names import with_operators
from webapp.reference_index import ReferenceIndexes

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from jobs.storage import StoreMap
    from webapp.ingest.names import Missions
    from webapp.inventories import Inventories
    from webapp.settings import Settings

EXTENSION = "skybasket"


@dataclass(frozen=True)
class Services:
    """One per application. Raises MissionsError for a mission of the settings that is unusable."""

    settings: Settings
    engine: Engine
    inventories: Inventories
    missions: Missions = field(init=False)  # Skybasket's and the operator's
    reference_indexes: ReferenceIndexes = field(default_factory=ReferenceIndexes)

    def __post_init__(self) -> None:
        object.__setattr__(self, "missions", with_operators(self.settings.missions))  # frozen for all others

    @property
    def stores(self) -> StoreMap:
        """Where bytes are. Read anew, as an ingest may add a store while the server runs."""
        from webapp.stores import store_map  # noqa: PLC0415 - keeps start-up free of fsspec

        return store_map(self.settings)


def services() -> Services:
    """The services of the application that handles this request."""
    return cast("Services", current_app.extensions[EXTENSION])
