"""Each way that files name a reference file is kept once.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE old_reference_use AS SELECT * FROM reference_use")
    op.drop_table("reference_use")
    op.create_table(
        "reference_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mission", sa.String(), nullable=False),
        sa.Column("keyword", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("context", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mission", "keyword", "name", "context", "uri"),
    )
    op.create_index("ix_reference_role_name", "reference_role", ["name"], unique=False)
    op.create_table(
        "reference_use",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"]),
        sa.ForeignKeyConstraint(["role_id"], ["reference_role.id"]),
        sa.PrimaryKeyConstraint("product_id", "role_id"),
        sqlite_with_rowid=False,
    )
    op.execute("""INSERT INTO reference_role (mission, keyword, name, context, uri)
        SELECT DISTINCT p.mission, u.keyword, u.reference, coalesce(u.context, ''), ''
        FROM old_reference_use u JOIN product p ON p.id = u.product_id""")
    op.execute("""INSERT INTO reference_use (product_id, role_id)
        SELECT u.product_id, r.id FROM old_reference_use u JOIN product p ON p.id = u.product_id
        JOIN reference_role r ON r.mission = p.mission AND r.keyword = u.keyword AND r.name = u.reference
        AND r.context = coalesce(u.context, '') AND r.uri = ''""")
    op.drop_table("old_reference_use")
    op.create_index("ix_reference_use_role", "reference_use", ["role_id"], unique=False)


def downgrade() -> None:
    op.execute("""CREATE TABLE old_reference_use AS
        SELECT u.product_id, r.keyword, min(r.name) AS reference, nullif(min(r.context), '') AS context
        FROM reference_use u JOIN reference_role r ON r.id = u.role_id GROUP BY u.product_id, r.keyword""")
    op.drop_table("reference_use")
    op.drop_table("reference_role")
    op.create_table(
        "reference_use",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("keyword", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("context", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"]),
        sa.PrimaryKeyConstraint("product_id", "keyword"),
    )
    op.execute("INSERT INTO reference_use SELECT product_id, keyword, reference, context FROM old_reference_use")
    op.drop_table("old_reference_use")
    op.create_index("ix_reference_use_name", "reference_use", ["reference"], unique=False)
