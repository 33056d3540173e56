"""Deliveries: what outlives the queue."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class Delivery(SQLModel, table=True):
    """One download. Its state is derived from its folder and the queue; ``state`` holds it once it is final."""

    __table_args__ = (Index("ix_delivery_owner", "owner", "created_at"),)

    id: str = Field(primary_key=True)  # 128 random bits: its holder may see it
    owner: str
    basket_id: str | None = Field(default=None, foreign_key="basket.id")
    method: str  # bundle, script, batch, list
    format: str  # sh, zip, ...
    name: str  # skybasket_2026-05-02T1423
    digest: str  # of the manifest
    files: int
    bytes: int = Field(sa_type=BigInteger)
    unknown_size: int = 0
    omitted: int = 0
    state: str | None = None
    sentence: str | None = None  # why it failed
    created_at: int = Field(sa_type=BigInteger)
    finished_at: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
