from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.unit.inventory import model
from tests.unit.inventory.worlds import checked, files, inventory_of
from webapp.inventory.storage import DamagedInventory, load, save

if TYPE_CHECKING:
    from pathlib import Path

FILES = [
    model.File(
        n, "JWST", "jw1/ä", f"ö{n}.fits", "SCIENCE", "fits", "CAL", 2 if n % 2 else None, n % 3 == 0, 1, n or None
    )
    for n in range(8)
]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "spool" / "digest"
    save(inventory_of(FILES), folder)
    return folder


@checked
@given(given_files=files())
def test_an_inventory_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, given_files: list[model.File]
) -> None:
    folder = tmp_path_factory.mktemp("spool") / "inventory"
    inventory = inventory_of(given_files)
    save(inventory, folder)
    back = load(folder)
    assert (back.digest, back.kinds, back.folders, back.rights_ids) == (
        inventory.digest,
        inventory.kinds,
        inventory.folders,
        inventory.rights_ids,
    )
    for column in ("product", "kind", "rights", "size", "starts"):
        assert np.array_equal(getattr(back, column), getattr(inventory, column))
    assert [back.name(row) for row in range(len(back))] == [inventory.name(row) for row in range(len(back))]


def test_loaded_columns_are_mapped_and_read_only(saved: Path) -> None:
    inventory = load(saved)
    assert isinstance(inventory.size.base, np.memmap)
    assert not inventory.size.flags.writeable


def test_saving_twice_keeps_one_whole_folder_and_nothing_else(saved: Path) -> None:
    save(inventory_of(FILES), saved)
    assert [each.name for each in saved.parent.iterdir()] == ["digest"]
    assert len(load(saved)) == len(FILES)


def test_many_may_save_the_same_inventory_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "digest"
    inventory = inventory_of(FILES)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: save(inventory, folder), range(40)))
    assert load(folder).digest == inventory.digest
    assert [each.name for each in tmp_path.iterdir()] == ["digest"]


def test_a_save_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "digest"
    folder.symlink_to(tmp_path / "nowhere")  # a folder cannot be renamed onto a link
    with pytest.raises(NotADirectoryError):
        save(inventory_of(FILES), folder)
    assert [each.name for each in tmp_path.iterdir()] == ["digest"]


def test_a_missing_folder_is_told_apart_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["product", "kind", "rights", "size", "starts", "names", "offsets"])
def test_a_column_that_is_missing_is_damage(saved: Path, name: str) -> None:
    (saved / f"{name}.npy").unlink()
    with pytest.raises(DamagedInventory, match="cannot be read"):
        load(saved)


@pytest.mark.parametrize("name", ["product", "kind", "rights", "size", "starts", "names", "offsets"])
@pytest.mark.parametrize("kept", [0, 20, -1])
def test_a_column_that_is_cut_short_is_damage(saved: Path, name: str, kept: int) -> None:
    file = saved / f"{name}.npy"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(DamagedInventory):
        load(saved)


@pytest.mark.parametrize("name", ["product", "kind", "rights", "size", "starts", "names", "offsets"])
def test_a_column_with_one_wrong_byte_is_damage(saved: Path, name: str) -> None:
    file = saved / f"{name}.npy"
    content = bytearray(file.read_bytes())
    content[-2] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedInventory, match="not the one that it was saved as"):
        load(saved)


@pytest.mark.parametrize("change", ["float64", "int32", "table"])
def test_a_column_of_another_type_or_shape_is_damage(saved: Path, change: str) -> None:
    column = np.load(saved / "product.npy")
    np.save(saved / "product.npy", column[:, None] if change == "table" else column.astype(change))
    with pytest.raises(DamagedInventory, match="product is no column of <i8"):
        load(saved)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 2}', "null"])
def test_a_description_that_is_none_is_damage(saved: Path, text: str) -> None:
    (saved / "inventory.json").write_text(text)
    with pytest.raises(DamagedInventory):
        load(saved)


def test_a_description_with_another_kind_is_damage(saved: Path) -> None:
    meta = json.loads((saved / "inventory.json").read_text())
    meta["kinds"][0][3] = "I2D"
    (saved / "inventory.json").write_text(json.dumps(meta))
    with pytest.raises(DamagedInventory, match="not the one that it was saved as"):
        load(saved)


def test_a_column_that_holds_python_objects_is_not_unpickled(saved: Path) -> None:
    np.save(saved / "size.npy", np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(DamagedInventory, match="Python objects"):
        load(saved)
