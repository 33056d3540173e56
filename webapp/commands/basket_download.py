"""``skybasket basket plan`` and ``download``: order what is selected, wait for it, fetch it.

Bundles, scripts and lists are fetched by the client. For the files themselves the command orders a list, and runs the
program that our Python scripts are made of with it (basket_fetch).
"""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from jobs.dialects import comment
from skybasket_client import SkybasketError
from webapp.commands.bars import bar
from webapp.commands.basket_session import ALL_THERE, EXIT_CODES, INTERRUPTED, REFUSED, SOME_FAILED, asks, stop
from webapp.commands.basket_words import finding
from webapp.commands.basket_words import plan as plan_lines
from webapp.template_filters import files as count_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skybasket_client import Basket, Delivery
    from webapp.commands.basket_session import Session

NOT_AUTHORISED = "not_authorised"  # a finding
OVER = {"Finished with problems", "Failed", "Cancelled", "Expired"}  # a new one may have no problems
GONE = {401, 403, 404, 410}
FILES = "files"
WAYS = {FILES: ("list", "jsonl"), **{name: ("bundle", name) for name in ("zip", "tar", "tar.gz")}}
WAIT = 24 * 3600.0  # seconds


class Way(NamedTuple):
    """How files are had; ``fetched``: each at its own path, by ourselves."""

    method: str
    format: str
    fetched: bool


def way_of(_ctx: click.Context, param: click.Parameter, value: str) -> Way:
    """``files``, ``zip``, ... or METHOD/FORMAT."""
    method, slash, form = value.partition("/")
    if value not in WAYS and not (slash and method and form):
        raise click.BadParameter(f"{value!r} is none of {', '.join(WAYS)}, and not METHOD/FORMAT.", param=param)
    return Way(*(WAYS.get(value) or (method, form)), fetched=value == FILES)


def ways(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """The short names."""
    return [each for each in WAYS if each.startswith(begun)]


as_way = click.option(
    "--as",
    "way",
    callback=way_of,
    shell_complete=ways,
    default=FILES,
    show_default=True,
    metavar="|".join(WAYS),
    help="What to fetch; or METHOD/FORMAT, as in script/sh or list/csv.",
)
one_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")
flat = click.option("--flat", is_flag=True, help="No folders, where names allow it.")
crds = click.option("--crds", is_flag=True, help="Calibration references as a CRDS cache, for CRDS_PATH.")


@click.command("plan", epilog="Exit codes: 0 nothing is in the way, 1 something is, 2 refused, 4 no answer.")
@as_way
@flat
@crds
@one_json
@asks
def plan_command(session: Session, way: Way, *, flat: bool, crds: bool, as_json: bool) -> None:
    """Say what a download of the selected files would be. Makes nothing."""
    said = session.basket().plan(way.method, way.format, flat=flat, crds=crds)
    click.echo(json.dumps(said) if as_json else "\n".join(plan_lines(said)))
    raise SystemExit(SOME_FAILED if any(each["blocks"] for each in said["findings"]) else ALL_THERE)


@click.command("download", epilog=EXIT_CODES)
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@as_way
@flat
@crds
@click.option("--drop", is_flag=True, help="Leave out what cannot be had, instead of stopping there.")
@click.option("--delivery", "ordered", default="", metavar="ID|URL", help="Fetch this delivery; order nothing.")
@click.option("--jobs", type=click.IntRange(1, 32), default=4, show_default=True, help="Files fetched at once.")
@click.option("--retry-failed", is_flag=True, help="Of files: only those that failed, by the receipt.")
@click.option("--verify", is_flag=True, help="Of files: say what is missing or damaged in FOLDER; change nothing.")
@one_json
@asks
def download_command(
    session: Session,
    folder: Path | None,
    way: Way,
    ordered: str,
    *,
    flat: bool,
    crds: bool,
    drop: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Download the selected files into FOLDER. Run it again to go on where it stopped.

    What happened to each file is in FOLDER/receipt.csv. FOLDER is by default skybasket_ID for files, and else the
    present one.
    """
    fetched = way.fetched and not ordered
    if not fetched and (given["retry_failed"] or given["verify"]):
        stop("--retry-failed and --verify are for files; take --as files.", REFUSED)
    if flat and crds:
        stop("Files cannot be in one folder and in those of a CRDS cache at once: say --flat or --crds.", REFUSED)
    with interruptible():
        if ordered:
            delivery = session.sky.delivery(session.id_of(ordered, "deliveries"))
        else:
            basket = session.basket()
            folder = folder or (Path(f"skybasket_{basket.id}") if fetched else None)
            delivery = _ordered(session, basket, way, flat=flat and not fetched, crds=crds, drop=drop)
        place = folder or Path()
        with bar() as shown:
            delivery.wait(WAIT, progress=lambda said: _prepared(shown, said))
        code = ALL_THERE
        result: dict[str, Any] = {}
        if fetched:
            from webapp.commands import basket_fetch  # noqa: PLC0415 - it brings NumPy, which no other command needs

            code, result = basket_fetch.run(session, delivery, place, flat=flat, quiet=as_json, **given)
        else:
            with bar() as shown:
                result = {"parts": [str(each) for each in delivery.download(place, progress=shown)]}
            if delivery.state != "Ready":  # of files, what became of each counts, not what the server feared before
                code = SOME_FAILED
    _report(delivery, place, code, result, as_json=as_json)


def _ordered(session: Session, basket: Basket, way: Way, *, flat: bool, crds: bool, drop: bool) -> Delivery:
    """The delivery that an earlier run has ordered, if it would be the same now; else a new one."""
    said = basket.plan(way.method, way.format, flat=flat, crds=crds)
    name = f"{basket.id}.{way.method}.{way.format}{'.flat' * flat}{'.crds' * crds}{'.drop' * drop}".replace("/", "_")
    digest, _, known = session.memory.get(name).partition(" ")
    if known and digest == said["digest"] and (same := _alive(session.sky.delivery(known))):
        return same
    for found in said["findings"]:
        click.echo("\n".join(finding(found)), err=True)
    blocking = {each["code"] for each in said["findings"] if each["blocks"]}
    if blocking and not drop:
        token = " Exclusive files need your token, in SKYBASKET_TOKEN." if NOT_AUTHORISED in blocking else ""
        stop(f"Some files cannot be had. To have the others: --drop{token and '.'}{token}", REFUSED)
    delivery = basket.deliver(
        way.method, way.format, flat=flat, crds=crds, on_problem="drop" if drop else "fail", expect=said["digest"]
    )
    session.memory.put(name, f"{said['digest']} {delivery.id}")
    return delivery


def _alive(delivery: Delivery) -> Delivery | None:
    try:
        return None if delivery.show()["state"] in OVER else delivery
    except SkybasketError as error:
        if error.status in GONE:
            return None
        raise


def _prepared(shown: Any, said: dict[str, Any]) -> None:
    if progress := said.get("progress"):
        shown(comment(said["state"]), int(progress["done"]), int(progress["total"]))


def _report(delivery: Delivery, place: Path, code: int, result: dict[str, Any], *, as_json: bool) -> None:
    """Say how it ended, and end with the exit code."""
    omitted = delivery.omitted
    if as_json:
        told = {name: delivery.said.get(name) for name in ("id", "state", "files", "bytes", "omitted")}
        click.echo(json.dumps({**told, "url": delivery.url, "folder": str(place), **result}))
    else:
        for each in result.get("parts", ()):
            click.echo(each)
        if omitted:
            click.echo(
                f"Left out as agreed, because it cannot be had: {count_files(omitted)}; see {comment(delivery.url)}",
                err=True,
            )
    raise SystemExit(code)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, unless nohup has it ignored, and say how to go on."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    heard = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN]
    before = {each: signal.signal(each, interrupt) for each in heard}
    try:
        yield
    except KeyboardInterrupt:
        stop("Stopped. What has come is kept: run the same command again to go on.", INTERRUPTED)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
