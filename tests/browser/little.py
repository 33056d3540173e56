"""A server over a little archive of its own, whose files tests may lose, hold back, and make too large for a bundle."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.manager import Manager
from tests.fixtures.batches import GATED, Gate
from tests.fixtures.up import ROOT, SECONDS, Up, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

BUNDLE_BYTES = 1_000_000
FILES = (  # each observation's
    *(("set", f"set_{n}.fits", 100_000 + n) for n in range(3)),
    *(("lost", f"lost_{n}.fits", 90_000 + n) for n in range(3)),
    *(("back", f"back_{n}.fits", 80_000 + n) for n in range(2)),
    *(("wide", f"wide_{n}.fits", 400_000 + n) for n in range(5)),
    ("secret", "secret_0.fits", 50_000),
    ("slow", "gated/slow_0.fits", len(GATED)),
)
PROGRAMME = "4098"
LOST = "lost_0.fits"  # the archive lists it, and does not have it


@dataclass
class Little:
    """``gate`` holds the observation ``slow`` back until it is open."""

    url: str
    home: Path
    store: Path
    gate: Gate

    def file(self, name: str) -> Path:
        return self.store / "JWST" / name

    @staticmethod
    def path(name: str) -> str:
        """As on screen."""
        return f"JWST/{name.partition('_')[0]}/{name}"


@contextmanager
def little(folder: Path, **more: str) -> Iterator[Little]:
    """Make the archive and serve it, until the end of the block; ``more`` are settings."""
    store, dice = folder / "store", random.Random(1)  # noqa: S311 - bytes, not secrets
    (store / "JWST").mkdir(parents=True)
    rows = ["obs_id,dataURI,productFilename,size,dataRights,proposal_id"]
    for obs, name, size in FILES:
        if name != LOST and "/" not in name:
            (store / "JWST" / name).write_bytes(dice.randbytes(size))
        rights = "EXCLUSIVE_ACCESS" if obs == "secret" else "PUBLIC"
        rows.append(f"{obs},mast:JWST/{name},{name.rpartition('/')[2]},{size},{rights},{PROGRAMME}")
    (folder / "table.csv").write_text("\n".join(rows))
    gate = Gate()
    settings = {
        "SKYBASKET_STORES": f"mast:JWST/gated/={gate.url} mast:={store.as_uri()}",
        "SKYBASKET_BUNDLE_BYTES": str(BUNDLE_BYTES),
        **more,
    }
    home = folder / "home"
    subprocess.run(
        [sys.executable, "-m", "webapp.cli", "ingest", "table", str(folder / "table.csv")],
        cwd=ROOT,
        env=os.environ | settings | {"SKYBASKET_HOME": str(home)},
        check=True,
        timeout=SECONDS,
    )
    port = free_port()
    try:
        with Up(home, port, **settings) as up:
            up.ready()
            yield Little(f"http://127.0.0.1:{port}", home, store, gate)
    finally:
        gate.close()


def ticked(page: Page, *names: str) -> Manager:
    """Look at a basket with the observations of these files, and tick just these."""
    manager, observations = Manager(page), sorted({name.partition("_")[0] for name in names})
    manager.fill(*(f"JWST:{obs}" for obs in observations))
    manager.open("mrp=0&" + "&".join(f"open=JWST/{obs}" for obs in observations))
    for name in names:
        manager.tick(Little.path(name))
        expect(manager.row(Little.path(name)).locator(".tick")).to_have_class("tick true")
    expect(manager.headline).to_contain_text(f"{len(names)} selected")
    manager.settle()
    return manager
