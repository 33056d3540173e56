"""Calibration references by commands and by the Python client, against a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update
from sqlmodel import col

from skybasket_client import SkybasketError
from tests.fixtures.counter import CALIBRATED, DARK, STAR, tree
from webapp.db import engine_for, writing
from webapp.models import CatalogueState, Product, ReferenceRole, ReferenceUse
from webapp.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.counter import Counter, Shell

FLAT = "jwst_miri_\x1b[31mflat_0001.fits"  # of no archive, and not for terminals
NAMING = "calibrated_0_i2d.fits"
PATH = f"JWST/references/{DARK}"


@pytest.fixture(scope="session")
def calibrated(counter: Counter) -> None:
    """The file of CALIBRATED names a dark that the archive has, and a flat that it has not."""
    engine = engine_for(load({"SKYBASKET_HOME": str(counter.home)}).database_url)
    with writing(engine) as session:
        (product,) = session.execute(select(col(Product.id)).where(col(Product.filename) == NAMING)).scalars()
        roles = [
            {"mission": "JWST", "keyword": key, "name": name} for key, name in (("R_DARK", DARK), ("R_FLAT", FLAT))
        ]
        for role in session.execute(insert(ReferenceRole).returning(col(ReferenceRole.id)), roles).scalars():
            session.execute(insert(ReferenceUse).values(product_id=product, role_id=role))
        session.execute(update(CatalogueState).values(version=col(CatalogueState.version) + 1))
    engine.dispose()


@pytest.fixture
def basket(shell: Shell, calibrated: None) -> Shell:  # noqa: ARG001 - the archive is prepared
    """A shell with a basket whose selected file names references that are not in it."""
    shell.basket("new", CALIBRATED)
    shell.basket("remove", PATH)
    shell.basket("select")
    return shell


def test_what_the_selected_files_name_is_listed_and_what_is_missing_is_said(basket: Shell) -> None:
    ended = basket.run("basket", "references")
    dark, flat = ended.stdout.splitlines()
    assert dark.split() == ["800", "B", "1", "file", "dark", PATH]
    assert "missing: No file of this name is in the archive." in flat
    assert "1 reference is missing from the archive." in ended.stderr
    assert "2 references; 1 of 1 file selected names any." in ended.stderr


def test_no_name_steers_a_terminal(basket: Shell) -> None:
    ended = basket.run("basket", "references")
    assert "flat_0001.fits" in ended.stdout
    assert "flat_0001.fits" in ended.stderr
    assert "\x1b" not in ended.output


def test_all_that_can_be_had_is_added_and_comes_with_the_download(
    basket: Shell, counter: Counter, tmp_path: Path
) -> None:
    ended = basket.run("basket", "references", "--add-all", code=1)
    assert ended.stdout.startswith("Added 1 reference file (800 B), ticked.")
    assert "missing" in ended.stderr
    basket.basket("download", "here")
    assert tree(tmp_path / "here")[PATH] == (counter.store / DARK).read_bytes()


@pytest.mark.parametrize("name", [PATH, pytest.param(DARK, marks=pytest.mark.long), f"mast:{DARK}"])
def test_one_is_added_by_its_path_its_name_or_its_uri(basket: Shell, name: str) -> None:
    assert basket.json("references", "--add", name)["selected"]["files"] == 2
    assert [each["in_basket"] for each in basket.json("references")["references"]] == [True, False]


def test_only_references_of_a_type_are_listed_or_added(basket: Shell) -> None:
    assert [each["filename"] for each in basket.json("references", "--type", "DARK")["references"]] == [DARK]
    assert basket.json("references", "--add-all", "--type", "flat", code=1)["changed"] == 0
    assert basket.json("references", "--add-all", "--type", "dark")["changed"] == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--add nope.fits", "The selected files name no nope.fits. Nothing was added."),
        (f"--add JWST/references/{FLAT}", "is missing: No file of this name is in the archive."),
        ("--add mast:nope.fits", "unknown: mast:nope.fits"),
        ("--type cake", "Types that they name: dark, flat."),
        (f"--add {DARK} --add-all", "Name files by --add"),
    ],
)
def test_what_cannot_be_added_is_refused_and_nothing_is(basket: Shell, words: str, sentence: str) -> None:
    ended = basket.run("basket", "references", *words.split(" "), code=2)
    assert sentence in ended.stderr
    assert ended.stdout == ""
    assert basket.json("show")["files"] == 1


def test_where_nothing_is_selected_that_is_said(shell: Shell) -> None:
    shell.basket("new", STAR)
    ended = shell.run("basket", "references")
    assert ended.stdout == ""
    assert "No file is selected" in ended.stderr


@pytest.mark.parametrize(("line", "found"), [("--type da", {"dark"}), ("--add JWST/", {PATH})])
def test_a_shell_completes_types_and_references(basket: Shell, line: str, found: set[str]) -> None:
    words = f"skybasket basket references {line}"
    ended = basket.run(_SKYBASKET_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD="4")
    assert {each.partition(",")[2] for each in ended.stdout.split()} == found


@pytest.mark.usefixtures("calibrated")
def test_a_notebook_adds_what_can_be_had_and_is_told_what_is_unknown(counter: Counter) -> None:
    with counter.sky() as sky:
        basket = sky.new_basket([CALIBRATED])
        basket.remove(paths=[PATH])
        basket.select()
        found = basket.references()
        assert [each["code"] for each in found["findings"]] == ["missing_references"]
        said = basket.add_references(each["uri"] for each in found["references"] if not each["missing"])
        assert said["selected"]["files"] == 2
        with pytest.raises(SkybasketError) as caught:
            basket.add_references(["mast:nope.fits"], if_version=basket.version)
        assert (caught.value.status, caught.value.problem["unknown_uris"]) == (422, ["mast:nope.fits"])


def test_all_but_some_types_are_listed_and_a_word_means_each_type_that_has_it(basket: Shell) -> None:
    assert [each["type"] for each in basket.json("references", "--except", "flat")["references"]] == ["dark"]
    assert "Types that they name: dark, flat." in basket.run("basket", "references", "--except", "cake", code=2).stderr
