from __future__ import annotations

import os
import signal
import subprocess
import sys
from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from webapp.errors import UserError
from webapp.ingest.demo import build, galaxies, nebulae, pixels, tess
from webapp.ingest.demo.dice import Dice

ROOT = Path(__file__).resolve().parents[3]

AGAIN = """
from hashlib import sha256
from webapp.ingest.demo import hst_cos, hst_wfpc2, jwst_archive, jwst_imaging, jwst_mrs, tess
def again():
    campaign = jwst_archive.CAMPAIGNS[2]
    yield from jwst_imaging.items(campaign, jwst_imaging.plan(campaign))
    yield from jwst_mrs.items(jwst_mrs.plan())
    yield from hst_cos.items()
    yield from hst_wfpc2.items()
    yield from tess.items()
for item in again():
    print(sha256(item.content).hexdigest(), item.path)
"""

KILLED = """
import os, signal, sys
from pathlib import Path
from webapp.ingest.demo import build, tess
def half():
    for number, item in enumerate(tess.items()):
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        yield item
build.write(Path(sys.argv[1]), half)
"""


def python(code: str, *arguments: str, cwd: Path, seed: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=90, check=False)


@pytest.mark.long
def test_another_run_makes_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    made = python(AGAIN, cwd=tmp_path, seed="4711")
    assert made.returncode == 0, made.stderr
    lines = [line.split(" ", 1) for line in made.stdout.splitlines()]
    different = [path for digest, path in lines if sha256((archive / path).read_bytes()).hexdigest() != digest]
    assert len(lines) > 200
    assert different == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cliffs", "623bdb99f3ce813a"),
        ("ring_nebula", "36ecc0f3fdd35e76"),
        ("pillars", "3b6066d5617aaf18"),
        ("spiral", "3c0de3627528222c"),
        ("globular", "e65cd469c1c0e9d3"),
        ("deep_field", "3c9ce6bebae93998"),
    ],
)
def test_a_scene_has_the_same_integers_on_every_machine(name: str, expected: str) -> None:
    paint = getattr(nebulae, name, None) or getattr(galaxies, name)
    seen = pixels.expose(Dice("golden", name), paint((96, 128))(0.4))
    assert sha256(seen.sci.astype("<i2").tobytes()).hexdigest()[:16] == expected


def test_dice_throw_the_same_numbers_on_every_machine() -> None:
    dice = Dice("golden")
    assert dice.below(1000, 6).tolist() == [100, 347, 662, 948, 491, 436]
    assert np.floor(dice.bell(4) * 1e6).tolist() == [-1201734.0, 1472632.0, 609694.0, -356873.0]


def test_a_killed_run_leaves_nothing_half_made(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    assert python(KILLED, str(folder), cwd=tmp_path, seed="0").returncode == -signal.SIGKILL
    assert not folder.exists()
    made = build.write(folder, lambda: islice(tess.items(), 2))
    assert made.files == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo"]
    assert len(list((folder / "TESS/product").iterdir())) == 2


def test_a_failing_run_leaves_nothing(tmp_path: Path) -> None:
    doubled = [next(tess.items())] * 2
    with pytest.raises(UserError, match="cannot be written"):
        build.write(tmp_path / "demo", lambda: iter(doubled))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("important")
    with pytest.raises(UserError, match="holds other files"):
        build.write(tmp_path, tess.items)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    assert build.write(tmp_path / "demo", lambda: islice(tess.items(), 1)).files == 1


def test_two_at_once_make_one_archive(tmp_path: Path) -> None:
    code = (
        "import sys; from itertools import islice; from pathlib import Path;"
        "from webapp.ingest.demo import build, tess;"
        "print(build.write(Path(sys.argv[1]), lambda: islice(tess.items(), 3)).files)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(tmp_path / "demo")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == ["3", "3"]
