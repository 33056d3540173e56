"""The tables. No queries and no Flask here; every ``*_at`` column is in seconds since 1970 UTC."""

from __future__ import annotations

from webapp.models.basket import Basket, BasketAddition, BasketObservation, BasketStep, InventoryOrder, Snapshot
from webapp.models.catalogue import (
    CatalogueState,
    Folder,
    Kind,
    Observation,
    ObservationProduct,
    Product,
    ProductRevision,
    ReferenceUse,
    Rights,
)
from webapp.models.delivery import Delivery, MailSent, Share

__all__ = [
    "Basket",
    "BasketAddition",
    "BasketObservation",
    "BasketStep",
    "CatalogueState",
    "Delivery",
    "Folder",
    "InventoryOrder",
    "Kind",
    "MailSent",
    "Observation",
    "ObservationProduct",
    "Product",
    "ProductRevision",
    "ReferenceUse",
    "Rights",
    "Share",
    "Snapshot",
]
