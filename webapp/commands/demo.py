"""``skybasket demo``: make the demo archive below the home folder and put it in the catalogue."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from webapp.db import engine_for
from webapp.errors import UserError
from webapp.ingest.demo import load_demo, make_demo
from webapp.ingest.errors import IngestError
from webapp.migrate import upgrade
from webapp.settings import load


@click.command("demo")
def demo_command() -> None:
    """Make a small archive of JWST, HST, TESS and contributed files to try things with. Does nothing if it is there."""
    settings = load()
    folder = settings.home / "demo"
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(doing: str, done: int, total: int) -> None:
            if doing not in tasks:
                tasks[doing] = bar.add_task(doing)
            bar.update(tasks[doing], completed=done, total=total)

        made = make_demo(folder, progress=progress)
        engine = engine_for(settings.database_url)
        upgrade(engine)
        try:
            load_demo(engine, settings, folder, progress=progress)
        except IngestError as error:
            raise UserError(422, str(error), f"Delete {folder} and run skybasket demo again.") from error
        finally:
            engine.dispose()
    held = f"{made.files:,} files ({made.bytes / 1e6:.1f} MB)"
    of = f"{made.observations} observations and {made.members} of their exposures"
    click.echo(f"The demo archive is in {folder}: {held} of {of}.")
