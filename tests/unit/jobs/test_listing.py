"""Lists that need more of a file than its name: what nobody knew is found out, and what cannot be listed is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.results import Finding, read_findings, read_state
from jobs.tasks import prepare_script
from tests.fixtures.deliveries import NAME, Deliveries

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.manifest import Entry
    from jobs.results import State

GONE = "The archive lists this file, but it is not in its store."


def listed(deliveries: Deliveries, *entries: Entry, kind: str = "sha256") -> tuple[Path, State]:
    folder = deliveries.folder(*entries)
    prepare_script(**deliveries.kwargs(folder, format=kind))
    state = read_state(folder)
    assert state is not None
    return folder, state


def test_a_checksum_that_nobody_knew_is_computed_and_is_news_for_the_catalogue(deliveries: Deliveries) -> None:
    known = deliveries.file("HST/a.fits")
    folder, state = listed(deliveries, known._replace(sha256=None))
    assert (state.state, state.sentence) == ("Ready", "")
    assert (folder / f"{NAME}.sha256").read_text() == f"{known.sha256}  {known.path}\n"
    (finding,) = read_findings(folder)
    assert (finding.problem, finding.sha256) == ("", known.sha256)


def test_a_file_that_is_gone_is_left_out_of_a_list_of_checksums_and_named_once(deliveries: Deliveries) -> None:
    there, gone = deliveries.file("HST/a.fits"), deliveries.file("HST/b.fits", sha256=None)
    (deliveries.archive / gone.path).unlink()
    folder, state = listed(deliveries, there, gone)
    assert (state.state, state.sentence) == ("Finished with problems", "1 of 2 files cannot be in this list.")
    assert list(read_findings(folder)) == [Finding(gone.uri, GONE, None)]
    assert (folder / f"{NAME}.sha256").read_text() == f"{there.sha256}  {there.path}\n"


def test_a_list_that_can_hold_no_file_fails_and_says_why(deliveries: Deliveries) -> None:
    folder, state = listed(deliveries, deliveries.file("HST/a.fits"), kind="aws")
    assert state.state == "Failed"
    assert state.sentence == ("None of the files can be in this list. It is not in a public S3 bucket.")
    assert not (folder / f"{NAME}.aws.sh").exists()


def test_what_is_listed_but_of_another_size_is_told_apart_from_what_is_not(deliveries: Deliveries) -> None:
    gone = deliveries.file("HST/b.fits", sha256=None)
    (deliveries.archive / gone.path).unlink()
    _, state = listed(deliveries, deliveries.file("HST/a.fits", size=5), gone)
    assert state.sentence == ("1 of 2 files cannot be in this list. 1 of 2 files is not as the catalogue says.")
