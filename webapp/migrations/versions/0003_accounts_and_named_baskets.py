"""What accounts, rights by programme, named baskets and rules need.

Revision: 0003, after 0002.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _basket_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("name", sa.String(), nullable=False, server_default=""),
        sa.Column("key_hash", sa.String(), nullable=True),
        sa.Column("locked_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
    ]


def upgrade() -> None:
    for column in _basket_columns():
        op.add_column("basket", column)
    op.add_column("share", sa.Column("closed_by_archive", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_basket_key", "basket", ["key_hash"], unique=True)
    op.create_table(
        "basket_rule",
        sa.Column("basket_id", sa.String(), sa.ForeignKey("basket.id"), primary_key=True),
        sa.Column("filters", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("issuer", "subject"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "login",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
    )
    op.create_index("ix_login_account", "login", ["account_id"])
    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("hash"),
    )
    op.create_index("ix_token_account", "token", ["account_id"])
    op.create_table(
        "password_reset",
        sa.Column("hash", sa.String(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
    )
    op.create_index("ix_login_attempt_at", "login_attempt", ["at"])
    _create_rights_tables()


def _create_rights_tables() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Integer(), sa.ForeignKey("team.id"), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id"), primary_key=True),
    )
    op.create_index("ix_team_member_account", "team_member", ["account_id"])
    op.create_table(
        "reader",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mission", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=True),
        sa.Column("team_id", sa.Integer(), sa.ForeignKey("team.id"), nullable=True),
        sa.UniqueConstraint("mission", "programme", "account_id"),
        sa.UniqueConstraint("mission", "programme", "team_id"),
    )
    op.create_index("ix_reader_account", "reader", ["account_id"])
    op.create_index("ix_reader_team", "reader", ["team_id"])


def downgrade() -> None:
    for table in (
        "reader",
        "team_member",
        "team",
        "login_attempt",
        "password_reset",
        "token",
        "login",
        "account",
        "basket_rule",
    ):
        op.drop_table(table)
    op.drop_index("ix_basket_key", table_name="basket")
    op.drop_column("share", "closed_by_archive")
    for column in reversed(_basket_columns()):
        op.drop_column("basket", column.name)
