from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from jobs.plugins import PluginError, scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    Package = Callable[..., ModuleType]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Makes a package of the given modules, under a name that no other test uses."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(**modules: str) -> ModuleType:
        folder = tmp_path / f"plugins_of_{tmp_path.name}"
        folder.mkdir()
        (folder / "__init__.py").touch()
        for module, source in modules.items():
            (folder / f"{module}.py").write_text(source)
        return importlib.import_module(folder.name)

    return make


def test_adding_a_plug_in_is_adding_a_file(package: Package) -> None:
    assert sorted(scan(package(one="name = 'a'", two="name = 'b'"), "name")) == ["a", "b"]


def test_a_duplicate_name_refuses_to_start(package: Package) -> None:
    with pytest.raises(PluginError, match=r"two and .*one both declare name = 'a'"):
        scan(package(one="name = 'a'", two="name = 'a'"), "name")


def test_a_plug_in_without_a_name_refuses_to_start(package: Package) -> None:
    with pytest.raises(PluginError, match="one does not declare 'name'"):
        scan(package(one=""), "name")
