"""All ways to have a selection: bundles, scripts, lists, batch; each with the words that people choose by.

What scripts and lists say of themselves is theirs (jobs.dialects); bundles and batch have their words here. A bundle
format without words of its own is still offered, by its name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from jobs.dialects import LIST, SCRIPT, dialects
from jobs.formats import formats
from webapp.delivery_jobs import BATCH_LAYOUTS, WRITTEN, must_offer

if TYPE_CHECKING:
    from jobs.dialects import Dialect

FIRST = ("sh", "py")  # the scripts that most people want
_RESUMES = "A browser, or curl. It may be stopped and resumed at any byte."
_STAGED = "A browser, curl, or any other program for the web."


class _Words(NamedTuple):
    title: str
    about: str
    needs: str
    use: str


_BUNDLES = {
    "zip": _Words("Zip", "One file that every system can open.", _RESUMES, "unzip {file}"),
    "tar": _Words("Tar", "One file, the quickest to unpack on Linux and Mac.", _RESUMES, "tar -xf {file}"),
    "tar.gz": _Words(
        "Tar.gz",
        "One smaller file, where the files can be compressed. It has to be made first.",
        _RESUMES,
        "tar -xzf {file}",
    ),
}
_STAGED_FILES = _Words("Files, staged", "Each file at an address of its own for 7 days.", _STAGED, "")


@dataclass(frozen=True)
class Way:
    """One way. ``{file}`` and ``{name}`` in its texts stand for the file that is made and for the delivery."""

    method: str  # as in ``method=``
    format: str  # as in ``format=``
    title: str
    about: str
    needs: str
    use: str
    token: str
    suffix: str
    language: str
    wants: frozenset[str]

    @property
    def value(self) -> str:
        """As forms say it: ``script/sh``."""
        return f"{self.method}/{self.format}"

    @property
    def written(self) -> bool:
        """Whether it is a script or a list."""
        return self.method in WRITTEN

    @property
    def fetches(self) -> bool:
        """Whether files arrive by it, and not only their names."""
        return self.method != LIST or bool(self.token)

    def filled(self, name: str, file: str = "") -> Way:
        """The same for a delivery of this name; ``file`` unless it follows from the name."""
        file = file or f"{name}{self.suffix}"
        fill = {
            key: getattr(self, key).replace("{file}", file).replace("{name}", name)
            for key in ("title", "about", "needs", "use", "token")
        }
        return replace(self, **fill)


class Group(NamedTuple):
    """Ways that are alike."""

    title: str
    ways: tuple[Way, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All of them, in the order of the page."""
    bundles = sorted(formats(), key=lambda name: (name not in _BUNDLES, name != "zip", name))
    scripts = sorted(
        _named(SCRIPT), key=lambda way: (way.format not in FIRST, way.format != FIRST[0], way.title.casefold())
    )
    lists = sorted(_named(LIST), key=lambda way: way.title.casefold())
    staged = [_staged(layout) for layout in (*BATCH_LAYOUTS, *bundles)]
    return (
        Group("Bundles", tuple(map(_bundle, bundles))),
        Group("Scripts", tuple(scripts)),
        Group("Lists for other programs", tuple(each for each in lists if each.fetches)),
        Group("Manifests", tuple(each for each in lists if not each.fetches)),
        Group("Batch", tuple(staged)),
    )


def way(method: str, format: str) -> Way:  # noqa: A002 - the word of the API
    """One of them. Raises UserError 422 naming those there are."""
    must_offer(method, format)
    return _all()[method, format]


def title(method: str, format: str) -> str:  # noqa: A002 - the word of the API
    """What a delivery is called in a list; by its plain words if its kind is not offered any more."""
    found = _all().get((method, format))
    return found.title if found else f"{method}, {format}"


@cache
def _all() -> dict[tuple[str, str], Way]:
    return {(each.method, each.format): each for group in groups() for each in group.ways}


def _bundle(name: str) -> Way:
    words = _BUNDLES.get(name, _Words(name, "One file.", _RESUMES, ""))
    return Way("bundle", name, *words, token="", suffix=formats()[name].suffix, language="", wants=frozenset())


def _staged(name: str) -> Way:
    if name in BATCH_LAYOUTS:
        words, suffix = _STAGED_FILES, ""
    else:
        bundle = _bundle(name)
        about = "Made on the server and kept there for 7 days."
        words, suffix = _Words(f"{bundle.title}, staged", about, bundle.needs, bundle.use), bundle.suffix
    return Way("batch", name, *words, token="", suffix=suffix, language="", wants=frozenset())


def _named(method: str) -> list[Way]:
    return [_of_dialect(each) for each in dialects().values() if each.method == method]


def _of_dialect(each: Dialect) -> Way:
    return Way(
        each.method,
        each.name,
        each.title,
        each.about,
        each.needs,
        each.use,
        each.token,
        each.suffix,
        each.language,
        each.wants,
    )
