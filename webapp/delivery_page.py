"""What a delivery's page shows, as one typed value."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.manifest import Totals
from jobs.results import STAGED
from webapp import clock, deliveries, delivery_files, estimate, ftp, methods
from webapp.delivery_access import standing
from webapp.delivery_jobs import WRITTEN
from webapp.delivery_receipt import receipt
from webapp.errors import UserError
from webapp.methods_preview import of_file
from webapp.urls import login_address

if TYPE_CHECKING:
    from jobs.results import Artefact
    from webapp.access import Who
    from webapp.context import Services
    from webapp.deliveries import Status
    from webapp.delivery_receipt import Receipt
    from webapp.estimate import Estimate
    from webapp.methods import Way
    from webapp.methods_preview import Preview
    from webapp.queries.deliveries import DeliveryRecord

DAY = 86_400  # seconds


@dataclass(frozen=True)
class FtpAccess:
    """How the owner gets staged files by FTP over TLS."""

    address: str
    user: str
    password: str


@dataclass(frozen=True)
class DeliveryPage:
    """The whole page. ``start`` is the path of what can be fetched without another question.

    ``way``: what a script or list says of itself; None for what is neither, or not offered any more.
    """

    status: Status
    url: str
    mine: bool
    open: bool  # for whoever asks; ``kept_from`` says who else can fetch it, where not everybody can
    kept_from: str
    login: str
    parts: tuple[Artefact, ...]
    staged: bool
    start: str
    command: str
    way: Way | None
    preview: Preview | None
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
        """``Zip of``, ``Shell script for``, ``Batch of``."""
        if self.record.method in WRITTEN:
            return f"{self.way.title if self.way else self.record.method.capitalize()} for"
        return "Batch of" if self.record.method == "batch" else f"{self.record.format.capitalize()} of"

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
    services: Services, delivery_id: str, owner: str | None, who: Who, *, find: str = "", speed: int | None = None
) -> DeliveryPage:
    """The page of a delivery as it is now. Raises UserError 404."""
    found = deliveries.status(services, delivery_id)
    record = found.record
    url = f"{services.settings.base_url}/deliveries/{record.id}"
    parts = found.artefacts
    staged = bool(parts) and parts[0].kind == STAGED
    single = parts[0].name if len(parts) == 1 and not staged else ""
    way = _way(record, single)
    mine = owner == record.owner
    opened, kept_from = standing(services, record, who)
    left = None if record.expires_at is None else max(0, record.expires_at - clock.now())
    return DeliveryPage(
        status=found,
        url=url,
        mine=mine,
        open=opened,
        kept_from=kept_from,
        login="" if opened or who.known else login_address(f"/deliveries/{record.id}"),
        parts=parts,
        staged=staged,
        start=f"/deliveries/{record.id}/{single}"
        if single and found.state == "Ready" and record.method == "bundle" and opened
        else "",
        command="" if staged else _command(url, parts, way, token=bool(record.exclusive)),
        way=way,
        preview=_preview(services, found, way) if way and opened else None,
        receipt=receipt(services, record, find=find[:200], count=found.final),
        find=find[:200],
        estimate=estimate.of(
            Totals(record.files, record.bytes, record.unknown_size),
            speed,
            method=record.method,
            bundled=sum(part.bytes for part in parts) if record.method == "bundle" and parts else None,
        ),
        ftp=_ftp(services, record) if staged and mine and opened else None,
        days_left=None if left is None else -(-left // DAY),
        can_extend=mine and left is not None and left > 0 and record.extended_at is None,
    )


def _way(record: DeliveryRecord, file: str) -> Way | None:
    if record.method not in WRITTEN:
        return None
    with suppress(UserError):  # it was offered when the delivery was made
        return methods.way(record.method, record.format).filled(record.name, file)
    return None


def _command(url: str, parts: tuple[Artefact, ...], way: Way | None, *, token: bool) -> str:
    """The command line that fetches the same, and for scripts and lists uses it."""
    curl = 'curl -H "Authorization: Bearer $SKYBASKET_TOKEN"' if token else "curl"
    if way and parts:
        fetch = f"{curl} -fsSO {url}/{parts[0].name}"
        return f"{fetch} && {way.use}" if way.use else fetch
    return " && ".join(f"{curl} -f --retry 9 -C - -O {url}/{part.name}" for part in parts)


def _preview(services: Services, found: Status, way: Way) -> Preview | None:
    for artefact in found.artefacts:
        place = delivery_files.folder(services, found.record.id) / artefact.name
        with suppress(OSError), place.open("rb") as file:
            return of_file(file, way.language)
    return None


def _ftp(services: Services, record: DeliveryRecord) -> FtpAccess | None:
    settings = services.settings
    if not settings.serves_ftp:
        return None
    return FtpAccess(ftp.address(settings, record.id), record.id, ftp.password(settings, record.id))
