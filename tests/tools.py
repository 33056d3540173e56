"""The foreign programs that tests run: lists them, or installs what is missing (``--install``).

As root or with CI=1, Debian's packages are installed; else Chromium comes from Playwright. Whatever is missing after
that is named, and is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

ATTEMPTS = 3
APT_SECONDS = 600
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=60")


@dataclass(frozen=True)
class Tool:
    """A program under its names, the Debian package that brings it, and what it is for."""

    commands: tuple[str, ...]
    package: str
    purpose: str

    @property
    def name(self) -> str:
        return self.commands[0]

    def find(self) -> str | None:
        """Its path."""
        return next(filter(None, map(shutil.which, self.commands)), None)


class Chromium(Tool):
    """The browser: the one that SKYBASKET_CHROMIUM names, else one on PATH, else Playwright's own.

    The shell is the same engine without windows: it opens a page in a fourth of the time.
    """

    @property
    def name(self) -> str:
        return WHOLE

    def find(self) -> str | None:
        chosen = os.environ.get("SKYBASKET_CHROMIUM")
        if chosen:
            return shutil.which(chosen)
        return super().find() or _playwright_chromium()


SHELL, WHOLE = "chromium-headless-shell", "chromium"  # Debian has both, Ubuntu the latter
CHROMIUM = Chromium((SHELL, WHOLE, "chromium-browser", "google-chrome"), SHELL, "browser tests")
TOOLS = (
    CHROMIUM,
    Tool(("7zz",), "7zip", "opens bundles"),
    Tool(("aria2c",), "aria2", "fetches lists of files"),
    Tool(("aws",), "awscli", "fetches from S3"),
    Tool(("bash",), "bash", "runs downloaded scripts"),
    Tool(("bsdtar",), "libarchive-tools", "opens bundles"),
    Tool(("busybox",), "busybox", "runs downloaded scripts"),
    Tool(("curl",), "curl", "what downloaded scripts fetch with"),
    Tool(("dash",), "dash", "runs downloaded scripts"),
    Tool(("mksh",), "mksh", "runs downloaded scripts"),
    Tool(("nginx", "/usr/sbin/nginx"), "nginx-light", "sends stored files, and is what speed is measured against"),
    Tool(("openssl",), "openssl", "one of the three that scripts hash with"),
    Tool(("shasum",), "perl", "one of the three that scripts hash with"),
    Tool(("shellcheck",), "shellcheck", "lints downloaded scripts"),
    Tool(("tar",), "tar", "opens bundles"),
    Tool(("unzip",), "unzip", "opens bundles"),
    Tool(("wget",), "wget", "fetches lists of files"),
    Tool(("zip",), "zip", "what speed is measured against"),
    Tool(("zsh",), "zsh", "runs downloaded scripts"),
)


def missing() -> list[Tool]:
    """What is not there."""
    return [tool for tool in TOOLS if tool.find() is None]


def install(tools: list[Tool]) -> None:
    """Try to install these; what fails is said, and still missing afterwards."""
    root = os.geteuid() == 0
    if shutil.which("apt-get") and (root or os.environ.get("CI") in {"1", "true"}):
        apt = APT if root else ("sudo", "-n", "DEBIAN_FRONTEND=noninteractive", *APT)
        packages = [tool.package for tool in tools]
        click.echo(f"Installing Debian's {', '.join(packages)} ...")
        for attempt in range(ATTEMPTS):
            time.sleep(5 * attempt)
            if not _run(*apt, "update"):
                continue
            if CHROMIUM in tools and not _run("apt-cache", "show", "-qq", SHELL, stdout=subprocess.DEVNULL):
                packages = [WHOLE if package == SHELL else package for package in packages]
            if _run(*apt, "install", "-y", "--no-install-recommends", *packages):
                return
    elif CHROMIUM in tools and not os.environ.get("SKYBASKET_CHROMIUM"):
        _run(sys.executable, "-m", "playwright", "install", "chromium")


def _run(*command: str, stdout: int | None = None) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=environment, stdout=stdout, timeout=APT_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        click.echo(error, err=True)
        return False


def _playwright_chromium() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and only where no browser is installed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def main() -> int:
    """List the tools; with ``--install`` install first. Returns 1 if one is missing."""
    if "--install" in sys.argv[1:] and (absent := missing()):
        install(absent)
    for tool in TOOLS:
        click.echo(f"{tool.name:<11} {tool.find() or 'MISSING':<28} {tool.purpose}")
    absent = missing()
    if absent:
        names = ", ".join(tool.name for tool in absent)
        packages = " ".join(tool.package for tool in absent)
        click.echo(f"The tests need {names}. On Debian or Ubuntu: sudo apt-get install {packages}", err=True)
    if CHROMIUM in absent and os.environ.get("SKYBASKET_CHROMIUM"):
        click.echo("SKYBASKET_CHROMIUM names no program: correct or unset it.", err=True)
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
