"""Baskets: what is in, what was taken out, what is ticked."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class Basket(SQLModel, table=True):
    """Observations + added products - removed products, and one selection bit per file.

    ``selection`` and ``removed`` are packed bits (NumPy ``packbits``, big-endian) in the tree order of the inventory
    named by ``digest``; ``InventoryOrder`` keeps that order. Every change raises ``version``.
    """

    __table_args__ = (Index("ix_basket_owner", "owner"), Index("ix_basket_key", "key_hash", unique=True))

    id: str = Field(primary_key=True)  # 128 random bits: knowing it is the right to look
    owner: str  # who may change it: see webapp/owners.py
    name: str = ""  # the owner's own word for it
    key_hash: str | None = None  # SHA-256 (hex) of a key: whoever holds it may change the basket too
    version: int = Field(default=1, sa_type=BigInteger)
    content: int = Field(default=1, sa_type=BigInteger)  # rises when observations or additions change
    digest: str | None = None
    digest_for: str | None = None  # "<content>:<catalogue version>" that the digest was built for
    selection: bytes | None = None
    removed: bytes | None = None
    snapshot: str | None = None  # digest of a Snapshot: this basket is frozen, what is in it never changes
    files: int = 0  # in the basket, removed ones not counted; as of the digest
    created_at: int = Field(sa_type=BigInteger)
    changed_at: int = Field(sa_type=BigInteger)
    locked_at: int | None = Field(default=None, sa_type=BigInteger)  # by its owner, against changes by mistake
    deleted_at: int | None = Field(default=None, sa_type=BigInteger)  # its owner can bring it back for a while


class BasketRule(SQLModel, table=True):
    """A filter that a basket follows, and which files it brought when its owner last looked."""

    __tablename__ = "basket_rule"

    basket_id: str = Field(foreign_key="basket.id", primary_key=True)
    filters: str  # canonical query string, mrp always said
    seen_at: int = Field(sa_type=BigInteger)
    seen: bytes  # zlib of little-endian int64: product ids


class BasketObservation(SQLModel, table=True):
    """An observation in a basket."""

    __tablename__ = "basket_observation"

    basket_id: str = Field(foreign_key="basket.id", primary_key=True)
    observation_id: int = Field(foreign_key="observation.id", primary_key=True)
    added_at: int = Field(sa_type=BigInteger)


class BasketAddition(SQLModel, table=True):
    """A product added by itself, such as a calibration reference."""

    __tablename__ = "basket_addition"

    basket_id: str = Field(foreign_key="basket.id", primary_key=True)
    product_id: int = Field(foreign_key="product.id", primary_key=True)
    added_at: int = Field(sa_type=BigInteger)


class BasketStep(SQLModel, table=True):
    """One destructive step and what it takes to undo it."""

    __tablename__ = "basket_step"
    __table_args__ = (Index("ix_basket_step_basket", "basket_id"),)

    id: int | None = Field(default=None, primary_key=True)
    basket_id: str = Field(foreign_key="basket.id")
    at: int = Field(sa_type=BigInteger)
    sentence: str  # "Removed 24 files."
    undo: bytes  # see webapp/undo.py
    undone: bool = False


class Snapshot(SQLModel, table=True):
    """An inventory as it was, kept for as long as a share or a delivery shows it."""

    digest: str = Field(primary_key=True)  # of the inventory
    content: bytes  # see webapp/snapshots.py
    created_at: int = Field(sa_type=BigInteger)


class InventoryOrder(SQLModel, table=True):
    """The product ids of an inventory in tree order, so that bits can be carried over when the spool is gone."""

    __tablename__ = "inventory_order"

    digest: str = Field(primary_key=True)
    product_ids: bytes  # zlib of little-endian int64
