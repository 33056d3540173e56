from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from webapp.cli import main
from webapp.db import engine_for
from webapp.ingest.demo import load_demo, make_demo
from webapp.settings import load
from webapp.stores import store_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from webapp.settings import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, demo_home: Path) -> Settings:
    home = shutil.copytree(demo_home, tmp_path_factory.mktemp("demo") / "home")
    return load({"SKYBASKET_HOME": str(home)})


@pytest.fixture(scope="module")
def catalogue(settings: Settings) -> Iterator[Engine]:
    """The demo in a catalogue, shared by tests that only look."""
    engine = engine_for(settings.database_url)
    yield engine
    engine.dispose()


def ask(engine: Engine, question: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def test_the_catalogue_has_every_file_and_observation(catalogue: Engine, archive: Path) -> None:
    made = make_demo(archive)
    assert ask(catalogue, "SELECT count(*) FROM product WHERE withdrawn_at IS NULL") == [(made.files,)]
    observations = made.observations + made.members
    assert ask(catalogue, "SELECT count(*), sum(stub) FROM observation") == [(observations, 0)]


def test_a_shared_exposure_is_linked_to_its_sources(catalogue: Engine) -> None:
    linked = ask(
        catalogue,
        "SELECT o.obs_id FROM observation o JOIN observation_product l ON l.observation_id = o.id"
        " JOIN product p ON p.id = l.product_id WHERE p.filename = 'jw02736007001_05101_00001_nrs1_cal.fits'",
    )
    sources = {f"jw02736-o007_s{source:09d}_nirspec_f290lp-g395m" for source in (4590, 6355, 10612)}
    assert {name for (name,) in linked} == sources | {"jw02736007001_05101_00001_nrs1"}


def test_targets_and_positions_are_known(catalogue: Engine) -> None:
    asked = "SELECT target, instrument, proposal_id, ra FROM observation WHERE obs_id = 'j97c11010'"
    assert ask(catalogue, asked) == [("M51", "ACS/WFC", "10452", 202.4696)]


def test_one_programme_is_not_released_before_2035(catalogue: Engine) -> None:
    released = ask(catalogue, "SELECT programme, released_at FROM rights ORDER BY released_at DESC LIMIT 1")
    assert released == [("8912", 2_051_222_400)]


def test_references_are_files_of_their_own_in_one_folder(catalogue: Engine) -> None:
    found = ask(
        catalogue,
        "SELECT f.mission, f.path, k.category, count(*) FROM product p JOIN folder f ON f.id = p.folder_id"
        " JOIN kind k ON k.id = p.kind_id WHERE p.uri LIKE '%/reference/%' GROUP BY 1, 2, 3 ORDER BY 1",
    )
    assert [row[:3] for row in found] == [
        ("HST", "references", "CALIBRATION"),
        ("JWST", "references", "CALIBRATION"),
    ]


def test_headers_say_what_was_used_and_most_of_it_is_here(catalogue: Engine) -> None:
    used = ask(catalogue, "SELECT DISTINCT name FROM reference_role")
    held = ask(catalogue, "SELECT DISTINCT name FROM reference_role r JOIN product p ON p.filename = r.name")
    assert len(held) > 60
    assert 5 < len(used) - len(held) < len(held)


def test_a_product_remembers_its_flat_and_the_context(catalogue: Engine) -> None:
    asked = (
        "SELECT r.name, r.context FROM reference_use u JOIN product p ON p.id = u.product_id"
        " JOIN reference_role r ON r.id = u.role_id"
        " WHERE p.filename = 'jw02731001001_02105_00001_nrcalong_cal.fits' AND r.keyword = 'R_FLAT'"
    )
    [(reference, context)] = ask(catalogue, asked)
    assert reference.startswith("jwst_nircam_flat_")
    assert context == "jwst_1293.pmap"


def test_checksums_are_those_of_the_files(catalogue: Engine, archive: Path) -> None:
    name = "jw02731-o001_t017_nircam_clear-f444w_i2d.jpg"
    content = (archive / "JWST/product" / name).read_bytes()
    assert ask(catalogue, f"SELECT size, crc32 FROM product WHERE filename = '{name}'") == [
        (len(content), crc32(content))
    ]


def test_the_store_is_recorded(catalogue: Engine, settings: Settings, archive: Path) -> None:
    assert catalogue
    assert store_pairs(settings) == (("mast:", str(archive)),)


@pytest.mark.long
def test_loading_again_changes_nothing(catalogue: Engine, settings: Settings, archive: Path) -> None:
    tables = (
        "product",
        "observation",
        "observation_product",
        "kind",
        "reference_role",
        "reference_use",
        "catalogue_state",
    )

    def state() -> list[Any]:
        return [ask(catalogue, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]

    before = state()
    load_demo(catalogue, settings, archive)
    assert state() == before


def test_a_damaged_archive_is_one_sentence(tmp_path: Path, archive: Path) -> None:
    demo = tmp_path / "home" / "demo"
    (demo / "tables").mkdir(parents=True)
    for name in ("demo.json", "tables/tess.ecsv"):
        (demo / name).write_bytes((archive / name).read_bytes())
    done = CliRunner().invoke(main, ["demo"], env={"SKYBASKET_HOME": str(demo.parent)})
    assert done.exit_code == 2
    assert "_lc.fits cannot be read: No such file or directory. Delete " in done.output


def test_the_command_makes_and_loads_it(tmp_path: Path, archive: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "demo").symlink_to(archive)  # made already: the command must see that
    done = CliRunner().invoke(main, ["demo"], env={"SKYBASKET_HOME": str(home)})
    assert done.exit_code == 0, done.output
    assert "30 observations and 58 of their exposures" in done.output
    engine = engine_for(f"sqlite:///{home / 'skybasket.db'}")
    count = ask(engine, "SELECT count(*) FROM product")
    engine.dispose()
    assert count == [(make_demo(archive).files,)]
