"""``skybasket basket references``: the calibration references that the selected files name, and putting them in too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from webapp.commands.basket_filters import asked_of
from webapp.commands.basket_session import ALL_THERE, SOME_FAILED, asks, offered
from webapp.commands.basket_words import changed, finding, reference_lines
from webapp.errors import UserError
from webapp.template_filters import files as count_files

if TYPE_CHECKING:
    from webapp.commands.basket_session import Session

References = list[dict[str, Any]]


def _values(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Types, or paths of what can be added."""

    def told(basket: Any) -> list[str]:
        found = basket.references()["references"]
        if param.name != "wanted":
            return sorted({name for each in found for name in (each["type"], each["label"])})
        return [each["path"] for each in found if not each["missing"]]

    return offered(asked_of(ctx, told), begun)


@click.command(
    "references", epilog="Exit codes: 0 listed or added, 1 some of --add-all are missing, 2 refused, 4 no answer."
)
@click.option(
    "--add",
    "wanted",
    multiple=True,
    metavar="FILE",
    help="Add this one: its path or name as listed, or its data URI. Repeat it for more.",
    shell_complete=_values,
)
@click.option("--add-all", "every", is_flag=True, help="Add all that can be had.")
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="Only types with this word, as in dark.",
    shell_complete=_values,
)
@click.option(
    "--except", "others", multiple=True, metavar="TYPE", help="No types with this word.", shell_complete=_values
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")
@asks
def references_command(
    session: Session,
    wanted: tuple[str, ...],
    types: tuple[str, ...],
    others: tuple[str, ...],
    *,
    every: bool,
    as_json: bool,
) -> None:
    """List the calibration references that the selected files name, or add them.

    * is one that is in the basket. What is added is selected too, and comes with the next download,
    in MISSION/references/.
    """
    if wanted and (every or types or others):
        raise UserError(400, "Name files by --add, or say --add-all, with --type or --except, or without.")
    basket = session.basket()
    said = basket.references()
    found = _of_types(said["references"], types, others)
    if wanted or every:
        uris = _uris(found, wanted) if wanted else [each["uri"] for each in found if not each["missing"]]
        done = basket.add_references(uris)
        click.echo(json.dumps(done) if as_json else changed(done))
    elif as_json:
        click.echo(json.dumps({**said, "references": found}))
    else:
        for line in reference_lines(found):
            click.echo(line)
        click.echo(_in_all(said, found), err=True)
    for each in said["findings"]:
        click.echo("\n".join(finding(each)), err=True)
    lost = every and any(each["missing"] for each in found)
    raise SystemExit(SOME_FAILED if lost else ALL_THERE)


def _of_types(found: References, types: tuple[str, ...], others: tuple[str, ...]) -> References:
    """Those of some types, or of all, but for ``others``. Raises UserError 400 for a type that none has."""
    for asked in (*types, *others):
        if not any(_is_of(each, asked) for each in found):
            there = ", ".join(sorted({each["label"] for each in found})) or "none"
            raise UserError(400, f"The selected files name no {asked}.", f"Types that they name: {there}.")
    kept = [each for each in found if not types or any(_is_of(each, asked) for asked in types)]
    return [each for each in kept if not any(_is_of(each, asked) for asked in others)]


def _is_of(each: dict[str, Any], asked: str) -> bool:
    """Whether a type is called so, or has it as a word: HST's pixel-to-pixel flat is a flat too."""
    asked, label = asked.lower(), each["label"].lower()
    return asked in {each["type"].lower(), label, *label.split()}


def _uris(found: References, wanted: tuple[str, ...]) -> list[str]:
    """The URIs of what was named. Raises UserError 400 for what is not listed, or cannot be had."""
    uris = []
    for name in wanted:
        alike = [each for each in found if name in {each["path"], each["filename"]}]
        if lost := next((each for each in alike if each["missing"]), None):
            raise UserError(400, f"{lost['path']} is missing: {lost['missing']}", "Nothing was added.")
        if not alike and ":" not in name:
            raise UserError(400, f"The selected files name no {name}.", "Nothing was added.")
        uris += [each["uri"] for each in alike] or [name]  # which may be a URI of anything: the server knows
    return uris


def _in_all(said: dict[str, Any], found: References) -> str:
    selected, naming = said["selected"], said["naming"]
    if not selected:
        return "No file is selected, so there are no references. Select some: skybasket basket select"
    if not naming:
        return f"None of {count_files(selected)} selected names a reference. Calibrated products name theirs."
    references = "1 reference" if len(found) == 1 else f"{len(found):,} references"
    return f"{references}; {naming:,} of {count_files(selected)} selected name{'s' if naming == 1 else ''} any."
