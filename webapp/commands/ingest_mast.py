"""``skybasket ingest mast``: bring MAST's observations and their products into the catalogue; the bytes stay there."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from jobs.dialects import comment
from webapp.commands.bars import bar
from webapp.commands.catalogue import open_catalogue
from webapp.errors import UserError
from webapp.ingest.errors import IngestError
from webapp.ingest.names import MissionsError
from webapp.settings import load
from webapp.stores import add_store, store_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from webapp.ingest.mast import Outcome
    from webapp.ingest.mast_criteria import Selection
    from webapp.ingest.mast_server import Mast
    from webapp.settings import Settings

MANY = 1_000  # observations, which take a few minutes; for more it asks first
MOST_NAMED = 20
LONGEST = 1_500  # characters of a sentence: one with 20 names
STOPPED = 130  # as shells say it of Ctrl-C
PREFIX = "mast:"
BYTES = "/api/v0.1/Download/file?uri=mast:"
TOKEN = "MAST_API_TOKEN"  # noqa: S105 - the name of the variable that MAST's own tools read


@click.command("mast")
@click.argument("more_obs", metavar="[OBS_ID]...", nargs=-1)
@click.option("--programme", "--program", multiple=True, help="All observations of a programme: 2733.")
@click.option("--mission", help="Of this mission only: JWST, HST, TESS.")
@click.option("--obs", multiple=True, help="Observations by their names (obs_id).")
@click.option(
    "--from", "listed", type=click.File("r", encoding="utf-8"), help="A file with such names; - is the input."
)
@click.option("--criteria", multiple=True, metavar="KEY=VALUE", help="A column of MAST; KEY=MIN..MAX for a range.")
@click.option("--coordinates", metavar="'RA DEC'", help="All near a position, in degrees or as 10:00:28.6 +02:12:21.")
@click.option("--radius", help="How near: 3m (minutes of arc, the default), 0.2d, 30s.")
@click.option("--dry-run", is_flag=True, help="Only say how many observations there are.")
@click.option("--yes", is_flag=True, help=f"Do not ask, even for more than {MANY:,} observations.")
@click.option("--again", is_flag=True, help="Ask also for what was brought over within the last day.")
@click.option("--pause", type=click.FloatRange(0, 60), default=1.0, show_default=True, help="Seconds between requests.")
@click.option(
    "--timeout", type=click.FloatRange(1, 3_600), default=600.0, show_default=True, help="Seconds for one answer."
)
@click.option(
    "--server", default="https://mast.stsci.edu", show_default=True, help="Another server that speaks as MAST."
)
def mast_command(
    *,
    more_obs: tuple[str, ...],
    programme: tuple[str, ...],
    mission: str | None,
    obs: tuple[str, ...],
    listed: TextIO | None,
    criteria: tuple[str, ...],
    coordinates: str | None,
    radius: str | None,
    dry_run: bool,
    yes: bool,
    again: bool,
    pause: float,
    timeout: float,
    server: str,
) -> None:
    """Observations of MAST and their products, by astroquery. The files themselves stay there until you take them.

    Stopped, it goes on where it was when the same is asked again. Several values of one KEY mean any of them; a value
    may hold one *. Exclusive files: put your token into MAST_API_TOKEN.
    """
    from webapp.ingest.mast_criteria import selection  # noqa: PLC0415 - astropy is slow to import
    from webapp.ingest.mast_server import Mast  # noqa: PLC0415 - see above
    from webapp.ingest.mast_wire import Patience  # noqa: PLC0415 - see above

    settings = load()
    _refuse_demo(settings)
    with _told():
        chosen = selection(
            criteria,
            mission=mission,
            programmes=programme,
            obs_ids=[*more_obs, *obs, *_names(listed)],
            coordinates=coordinates,
            radius=radius,
        )
        mast = Mast(server, os.environ.get(TOKEN, ""), Patience(pause, timeout), _say)
        count = mast.count(chosen)
        _agree(f"{mast.host} has {_number(count, 'observation')} ({chosen}).", count, dry_run=dry_run, yes=yes)
        if not dry_run:
            _tell_store(settings, f"{mast.url}{BYTES}")  # first: what comes before it is stopped can be had too
            outcome = _bring(settings, mast, chosen, count, again=again)
            _report(mast, outcome)
            sys.exit(0 if outcome.whole else 1)


def _refuse_demo(settings: Settings) -> None:
    """Its files have names of MAST's and other bytes: who finds both in one basket cannot tell them apart."""
    if dict(store_pairs(settings)).get(PREFIX) == str(settings.home / "demo"):
        raise UserError(
            409,
            f"The demo archive is in {settings.home}, and what comes from MAST must not be mixed with it.",
            "Use another home, for this command and for skybasket up: export SKYBASKET_HOME=~/mast",
        )


def _agree(sentence: str, count: int, *, dry_run: bool, yes: bool) -> None:
    """Say how many there are; ask before it takes long."""
    if not count:
        raise UserError(
            404, sentence, "Check how they are spelled there; a value may hold one *, as in obs_id=jw02733*."
        )
    click.echo(_printed(sentence), err=not dry_run)
    if dry_run or yes or count <= MANY:
        return
    if not sys.stdin.isatty():
        raise UserError(422, f"These are more than {MANY:,}.", "Say --yes to bring them over, or choose fewer.")
    click.confirm("Bring them all over?", abort=True, err=True)


def _bring(settings: Settings, mast: Mast, chosen: Selection, count: int, *, again: bool) -> Outcome:
    from webapp.ingest.mast import Ingest  # noqa: PLC0415 - see above
    from webapp.ingest.mast_journal import Journal  # noqa: PLC0415 - see above

    with open_catalogue(settings) as engine, bar() as progress:
        journal = Journal(settings.home, mast.url, settings.database_url)
        if again:
            journal.forget(list(journal.files))
        line: Callable[[str], None] = _silent if sys.stderr.isatty() else _say
        ingest = Ingest(engine, mast, journal, missions=settings.missions, progress=progress, said=line)
        try:
            ingest.look(chosen, count)
            return ingest.run()
        except KeyboardInterrupt:
            _stopped(ingest.outcome)
        except IngestError as error:
            done = ingest.outcome.observations
            kept = (
                f"{_number(done, 'observation')} came before that and {'is' if done == 1 else 'are'} kept. "
                if done
                else ""
            )
            raise UserError(502, _printed(str(error)), f"{kept}The same command goes on from there.") from error


def _stopped(outcome: Outcome) -> NoReturn:
    click.echo(
        f"Stopped after {_number(outcome.observations, 'observation')}. The same command goes on there.", err=True
    )
    sys.exit(STOPPED)


def _report(mast: Mast, outcome: Outcome) -> None:
    """What came on standard output, what did not on standard error."""
    for sentence in outcome.left_out[:MOST_NAMED]:
        _say(f"Left out: {sentence}")
    if len(outcome.left_out) > MOST_NAMED:
        _say(f"Left out: {len(outcome.left_out) - MOST_NAMED:,} more.")
    if outcome.unknown:
        more = len(outcome.unknown) - MOST_NAMED
        names = ", ".join(outcome.unknown[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
        _say(f"{mast.host} has no observation called {names}.")
    if outcome.short:
        _say(f"{mast.host} listed {_number(outcome.short, 'observation')} fewer than it counted; ask again later.")
    if outcome.too_much:
        _say(f"{_number(outcome.too_much, 'full-frame image')} of TESS left out: MAST wants these taken in bulk.")
    if outcome.empty:
        _say(f"{_number(outcome.empty, 'observation')} had no files.")
    if outcome.known:
        _say(f"{_number(outcome.known, 'observation')} came within the last day; --again asks anew.")
    click.echo(f"{mast.host}: {_number(outcome.observations, 'observation')}; {outcome.counts}")


def _tell_store(settings: Settings, url: str) -> None:
    """Serve the bytes from there, unless the settings or an earlier ingest say where else they are."""
    known = dict(store_pairs(settings)).get(PREFIX)
    if known is None:
        add_store(settings, PREFIX, url)
    elif known != url:
        _say(f"The bytes of {PREFIX} come from {known.partition('?')[0]} as before, not from {url.partition('?')[0]}.")


def _names(listed: TextIO | None) -> list[str]:
    """The words of a file; what follows a # is a remark."""
    if listed is None:
        return []
    try:
        found = [name for line in listed for name in line.partition("#")[0].replace(",", " ").split()]
    except UnicodeDecodeError as error:
        raise IngestError(f"{listed.name} is not a list of names in UTF-8.") from error
    if not found:
        raise IngestError(f"{listed.name} names no observations; write one on each line.")
    return found


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (IngestError, MissionsError) as error:
        raise UserError(422, _printed(str(error))) from error
    except KeyboardInterrupt:
        click.echo("Stopped; nothing has changed.", err=True)
        sys.exit(STOPPED)


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _say(sentence: str) -> None:
    click.echo(_printed(sentence), err=True)


def _printed(sentence: str) -> str:
    """As a terminal may show it: what MAST says could steer it, or have no end."""
    text = comment(sentence[: LONGEST + 1])
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _silent(_sentence: str) -> None:
    """Where a bar shows it."""
