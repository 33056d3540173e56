"""What bundles, batches, shares and mail need.

Revision: 0002, after 0001.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _delivery_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("files_id", sa.String(), nullable=True),
        sa.Column("options", sa.String(), nullable=False, server_default="{}"),
        sa.Column("label", sa.String(), nullable=False, server_default=""),
        sa.Column("exclusive", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("heavy", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("run", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("extended_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("staged_bytes", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("mailed", sa.String(), nullable=True),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
    ]


def upgrade() -> None:
    for column in _delivery_columns():
        op.add_column("delivery", column)
    op.add_column("basket", sa.Column("snapshot", sa.String(), nullable=True))
    op.create_table(
        "snapshot",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "mail_sent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mail_sent_at", "mail_sent", ["at"], unique=False)
    op.create_table(
        "share",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("basket_id", sa.String(), nullable=False),
        sa.Column("filters", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_share_owner", "share", ["owner"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_share_owner", table_name="share")
    op.drop_table("share")
    op.drop_index("ix_mail_sent_at", table_name="mail_sent")
    op.drop_table("mail_sent")
    op.drop_table("snapshot")
    op.drop_column("basket", "snapshot")
    for column in reversed(_delivery_columns()):
        op.drop_column("delivery", column.name)
