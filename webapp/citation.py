"""What to cite: the archive, the programmes whose files they are, when and from where; a mission's own words below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.template_filters import date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webapp.access import ReadRights
    from webapp.context import Services

MOST_PROGRAMMES = 200  # of one mission that are named


def citation(services: Services, rights: Iterable[ReadRights], *, link: str, at: int) -> str:
    """A few lines of plain text about files with these rights. ``at`` is in seconds since 1970 UTC."""
    programmes: dict[str, set[str]] = {}
    for each in rights:
        programmes.setdefault(each.mission, set()).update({each.programme} - {""})
    lines = [f"Archive: {services.settings.archive_name}", f"Missions: {', '.join(sorted(programmes)) or 'none'}"]
    for mission, named in sorted(programmes.items()):
        if named:
            first = sorted(named, key=_as_number)[:MOST_PROGRAMMES]
            more = f" and {len(named) - len(first):,} more" if len(named) > len(first) else ""
            lines.append(f"{mission} programmes: {', '.join(first)}{more}")
    lines += [f"Retrieved: {date(at)}", f"Link: {link}"]
    own = [text for mission in sorted(programmes) if (text := services.missions.citation(mission))]
    return "\n".join([*lines, *(f"\n{text}" for text in own)]) + "\n"


def _as_number(programme: str) -> tuple[int, str]:
    return (int(programme), "") if programme.isascii() and programme.isdigit() else (1 << 62, programme)
