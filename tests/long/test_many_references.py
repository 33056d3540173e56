"""A million links from a table to calibration references, and all of them replaced: memory stays small."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.tables import ask, many
from tests.fixtures.up import ROOT
from tests.long.test_large_lists import MEASURED
from webapp.db import engine_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.long

PRODUCTS, LINKS, REFERENCES = 100_000, 10, 3_000
MOST = 400_000_000  # bytes; 220 MB as measured
SECONDS = 600  # a deadline, ten times what it takes


def ingest(home: Path, what: str, file: Path) -> tuple[str, int]:
    """What the command says, and the most bytes that it held."""
    command = [sys.executable, "-m", "webapp.cli", "ingest", what, str(file)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", MEASURED, *command],
        cwd=ROOT,
        env=os.environ | {"SKYBASKET_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    return done.stdout, int(done.stderr.splitlines()[-1])


def links(file: Path, context: str) -> Path:
    """Each product's links are far apart: nothing may count on their order."""
    with file.open("w") as table:
        table.write("product,reference,keyword,context,size\n")
        for k in range(LINKS):
            for n in range(PRODUCTS):
                product = f"mast:JWST/product/jw02733002001_02103_{n:05d}_mirimage_{n % 7}_cal.fits"
                number = n % (REFERENCES // LINKS)
                reference = f"mast:JWST/product/jwst_miri_type{k}_{number:04d}.fits"
                table.write(f"{product},{reference},R_TYPE{k},{context},{1000 + number}\n")
    return file


@pytest.mark.timeout(4 * SECONDS)
def test_a_million_links_come_in_and_are_replaced_in_bounded_memory(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ingest(home, "table", many(tmp_path / "products.csv", PRODUCTS))
    said = [ingest(home, "references", links(tmp_path / "links.csv", f"jwst_{n}.pmap")) for n in (1293, 1293, 1294)]
    changes = ("1,000,000 new, 0 unchanged, 0 removed", "0 new, 1,000,000 unchanged, 0 removed",
               "1,000,000 new, 0 unchanged, 1,000,000 removed")  # fmt: skip
    engine = engine_for(f"sqlite:///{home / 'skybasket.db'}")
    kept = ask(
        engine, "SELECT r.context, count(*) FROM reference_use u JOIN reference_role r ON r.id = u.role_id GROUP BY 1"
    )
    engine.dispose()
    assert [f"links: 1,000,000 ({change})" in line for change, (line, _) in zip(changes, said, strict=True)] == [
        True
    ] * 3
    assert kept == [("jwst_1294.pmap", 1_000_000)]
    assert max(held for _, held in said) < MOST
