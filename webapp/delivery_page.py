"""What a delivery's page shows, as one typed value."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.manifest import Totals
from jobs.results import STAGED
from webapp import clock, deliveries, delivery_files, estimate, ftp
from webapp.delivery_receipt import receipt

if TYPE_CHECKING:
    from jobs.results import Artefact
    from webapp.context import Services
    from webapp.deliveries import Status
    from webapp.delivery_receipt import Receipt
    from webapp.estimate import Estimate
    from webapp.queries.deliveries import DeliveryRecord

SHOWN_LINES = 60  # of a script
DAY = 86_400  # seconds
WHAT = {"script": "Script for", "batch": "Batch of"}


@dataclass(frozen=True)
class FtpAccess:
    """How the owner gets staged files by FTP over TLS."""

    address: str
    user: str
    password: str


@dataclass(frozen=True)
class DeliveryPage:
    """The whole page. ``start`` is the path of what can be fetched without another question."""

    status: Status
    url: str
    mine: bool
    parts: tuple[Artefact, ...]
    staged: bool
    start: str
    command: str
    preview: tuple[str, ...]
    receipt: Receipt
    find: str
    estimate: Estimate
    ftp: FtpAccess | None
    days_left: int | None
    can_extend: bool

    @property
    def record(self) -> DeliveryRecord:
        """The delivery as stored."""
        return self.status.record

    @property
    def what(self) -> str:
        """``Zip of``, ``Script for``."""
        return WHAT.get(self.record.method, f"{self.record.format.capitalize()} of")

    @property
    def can_retry(self) -> bool:
        """Whether its owner may have it made again."""
        return self.mine and self.status.final and self.status.state != "Ready"

    @property
    def without(self) -> int:
        """How many files a bundle that failed can be made without."""
        failed = self.mine and self.status.state == "Failed" and self.record.method == "bundle"
        return self.receipt.failed if failed and self.receipt.failed < self.record.files else 0


def delivery_page(
    services: Services, delivery_id: str, owner: str | None, *, find: str = "", speed: int | None = None
) -> DeliveryPage:
    """The page of a delivery as it is now. Raises UserError 404."""
    found = deliveries.status(services, delivery_id)
    record = found.record
    url = f"{services.settings.base_url}/deliveries/{record.id}"
    parts = found.artefacts
    staged = bool(parts) and parts[0].kind == STAGED
    single = parts[0].name if len(parts) == 1 and not staged else ""
    mine = owner == record.owner
    left = None if record.expires_at is None else max(0, record.expires_at - clock.now())
    return DeliveryPage(
        status=found,
        url=url,
        mine=mine,
        parts=parts,
        staged=staged,
        start=f"/deliveries/{record.id}/{single}"
        if single and found.state == "Ready" and record.method == "bundle"
        else "",
        command=_command(url, parts, staged=staged),
        preview=_preview(services, found) if record.method == "script" else (),
        receipt=receipt(services, record, find=find[:200], count=found.final),
        find=find[:200],
        estimate=estimate.of(Totals(record.files, record.bytes, record.unknown_size), speed, method=record.method),
        ftp=_ftp(services, record) if staged and mine else None,
        days_left=None if left is None else -(-left // DAY),
        can_extend=mine and left is not None and left > 0 and record.extended_at is None,
    )


def _command(url: str, parts: tuple[Artefact, ...], *, staged: bool) -> str:
    """The command line that fetches the same."""
    if not parts or staged:
        return ""
    name = parts[0].name
    if name.endswith(".sh"):
        return f"curl -fO {url}/{name} && sh {name}"
    return " && ".join(f"curl -f --retry 9 -C - -O {url}/{part.name}" for part in parts)


def _preview(services: Services, found: Status) -> tuple[str, ...]:
    for artefact in found.artefacts:
        script = delivery_files.folder(services, found.record.id) / artefact.name
        with suppress(OSError, UnicodeDecodeError), script.open(encoding="utf-8") as lines:
            return tuple(line.rstrip("\n") for line in itertools.islice(lines, SHOWN_LINES))
    return ()


def _ftp(services: Services, record: DeliveryRecord) -> FtpAccess | None:
    settings = services.settings
    if not settings.serves_ftp:
        return None
    return FtpAccess(ftp.address(settings, record.id), record.id, ftp.password(settings, record.id))
