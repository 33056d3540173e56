"""Compares a staged table with the catalogue as it is and prepares, in temporary tables, what a merge has to write.

Reads the catalogue, writes nothing in it. New rows get their ids here, above the highest that the catalogue has; the
merge makes sure that nobody else took them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from webapp.ingest import staging
from webapp.ingest.counts import NO_USES, Uses
from webapp.ingest.kinds import KindKey
from webapp.ingest.observations import Settled
from webapp.ingest.rights import RightsKey, strictness
from webapp.ingest.roles import Roles
from webapp.ingest.rows import STATES_FOLDER, STATES_NAME
from webapp.ingest.settling import Settling

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from webapp.ingest.rows import Rows

KEPT = ("location", "description", "dataproduct_type", "proposal_id", "project", "pipeline_version")
WRITTEN = (
    "mission",
    "filename",
    "folder_id",
    "kind_id",
    "rights_id",
    "observation_id",
    "size",
    "sha256",
    "crc32",
    *KEPT,
)


@dataclass
class Plan:
    """What to write beside the temporary tables ready_*, whose ``sizes`` are here too."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # new rows by table
    observations: list[dict[str, Any]] = field(default_factory=list)  # known ones that change
    absorbed: list[dict[str, int]] = field(default_factory=list)  # {"stub", "into"}
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    changed: bool = False
    uses: Uses = NO_USES
    sizes: dict[str, int] = field(default_factory=dict)  # rows of each ready_ table

    @property
    def size(self) -> int:
        """Rows to write."""
        return sum(self.sizes.values())


class Comparison:
    """One comparison; ``plan`` is its result."""

    def __init__(self, connection: Connection, rows: Rows, *, complete: bool) -> None:
        self._connection = connection
        self._rows = rows
        self._base = self._highest("product")
        # "differs, and one side may be missing"
        self._differs = "IS DISTINCT FROM" if connection.dialect.name == "postgresql" else "IS NOT"
        self.plan = Plan()
        self._find_known()
        self._map_kinds_and_rights()
        self._map_folders()
        self._map_observations()
        self._prepare_products()
        self._prepare_links()
        self._prepare_absent(complete=complete)
        self._prepare_uses()
        self._count()

    def _find_known(self) -> None:
        self._do("DELETE FROM stage_known")
        # CROSS JOIN keeps SQLite from walking the whole catalogue for a small table
        self._do(
            "INSERT INTO stage_known SELECT s.seq, p.id FROM stage_product s CROSS JOIN product p WHERE p.uri = s.uri"
        )
        self._analyze("stage_known")

    def _map_kinds_and_rights(self) -> None:
        """A claim gives another result over each kind (or rights) that the product may have had."""
        pairs = self._all(
            "SELECT DISTINCT s.kind, p.kind_id, s.rights, p.rights_id FROM stage_product s"
            " LEFT JOIN stage_known k ON k.seq = s.seq LEFT JOIN product p ON p.id = k.id"
        )
        kinds = Settling(KindKey, self._all('SELECT id, mission, category, ext, "group", level, recommended FROM kind'))
        rights = Settling(RightsKey, self._all("SELECT id, mission, programme, released_at FROM rights"))
        for kind, known_kind, right, known_right in pairs:
            kinds.settle(kind, known_kind, self._rows.kinds.made[kind])
            rights.settle(right, known_right, self._rows.rights.made[right])
        self._rights = rights
        staging.replace(self._connection, "map_kind", kinds.mapped())
        staging.replace(self._connection, "map_rights", rights.mapped())
        self.plan.rows["kind"] = kinds.new
        self.plan.rows["rights"] = rights.new

    def _map_folders(self) -> None:
        used = self._all(
            "SELECT DISTINCT s.folder FROM stage_product s LEFT JOIN stage_known k ON k.seq = s.seq"
            f" WHERE k.seq IS NULL OR s.states & {STATES_FOLDER} <> 0"
        )
        wanted = [(claim, *self._rows.folders.made[claim]) for (claim,) in used]
        staging.replace(self._connection, "stage_folder", wanted)
        known = dict(
            self._all(
                "SELECT w.claim, f.id FROM stage_folder w CROSS JOIN folder f"
                " WHERE f.mission = w.mission AND f.path = w.path"
            )
        )
        following = self._highest("folder") + 1
        new: list[dict[str, Any]] = []
        for claim, mission, path in sorted(wanted, key=lambda each: each[1:]):
            if claim not in known:
                known[claim] = following + len(new)
                new.append({"id": known[claim], "mission": mission, "path": path})
        staging.replace(self._connection, "map_folder", list(known.items()))
        self.plan.rows["folder"] = new

    def _map_observations(self) -> None:
        used = self._all(
            "SELECT DISTINCT s.observation FROM stage_product s LEFT JOIN stage_known k ON k.seq = s.seq"
            " WHERE k.seq IS NULL AND s.observation IS NOT NULL"
        )
        settled = Settled(self._connection, self._rows.observations.made, {claim for (claim,) in used})
        following = self._highest("observation") + 1
        new: list[dict[str, Any]] = []
        for one in settled.all:
            if one.known is None:
                one.id = following + len(new)
            row = one.row(self._strictest(one.rights, one.known))
            if one.known is None:
                new.append(row)
            elif row != one.known:
                self.plan.observations.append(row)
            self.plan.absorbed += [{"stub": stub, "into": one.id} for stub in one.absorbed]
        self.plan.rows["observation"] = new
        self.plan.rows["rights"] = self._rights.new
        mapped = [(claim, one.id, int(claim in settled.derived)) for one in settled.all for claim in one.claims]
        staging.replace(self._connection, "map_observation", mapped)

    def _strictest(self, claims: list[int], known: dict[str, Any] | None) -> int | None:
        """An observation's rights: the strictest that its own products have in this table."""
        made = [self._rows.rights.made[claim] for claim in claims]
        said = [claim for claim in made if claim.stated]
        if not said and known is not None and known["rights_id"] is not None:
            return None
        keys = [claim.fresh() for claim in said or made]
        return (
            self._rights.id_of(max(keys, key=lambda key: (strictness(key), key.programme, key.mission)))
            if keys
            else None
        )

    def _prepare_products(self) -> None:
        given = ("size", "sha256", "crc32", *KEPT)
        self._make(
            "ready_product",
            f"SELECT s.seq + {self._base + 1} AS id, s.uri, s.mission, s.filename, f.id AS folder_id, mk.id AS kind_id,"
            f" mr.id AS rights_id, o.id AS observation_id, {', '.join(f's.{name}' for name in given)}"
            " FROM stage_product s JOIN map_folder f ON f.claim = s.folder"
            " JOIN map_kind mk ON mk.claim = s.kind AND mk.known = 0"
            " JOIN map_rights mr ON mr.claim = s.rights AND mr.known = 0"
            " LEFT JOIN map_observation o ON o.claim = s.observation"
            " WHERE NOT EXISTS (SELECT 1 FROM stage_known k WHERE k.seq = s.seq)",
        )
        # A size that an earlier revision had, said by a table without hashes, is old news once the bytes were hashed.
        old_news = (
            "p.sha256 IS NOT NULL AND s.sha256 IS NULL AND EXISTS (SELECT 1 FROM product_revision v"
            " WHERE v.product_id = p.id AND v.sha256 IS NULL AND v.size = s.size)"
        )
        revised = (
            "coalesce(CASE WHEN s.sha256 IS NOT NULL AND p.sha256 IS NOT NULL THEN s.sha256 <> p.sha256"
            f" ELSE s.size <> p.size AND NOT ({old_news}) END, 1 = 0)"
        )
        bytes_known = [
            f"CASE WHEN {revised} THEN s.{c} ELSE coalesce(p.{c}, s.{c}) END" for c in ("size", "sha256", "crc32")
        ]
        new = (
            "s.mission",
            f"CASE WHEN s.states & {STATES_NAME} <> 0 THEN s.filename ELSE p.filename END",
            f"CASE WHEN s.states & {STATES_FOLDER} <> 0 THEN f.id ELSE p.folder_id END",
            "mk.id",
            "mr.id",
            "coalesce(o.id, p.observation_id)",
            *bytes_known,
            *(f"coalesce(s.{name}, p.{name})" for name in KEPT),
        )
        columns = ", ".join(f"{value} AS {name}" for name, value in zip(WRITTEN, new, strict=True))
        differing = " OR ".join(f"n.{name} {self._differs} p.{name}" for name in WRITTEN)
        self._make(
            "ready_change",
            f"SELECT n.* FROM (SELECT p.id, {revised} AS revised, {columns}"
            " FROM stage_known k CROSS JOIN stage_product s CROSS JOIN product p"
            " JOIN map_kind mk ON mk.claim = s.kind AND mk.known = p.kind_id"
            " JOIN map_rights mr ON mr.claim = s.rights AND mr.known = p.rights_id"
            " LEFT JOIN map_folder f ON f.claim = s.folder"
            " LEFT JOIN map_observation o ON o.claim = s.observation AND o.derived = 0"
            " WHERE s.seq = k.seq AND p.id = k.id) n JOIN product p ON p.id = n.id"
            f" WHERE p.withdrawn_at IS NOT NULL OR n.revised OR {differing}",
        )

    def _prepare_links(self) -> None:
        self._make(
            "ready_link",
            f"SELECT DISTINCT o.id AS observation_id, coalesce(k.id, l.seq + {self._base + 1}) AS product_id"
            " FROM stage_link l JOIN map_observation o ON o.claim = l.claim LEFT JOIN stage_known k ON k.seq = l.seq"
            " WHERE (o.derived = 0 OR k.seq IS NULL) AND NOT EXISTS (SELECT 1 FROM observation_product x"
            " WHERE x.observation_id = o.id AND x.product_id = k.id) ORDER BY 1, 2",
        )

    def _prepare_absent(self, *, complete: bool) -> None:
        """What the table's observations had and the table does not have."""
        touched = {(one,) for (one,) in self._all("SELECT id FROM map_observation")}
        touched |= {(each["stub"],) for each in self.plan.absorbed}
        staging.replace(self._connection, "stage_touched", sorted(touched) if complete else [])
        self._make(
            "ready_absent",
            "SELECT p.id, CASE WHEN p.observation_id IN (SELECT id FROM stage_touched) OR NOT EXISTS"
            " (SELECT 1 FROM observation_product x WHERE x.product_id = p.id"
            " AND x.observation_id NOT IN (SELECT id FROM stage_touched)) THEN 1 ELSE 0 END AS gone"
            " FROM product p WHERE p.withdrawn_at IS NULL AND p.id IN (SELECT x.product_id FROM stage_touched t"
            " JOIN observation_product x ON x.observation_id = t.id) AND p.id NOT IN (SELECT id FROM stage_known)",
        )

    def _prepare_uses(self) -> None:
        """Reference files that headers or links name; a product that was read about has those and no others."""
        roles = Roles(self._connection, self._rows.roles.made)
        self.plan.rows["reference_role"] = roles.new
        staging.replace(self._connection, "map_role", roles.mapped)
        self._make(
            "stage_named",
            f"SELECT coalesce(k.id, r.seq + {self._base + 1}) AS product_id, m.id AS role_id"
            " FROM stage_reference r LEFT JOIN map_role m ON m.claim = r.role LEFT JOIN stage_known k ON k.seq = r.seq"
            " UNION SELECT u.product_id, m.id FROM stage_use u LEFT JOIN map_role m ON m.claim = u.role ORDER BY 1, 2",
        )
        wanted = "SELECT product_id, role_id FROM stage_named WHERE role_id IS NOT NULL"
        kept = "SELECT product_id, role_id FROM reference_use WHERE product_id IN (SELECT product_id FROM stage_named)"
        self._make("ready_fresh", f"{wanted} EXCEPT {kept}")
        self._make("ready_stale", f"{kept} EXCEPT {wanted}")

    def _count(self) -> None:
        plan = self.plan
        for table in ("ready_product", "ready_change", "ready_link", "ready_absent", "ready_fresh", "ready_stale"):
            plan.sizes[table] = self._one(f"SELECT count(*) FROM {table}")
        plan.new = plan.sizes["ready_product"]
        plan.updated = self._one(
            "SELECT count(*) FROM (SELECT id FROM ready_change UNION"
            f" SELECT product_id FROM ready_link WHERE product_id <= {self._base}) AS touched"
        )
        plan.unchanged = self._rows.products - plan.new - plan.updated
        plan.withdrawn = self._one("SELECT count(*) FROM ready_absent WHERE gone = 1")
        plan.uses = Uses(
            products=self._one("SELECT count(DISTINCT product_id) FROM stage_named"),
            links=self._one("SELECT count(role_id) FROM stage_named"),
            new=plan.sizes["ready_fresh"],
            removed=plan.sizes["ready_stale"],
        )
        plan.changed = bool(plan.size or plan.observations or plan.absorbed or any(plan.rows.values()))

    def _make(self, table: str, query: str) -> None:
        self._do(f"DROP TABLE IF EXISTS {table}")
        self._do(f"CREATE TEMPORARY TABLE {table} AS {query}")
        self._analyze(table)

    def _analyze(self, table: str) -> None:
        if self._connection.dialect.name == "postgresql":
            self._do(f"ANALYZE {table}")

    def _highest(self, table: str) -> int:
        return self._one(f"SELECT coalesce(max(id), 0) FROM {table}")

    def _one(self, query: str) -> int:
        return int(self._connection.exec_driver_sql(query).scalar_one())

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._connection.exec_driver_sql(query)]

    def _do(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement)
