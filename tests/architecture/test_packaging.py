"""The project around the code: Procfile, pins, and the wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from webapp.supervisor.processes import PROCFILE

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+")


def pins() -> list[str]:
    return (ROOT / "constraints.txt").read_text("utf-8").splitlines()


def test_the_procfile_names_what_the_supervisor_runs() -> None:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    assert dict(line.split(": ", 1) for line in lines) == PROCFILE


def test_the_constraints_hold_names_and_versions_only() -> None:
    assert [line for line in pins() if not PIN.fullmatch(line)] == []


def test_the_constraints_pin_every_package_that_an_installation_brings() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["dev"]
    asked += project["build-system"]["requires"]
    pinned = {canonicalize_name(line.split("==")[0]) for line in pins()}
    assert needed(asked) - pinned == set()


def needed(asked: list[str]) -> set[str]:
    """The names of these requirements and of all that they require in turn, on this machine."""
    todo, seen = [Requirement(text) for text in asked], set()
    while todo:
        requirement = todo.pop()
        name, extras = canonicalize_name(requirement.name), tuple(sorted(requirement.extras))
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for text in requires(name) or []:
            further = Requirement(text)
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                todo.append(further)
    return {name for name, _ in seen}


def test_an_installed_wheel_finds_its_templates_migrations_scripts_and_static_files(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    install = [*pip, "install", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, timeout=60)
    # The dependencies come from this environment; the wheel's packages go before the checkout's.
    seen = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site), "SKYBASKET_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    template, style, script, client, status = seen.stdout.split()
    assert Path(template).is_relative_to(site)
    assert Path(style).is_relative_to(site)
    assert Path(script).is_relative_to(site)
    assert Path(script).is_file()
    assert Path(client).is_relative_to(site)
    assert status == "200"


LOOK = """
from importlib.resources import files

import skybasket_client
from webapp.app import create_app
from webapp.db import engine_for
from webapp.migrate import upgrade
from webapp.settings import load

settings = load()
upgrade(engine_for(settings.database_url))
app = create_app(settings)
print(app.jinja_env.get_template("layout.html").filename)
print(app.static_folder)
print(files("jobs.dialects").joinpath("bodies", "fetch.py"))
print(skybasket_client.__file__)
print(app.test_client().get("/healthz").status_code)
"""
