"""Deliveries: what outlives the queue."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class Delivery(SQLModel, table=True):
    """One download. Its state is derived from its folder and the queue; ``state`` holds it once it is final."""

    __table_args__ = (
        Index("ix_delivery_owner", "owner", "created_at"),
        Index("ix_delivery_request_key", "request_key", unique=True),
    )

    id: str = Field(primary_key=True)  # 128 random bits: its holder may see it
    owner: str
    basket_id: str | None = Field(default=None, foreign_key="basket.id")  # where the files were chosen
    files_id: str | None = None  # a frozen basket of just these files
    method: str  # bundle, script, batch, list
    format: str  # sh, zip, ...
    options: str = "{}"  # JSON: what else was asked for, such as {"flat": true}; see webapp/deliveries.py
    name: str  # skybasket_2026-05-02T142301
    label: str = ""  # the user's own word for it
    digest: str  # of the manifest
    files: int
    bytes: int = Field(sa_type=BigInteger)
    unknown_size: int = 0
    omitted: int = 0
    exclusive: int = 0  # files that not all may read
    heavy: bool = False  # its job takes long, so that it waits in the other queue
    run: int = 1  # rises with each retry, which is another job
    state: str | None = None
    sentence: str | None = None  # why it failed
    created_at: int = Field(sa_type=BigInteger)
    finished_at: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    extended_at: int | None = Field(default=None, sa_type=BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=BigInteger)  # taken out of the history; Undo brings it back
    staged_bytes: int = Field(default=0, sa_type=BigInteger)  # of the staging store, from acceptance to expiry
    email: str | None = None  # who is told when it is over
    mailed: str | None = None  # the state that the last mail told of
    reminded_at: int | None = Field(default=None, sa_type=BigInteger)
    request_key: str | None = None  # of a program that may ask again: see webapp/orders.py
    request_body: str | None = None  # SHA-256 (hex) of what it asked for under that key


class MailSent(SQLModel, table=True):
    """One mail, remembered for a day because there is a limit to them."""

    __tablename__ = "mail_sent"
    __table_args__ = (Index("ix_mail_sent_at", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger)
    owner: str
    address: str  # in lower case


class Share(SQLModel, table=True):
    """A frozen basket that others can open by a link, until its owner revokes it."""

    __table_args__ = (Index("ix_share_owner", "owner"),)

    id: str = Field(primary_key=True)  # 128 random bits
    owner: str
    basket_id: str = Field(foreign_key="basket.id")  # the frozen one
    filters: str  # canonical query string, mrp always said
    title: str = ""
    note: str = ""
    created_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    closed_by_archive: bool = False  # then its owner cannot open it again
