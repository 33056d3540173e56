"""Plug-ins are modules in a folder, found by scanning it: adding one is adding one file.

A module that lacks the attribute which names it, or claims a name that is taken, stops the program at start.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


class PluginError(RuntimeError):
    """A plug-in folder is inconsistent; the text says which modules and why."""


def scan(package: ModuleType, attribute: str) -> dict[str, ModuleType]:
    """The modules of ``package`` by the name that each declares in ``attribute``, in alphabetical order of file.

    Raises PluginError for a missing or duplicate name.
    """
    found: dict[str, ModuleType] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        name = getattr(module, attribute, None)
        if not isinstance(name, str) or not name:
            raise PluginError(f"{module.__name__} does not declare {attribute!r}.")
        if name in found:
            raise PluginError(f"{module.__name__} and {found[name].__name__} both declare {attribute} = {name!r}.")
        found[name] = module
    return found
