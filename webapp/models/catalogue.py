"""The catalogue: a small star of observations, products, kinds, rights and links.

Names follow MAST's product table (obs_id, calib_level, proposal_id) so that a reader from the field feels at home.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

ALWAYS = 0  # released_at of what was public before anyone counted


class Rights(SQLModel, table=True):
    """Who may read, as a rule: a programme and the time from which all may; ``released_at`` None: no date is known."""

    __table_args__ = (Index("ix_rights_rule", "mission", "programme", "released_at"),)

    id: int | None = Field(default=None, primary_key=True)
    mission: str
    programme: str = ""
    released_at: int | None = Field(default=None, sa_type=BigInteger)


class Kind(SQLModel, table=True):
    """One distinct combination of what the filters ask; thousands of products share one."""

    __table_args__ = (Index("ix_kind_mission", "mission"),)

    id: int | None = Field(default=None, primary_key=True)
    mission: str
    category: str  # SCIENCE, AUXILIARY, INFO, PREVIEW, CALIBRATION, CATALOG
    ext: str  # lower case, without the dot; compressed kept joined: fits.gz
    group: str  # upper case (CAL, RAWTAG_A), or "none"
    level: int | None = None  # -1 to 4; None is unknown
    recommended: bool = False


class Folder(SQLModel, table=True):
    """A folder of the tree below its mission."""

    __table_args__ = (UniqueConstraint("mission", "path"),)

    id: int | None = Field(default=None, primary_key=True)
    mission: str
    path: str


class Observation(SQLModel, table=True):
    """What is put in a basket. A ``stub`` is known only by the archive's number until a table names it."""

    __table_args__ = (
        UniqueConstraint("mission", "obs_id"),
        Index("ix_observation_obsid", "obsid"),
        Index("ix_observation_target", "target"),
        Index("ix_observation_instrument", "instrument"),
        Index("ix_observation_proposal", "proposal_id"),
        Index("ix_observation_dec", "dec"),
    )

    id: int | None = Field(default=None, primary_key=True)
    mission: str
    obs_id: str
    obsid: int | None = Field(default=None, sa_type=BigInteger)
    stub: bool = False
    target: str | None = None
    instrument: str | None = None
    filters: str | None = None
    proposal_id: str | None = None
    dataproduct_type: str | None = None
    t_min: float | None = None  # MJD, UTC
    t_max: float | None = None  # MJD, UTC
    ra: float | None = None  # degrees, ICRS
    dec: float | None = None  # degrees, ICRS
    rights_id: int | None = Field(default=None, foreign_key="rights.id")


class Product(SQLModel, table=True):
    """One downloadable file. Never deleted: withdrawn, or replaced by a higher revision."""

    __table_args__ = (
        UniqueConstraint("uri"),
        Index("ix_product_tree", "folder_id", "filename"),
        Index("ix_product_observation", "observation_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uri: str  # canonical data URI
    mission: str
    filename: str
    folder_id: int = Field(foreign_key="folder.id")
    kind_id: int = Field(foreign_key="kind.id")
    rights_id: int = Field(foreign_key="rights.id")
    observation_id: int | None = Field(default=None, foreign_key="observation.id")  # its own observation
    size: int | None = Field(default=None, sa_type=BigInteger)  # bytes; None is unknown
    sha256: str | None = None  # lower-case hex
    crc32: int | None = Field(default=None, sa_type=BigInteger)
    location: str | None = None  # where the bytes are, when not found by the URI's prefix
    description: str | None = None
    dataproduct_type: str | None = None
    proposal_id: str | None = None
    project: str | None = None
    pipeline_version: str | None = None
    revision: int = 1
    added_at: int = Field(sa_type=BigInteger)
    withdrawn_at: int | None = Field(default=None, sa_type=BigInteger)


class ProductRevision(SQLModel, table=True):
    """What a product was before it was replaced."""

    __tablename__ = "product_revision"

    product_id: int = Field(foreign_key="product.id", primary_key=True)
    revision: int = Field(primary_key=True)
    size: int | None = Field(default=None, sa_type=BigInteger)
    sha256: str | None = None
    replaced_at: int = Field(sa_type=BigInteger)


class ObservationProduct(SQLModel, table=True):
    """A product belongs to its own observation and to every parent that lists it."""

    __tablename__ = "observation_product"
    __table_args__ = (Index("ix_observation_product_product", "product_id"),)

    observation_id: int = Field(foreign_key="observation.id", primary_key=True)
    product_id: int = Field(foreign_key="product.id", primary_key=True)


class ReferenceRole(SQLModel, table=True):
    """One way that files name a calibration reference file; thousands of files share one. What it names may not exist.

    ``uri`` is empty where a header named it, which says only the file's name.
    """

    __tablename__ = "reference_role"
    __table_args__ = (
        UniqueConstraint("mission", "keyword", "name", "context", "uri"),
        Index("ix_reference_role_name", "name"),
    )

    id: int | None = Field(default=None, primary_key=True)
    mission: str  # of the files that name it
    keyword: str  # R_DARK, BIASFILE
    name: str  # bare file name
    context: str = ""  # CRDS context, e.g. jwst_1100.pmap; empty where none is said
    uri: str = ""  # canonical data URI


class ReferenceUse(SQLModel, table=True):
    """A product was made with a reference file."""

    __tablename__ = "reference_use"
    __table_args__ = (Index("ix_reference_use_role", "role_id"), {"sqlite_with_rowid": False})

    product_id: int = Field(foreign_key="product.id", primary_key=True)
    role_id: int = Field(foreign_key="reference_role.id", primary_key=True)


class CatalogueState(SQLModel, table=True):
    """One row. ``version`` rises with every merge, so that what was computed before can be told apart."""

    __tablename__ = "catalogue_state"

    id: int = Field(default=1, primary_key=True)
    version: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
