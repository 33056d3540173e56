"""What tells a repeated order of a program from a new one.

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("request_key", sa.String(), nullable=True))
    op.add_column("delivery", sa.Column("request_body", sa.String(), nullable=True))
    op.create_index("ix_delivery_request_key", "delivery", ["request_key"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_delivery_request_key", table_name="delivery")
    op.drop_column("delivery", "request_body")
    op.drop_column("delivery", "request_key")
