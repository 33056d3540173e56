"""What a delivery's job is called, in which queue it waits, and what it is given."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jobs import client
from jobs.dialects import LIST, SCRIPT, dialects
from jobs.errors import QueueError
from jobs.formats import formats
from webapp import delivery_files as files
from webapp.errors import UserError
from webapp.staging_room import staged_folder
from webapp.stores import store_pairs

if TYPE_CHECKING:
    from collections.abc import Collection

    from webapp.context import Services
    from webapp.plans import Plan
    from webapp.queries.deliveries import DeliveryRecord

QUICK_SECONDS = 3_600
HEAVY_SECONDS = 48 * 3_600  # a few terabytes at the speed of one disk
QUICK_BYTES = 500 * 10**6  # that a job may read in the quick queue: a second or two of one disk
WRITTEN = (SCRIPT, LIST)  # methods whose deliveries are a dialect's
BATCH_LAYOUTS = ("files",)  # besides the formats of bundles


def offered() -> dict[str, Collection[str]]:
    """The formats of each method."""
    return {
        "bundle": formats().keys(),
        **{kind: [each.name for each in dialects().values() if each.method == kind] for kind in WRITTEN},
        "batch": {*BATCH_LAYOUTS, *formats()},
    }


def must_offer(method: str, format: str) -> None:  # noqa: A002 - the word of the API
    """Raises UserError 422 if there is no such delivery."""
    if format not in offered().get(method, ()):
        all_of_them = ", ".join(f"{kind} ({', '.join(sorted(names))})" for kind, names in offered().items())
        raise UserError(
            422,
            f"There is no {method[:20] or 'delivery'} of the format {format[:20]!r}.",
            f"Choose one of these: {all_of_them}.",
        )


def is_heavy(plan: Plan) -> bool:
    """Whether the job has to read so much that others should not wait behind it."""
    method, wanted = plan.wish.method, plan.wish.format
    kept = [plan.entries[i] for i in plan.kept]
    if method in WRITTEN:
        kept = [entry for entry in kept if entry.sha256 is None] if "sha256" in dialects()[wanted].wants else []
    if method == "bundle" and formats()[wanted].virtual:
        kept = [entry for entry in kept if entry.crc32 is None] if formats()[wanted].needs_crc else []
    return method == "batch" or sum(entry.size or 0 for entry in kept) > QUICK_BYTES


def job_id(record: DeliveryRecord) -> str:
    """The id of a delivery's job; the same for each try, so that two submits make one job."""
    return f"delivery-{record.id}" if record.run == 1 else f"delivery-{record.id}-{record.run}"


def submit(services: Services, record: DeliveryRecord) -> None:
    """Put the job into its queue unless it is there. A queue that does not answer is asked at the next look."""
    task, kwargs = _task(services, record)
    with suppress(QueueError):
        client.submit(
            services.settings.redis_url,
            task,
            job_id=job_id(record),
            queue="heavy" if record.heavy else "quick",
            timeout=HEAVY_SECONDS if record.heavy else QUICK_SECONDS,
            kwargs=kwargs,
        )


def _task(services: Services, record: DeliveryRecord) -> tuple[str, dict[str, Any]]:
    settings = services.settings
    options = json.loads(record.options)
    link = f"{settings.base_url}/deliveries/{record.id}"
    kwargs: dict[str, Any] = {
        "folder": str(files.folder(services, record.id)),
        "stores": [list(pair) for pair in store_pairs(settings)],
        "header": {"archive": settings.archive_name, "link": link, "citation": options.get("citation", "")},
    }
    if record.method in WRITTEN:
        return "prepare_script", {**kwargs, "format": record.format, "base_url": settings.base_url}
    if record.method == "batch":
        wanted = {"layout": record.format, "run": record.run}
        return "stage_batch", {**kwargs, "stage": str(staged_folder(settings, record)), "options": wanted}
    limits = {"most_bytes": settings.bundle_bytes, "most_files": settings.part_files}
    fail = options.get("on_problem") != "drop"
    return "prepare_bundle", {**kwargs, "format": record.format, "options": {**limits, "fail": fail, "run": record.run}}
