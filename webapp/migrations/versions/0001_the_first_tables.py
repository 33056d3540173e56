"""The first tables.

Revision: 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "basket",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("digest_for", sa.String(), nullable=True),
        sa.Column("selection", sa.LargeBinary(), nullable=True),
        sa.Column("removed", sa.LargeBinary(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_basket_owner", "basket", ["owner"], unique=False)
    op.create_table(
        "catalogue_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "folder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mission", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mission", "path"),
    )
    op.create_table(
        "inventory_order",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("product_ids", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mission", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("ext", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("recommended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_kind_mission", "kind", ["mission"], unique=False)
    op.create_table(
        "rights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mission", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rights_rule", "rights", ["mission", "programme", "released_at"], unique=False)
    op.create_table(
        "basket_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("basket_id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("undo", sa.LargeBinary(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_basket_step_basket", "basket_step", ["basket_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("basket_id", sa.String(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("unknown_size", sa.Integer(), nullable=False),
        sa.Column("omitted", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("sentence", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delivery_owner", "delivery", ["owner", "created_at"], unique=False)
    op.create_table(
        "observation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mission", sa.String(), nullable=False),
        sa.Column("obs_id", sa.String(), nullable=False),
        sa.Column("obsid", sa.BigInteger(), nullable=True),
        sa.Column("stub", sa.Boolean(), nullable=False),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("instrument", sa.String(), nullable=True),
        sa.Column("filters", sa.String(), nullable=True),
        sa.Column("proposal_id", sa.String(), nullable=True),
        sa.Column("dataproduct_type", sa.String(), nullable=True),
        sa.Column("t_min", sa.Float(), nullable=True),
        sa.Column("t_max", sa.Float(), nullable=True),
        sa.Column("ra", sa.Float(), nullable=True),
        sa.Column("dec", sa.Float(), nullable=True),
        sa.Column("rights_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["rights_id"], ["rights.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mission", "obs_id"),
    )
    op.create_index("ix_observation_dec", "observation", ["dec"], unique=False)
    op.create_index("ix_observation_instrument", "observation", ["instrument"], unique=False)
    op.create_index("ix_observation_obsid", "observation", ["obsid"], unique=False)
    op.create_index("ix_observation_proposal", "observation", ["proposal_id"], unique=False)
    op.create_index("ix_observation_target", "observation", ["target"], unique=False)
    op.create_table(
        "basket_observation",
        sa.Column("basket_id", sa.String(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"]),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"]),
        sa.PrimaryKeyConstraint("basket_id", "observation_id"),
    )
    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("mission", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("rights_id", sa.Integer(), nullable=False),
        sa.Column("observation_id", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("crc32", sa.BigInteger(), nullable=True),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("dataproduct_type", sa.String(), nullable=True),
        sa.Column("proposal_id", sa.String(), nullable=True),
        sa.Column("project", sa.String(), nullable=True),
        sa.Column("pipeline_version", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"]),
        sa.ForeignKeyConstraint(["kind_id"], ["kind.id"]),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"]),
        sa.ForeignKeyConstraint(["rights_id"], ["rights.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uri"),
    )
    op.create_index("ix_product_observation", "product", ["observation_id"], unique=False)
    op.create_index("ix_product_tree", "product", ["folder_id", "filename"], unique=False)
    op.create_table(
        "basket_addition",
        sa.Column("basket_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"]),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"]),
        sa.PrimaryKeyConstraint("basket_id", "product_id"),
    )
    op.create_table(
        "observation_product",
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"]),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"]),
        sa.PrimaryKeyConstraint("observation_id", "product_id"),
        sqlite_with_rowid=False,  # the key is all there is: a third less to write
    )
    op.create_index("ix_observation_product_product", "observation_product", ["product_id"], unique=False)
    op.create_table(
        "product_revision",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"]),
        sa.PrimaryKeyConstraint("product_id", "revision"),
    )
    op.create_table(
        "reference_use",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("keyword", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("context", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"]),
        sa.PrimaryKeyConstraint("product_id", "keyword"),
    )
    op.create_index("ix_reference_use_name", "reference_use", ["reference"], unique=False)
    op.execute("INSERT INTO catalogue_state (id, version) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_index("ix_reference_use_name", table_name="reference_use")
    op.drop_table("reference_use")
    op.drop_table("product_revision")
    op.drop_index("ix_observation_product_product", table_name="observation_product")
    op.drop_table("observation_product")
    op.drop_table("basket_addition")
    op.drop_index("ix_product_tree", table_name="product")
    op.drop_index("ix_product_observation", table_name="product")
    op.drop_table("product")
    op.drop_table("basket_observation")
    op.drop_index("ix_observation_target", table_name="observation")
    op.drop_index("ix_observation_proposal", table_name="observation")
    op.drop_index("ix_observation_obsid", table_name="observation")
    op.drop_index("ix_observation_instrument", table_name="observation")
    op.drop_index("ix_observation_dec", table_name="observation")
    op.drop_table("observation")
    op.drop_index("ix_delivery_owner", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_basket_step_basket", table_name="basket_step")
    op.drop_table("basket_step")
    op.drop_index("ix_rights_rule", table_name="rights")
    op.drop_table("rights")
    op.drop_index("ix_kind_mission", table_name="kind")
    op.drop_table("kind")
    op.drop_table("inventory_order")
    op.drop_table("folder")
    op.drop_table("catalogue_state")
    op.drop_index("ix_basket_owner", table_name="basket")
    op.drop_table("basket")
