"""What holds for every file of the project."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".ci", "docs", "jobs", "skybasket_client", "static", "templates", "tests", "webapp")
PACKAGES = {"jobs", "skybasket_client", "webapp"}
GENERATED = {"__pycache__", "node_modules"}
CODE = {".py", ".sh", ".js", ".html"}
LONGEST = 300
LONG_FOR_A_REASON = {
    "jobs/dialects/shell.sh": "one program that its users receive and read as one file",
    "jobs/dialects/bodies/fetch.py": "the same in Python",
}

# Spelled in pieces, so that this file does not name what it forbids.
FOREIGN = re.compile(
    "|".join(
        [
            r"(?<![\w.<>{}-])/" + r"(?:work|root|home)/\w",  # a folder of one machine
            r"pypi" + r"\.org|python" + r"hosted\.org|registry\.npm" + r"js|deb\.debian" + r"\.org",  # an index
            r"extra-index" + r"-url|--index" + r"-url",
        ]
    )
)


def files() -> list[Path]:
    found = [
        file for file in ROOT.iterdir() if (file.is_file() and file.suffix != ".toml") or file.name == "pyproject.toml"
    ]
    for folder in FOLDERS:
        found += [file for file in (ROOT / folder).rglob("*") if file.is_file() and not GENERATED & set(file.parts)]
    return found


def code() -> list[Path]:
    return [file for file in files() if file.suffix in CODE and "vendor" not in file.parts]


def test_every_module_of_the_packages_says_what_it_is() -> None:
    modules = [file for file in code() if file.suffix == ".py" and file.relative_to(ROOT).parts[0] in PACKAGES]
    silent = [str(file.relative_to(ROOT)) for file in modules if not ast.get_docstring(ast.parse(file.read_text()))]
    assert modules
    assert not silent


def test_a_file_fits_one_idea() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in code()}
    assert {name for name, length in lengths.items() if length > LONGEST} == set(LONG_FOR_A_REASON)


def test_no_file_names_a_machine_or_a_package_index() -> None:
    found = []
    for file in files():
        text = file.read_bytes().decode("utf-8", "ignore")
        found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in FOREIGN.finditer(text)]
    assert not found
