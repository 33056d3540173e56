"""The tables. No queries and no Flask here; every ``*_at`` column is in seconds since 1970 UTC."""

from __future__ import annotations

from webapp.models.account import Account, Login, LoginAttempt, PasswordReset, Reader, Team, TeamMember, Token
from webapp.models.basket import (
    Basket,
    BasketAddition,
    BasketObservation,
    BasketRule,
    BasketStep,
    InventoryOrder,
    Snapshot,
)
from webapp.models.catalogue import (
    CatalogueState,
    Folder,
    Kind,
    Observation,
    ObservationProduct,
    Product,
    ProductRevision,
    ReferenceRole,
    ReferenceUse,
    Rights,
)
from webapp.models.delivery import Delivery, MailSent, Share

__all__ = [
    "Account",
    "Basket",
    "BasketAddition",
    "BasketObservation",
    "BasketRule",
    "BasketStep",
    "CatalogueState",
    "Delivery",
    "Folder",
    "InventoryOrder",
    "Kind",
    "Login",
    "LoginAttempt",
    "MailSent",
    "Observation",
    "ObservationProduct",
    "PasswordReset",
    "Product",
    "ProductRevision",
    "Reader",
    "ReferenceRole",
    "ReferenceUse",
    "Rights",
    "Share",
    "Snapshot",
    "Team",
    "TeamMember",
    "Token",
]
