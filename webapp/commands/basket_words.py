"""What commands about baskets print for people: aligned, in the units of the page, nothing that moves a terminal."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jobs.dialects import comment
from webapp.template_filters import duration, files, size, volume

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTED = 10  # files of one finding


def amount(totals: dict[str, Any]) -> str:
    """``24 files, 3.2 GB``."""
    counted: Any = SimpleNamespace(**{name: totals[name] for name in ("files", "bytes", "unknown_size")})
    return f"{files(counted.files)}, {volume(counted)}" if counted.files else "no files"


def changed(said: dict[str, Any]) -> str:
    """What a change has done."""
    return f"{comment(said['said'])} In the basket: {amount(said)}. Selected: {amount(said['selected'])}.".lstrip()


def content(said: dict[str, Any], url: str, filters: str) -> Iterator[str]:
    """A basket under filters, line by line."""
    hidden = said["selected"]["hidden"]
    yield f"{comment(url)} (version {said['version']})"
    yield f"  In the basket  {amount(said)}"
    yield f"  Matching       {amount(said['matching'])} ({comment(filters) or 'recommended only'})"
    yield f"  Selected       {amount(said['selected'])}" + (f", {hidden:,} of them hidden by filters" if hidden else "")
    width = max((len(comment(each["value"])) for values in said["facets"].values() for each in values), default=0)
    for name, values in said["facets"].items():
        yield f"\n{comment(name)}"
        for each in values:
            mark = "*" if each["active"] else " "
            count = f"{each['matching']:,} of {each['total']:,}"
            yield f"{mark} {comment(each['value']):{width}}  {count:>20}  {size(each['bytes']):>10}"


def line_of(file: dict[str, Any]) -> str:
    """One file of a list."""
    return f"{'*' if file['selected'] else ' '} {size(file['size']):>10}  {comment(file['path'])}"


def reference_lines(found: list[dict[str, Any]]) -> Iterator[str]:
    """References, aligned: in the basket or not, size, by how many files named, type, path, and why it is missing."""
    width = max((len(comment(each["label"])) for each in found), default=0)
    for each in found:
        mark, named, label = "*" if each["in_basket"] else " ", files(each["used_by"]), comment(each["label"])
        lost = f"  missing: {each['missing']}" if each["missing"] else ""
        yield f"{mark} {size(each['size']):>10}  {named:>12}  {label:{width}}  {comment(each['path'] + lost)}"


def plan(said: dict[str, Any]) -> Iterator[str]:
    """A plan, line by line."""
    parts, estimate = said["parts"], said["estimate"]
    yield f"{amount(said)}{f', in {len(parts)} parts' if len(parts) > 1 else ''}."
    if estimate["seconds"] is not None:
        time = f"about {duration(int(estimate['seconds']))} at {estimate['speed_mbit']:g} Mbit/s"
        yield f"It takes {time}, and needs {size(estimate['disk_bytes'])} of your disk."
    for each in said["findings"]:
        yield from finding(each)


def finding(found: dict[str, Any]) -> Iterator[str]:
    """Something that was found, line by line."""
    yield comment(f"{'!' if found['blocks'] else '-'} {found['sentence']} {found['hint']}".rstrip())
    for each in found["list"][:LISTED]:
        yield comment(f"    {each['path']}{each['detail'] and ': '}{each['detail']}")
    count = max(found["files"], len(found["list"]))  # of exposures, each may have several files
    if count > LISTED and found["list"]:
        yield f"    and {count - LISTED:,} more"
