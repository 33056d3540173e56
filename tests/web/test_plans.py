"""What a plan finds: each finding with its sentence and its list. What was agreed to holds."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import CONTRIBUTED, IMAGE, SECRET, WFPC2
from tests.fixtures.orders import asked
from tests.fixtures.visitor import words
from tests.web.test_bundles import ZIP, fetched
from webapp.context import EXTENSION

if TYPE_CHECKING:
    from tests.fixtures.visitor import Page, Visitor
    from tests.fixtures.webapp import Site

I2D, CAT, C0F, D0F, TRL, C1F, S3D, ODD = (
    f"{IMAGE}_i2d.fits",
    f"{IMAGE}_cat.ecsv",
    f"{WFPC2}_c0f.fits",
    f"{WFPC2}_d0f.fits",
    f"{WFPC2}_trl.fits",
    f"{WFPC2}_c1f.fits",
    f"{SECRET}_s3d.fits",
    'hlsp_odd_nircam_ngc3132_naïve "map";$(x) 100%.fits',
)


def checked(site: Site, *names: str, **form: str) -> tuple[Visitor, str, Page]:
    """A visitor who ticked these files and pressed Check first; the basket's path, and the plan's page."""
    visitor = site.visitor()
    base = visitor.basket(*sorted({site.holdings[name].observations[0] for name in names}))
    visitor.tick(base, *(site.holdings[name].path for name in names))
    query = "&".join(f"{name}={value}" for name, value in {"as": "bundle/zip", **form}.items())
    return visitor, base, visitor.get(f"{base}/plan?{query}")


def findings(page: Page) -> dict[str, list[str]]:
    """The sentences of a plan's page, each with its list."""
    found = [each for each in page.all("section") if each.get("class") == "finding"]
    return {words(next(each.iter("h2"))): [words(line) for line in each.iter("li")] for each in found}


def path(site: Site, name: str) -> str:
    return site.holdings[name].path


def size(site: Site, *names: str) -> int:
    return sum(len(site.holdings[name].content or b"") for name in names)


def limit(site: Site, **settings: int) -> None:
    """Change settings of the running application."""
    here = site.services
    site.app.extensions[EXTENSION] = replace(here, settings=replace(here.settings, **settings))


def agree(visitor: Visitor, page: Page, form: int = 0, status: int | None = None, **more: str) -> Page:
    """Press a button of the plan's page, the first one unless ``form`` says another."""
    return visitor.post(
        page.all("form")[form].get("action", ""), {**page.forms("/deliveries")[form], **more}, status=status
    )


def bundles(site: Site, visitor: Visitor, url: str) -> list[zipfile.ZipFile]:
    """Every bundle of a delivery, once its job is done."""
    site.work()
    links = [each.get("href", "") for each in visitor.get(url).all("a") if each.get("download") is not None]
    return [zipfile.ZipFile(io.BytesIO(fetched(visitor, each))) for each in links]


def files(bundle: zipfile.ZipFile) -> list[str]:
    """Paths of the files in it, without its papers and its top folder."""
    return [name.partition("/")[2] for name in bundle.namelist() if name.count("/") > 1]


def manifest(bundle: zipfile.ZipFile) -> dict[str, str]:
    """Path and status of every line of the manifest."""
    (name,) = [name for name in bundle.namelist() if name.endswith(".csv") and name.count("/") == 1]
    return {row["path"]: row["status"] for row in csv.DictReader(io.StringIO(bundle.read(name).decode()))}


def test_nothing_to_decide_is_said_too(lite: Site) -> None:
    _, _, page = checked(lite, I2D, C0F)
    assert (findings(page), words(page.all("h1")[0])) == ({}, "2 files, nothing to decide")


def test_a_missing_file_is_named(lite: Site) -> None:
    _, _, page = checked(lite, I2D, C1F)
    missing = "The archive lists this file, but it is not in its store."
    assert findings(page) == {"1 of 2 files is not in its store.": [f"{path(lite, C1F)} {missing}"]}


def test_a_file_of_an_earlier_download_that_was_withdrawn_is_named_as_such(lite: Site) -> None:
    visitor, answer = asked(lite, I2D, C0F, **ZIP)
    (past,) = [each for each in visitor.get(answer.location).all("a") if words(each) == "Its files"]
    base = past.get("href", "").partition("?")[0]
    visitor.tick(base, path(lite, I2D), path(lite, C0F))
    lite.holdings.withdraw(C0F)
    assert findings(visitor.get(f"{base}/plan?as=bundle/zip")) == {
        "1 of 2 files is not in its store.": [f"{path(lite, C0F)} It has been withdrawn from the archive."]
    }


def test_a_file_that_is_a_folder_in_the_store_is_not_there(lite: Site) -> None:
    place = lite.holdings.place(lite.holdings[I2D])
    place.unlink()
    place.mkdir()
    _, _, page = checked(lite, I2D, C0F)
    (lines,) = findings(page).values()
    assert lines == [f"{path(lite, I2D)} 'JWST/product/{I2D}' is not a regular file."]


def test_an_exclusive_file_is_named(shared: Site) -> None:
    _, _, page = checked(shared, I2D, S3D)
    assert findings(page) == {"1 of 2 is exclusive: log in, or download the 1 you can have.": [path(shared, S3D)]}


def test_a_size_that_differs_is_named_with_both(lite: Site) -> None:
    was = size(lite, I2D)
    os.truncate(lite.holdings.place(lite.holdings[I2D]), 1000)
    _, _, page = checked(lite, I2D, C0F)
    assert findings(page) == {
        "1 file has another size in the store than in the catalogue.": [
            f"{path(lite, I2D)} 1,000 bytes; the catalogue says {was:,}"
        ]
    }


def test_unknown_sizes_and_unchecked_files_are_said_and_stop_nothing(
    lite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.plans.CHECK_SECONDS", 0.0)  # a store too slow to be asked while somebody waits
    _, _, page = checked(lite, C0F, TRL)
    assert findings(page) == {
        "The size of 1 file is not known, so the total may be larger.": [path(lite, TRL)],
        "2 files are checked only while the download is prepared.": [],
    }
    asked(lite, C0F, TRL, **ZIP)  # answers with the delivery


def test_a_size_that_nobody_knew_is_found_out(shared: Site) -> None:
    _, _, page = checked(shared, TRL)
    assert findings(page) == {}


def test_hidden_files_are_named(shared: Site) -> None:
    _, _, page = checked(shared, I2D, CAT, C0F, back="mrp=0%26category=SCIENCE")
    assert findings(page) == {"1 of the 3 files selected is hidden by filters.": [path(shared, CAT)]}
    assert {words(each) for each in page.all("button")} >= {"Only the 2 shown", "Download all 3 files"}


def test_a_renamed_file_is_named_with_its_new_name(shared: Site) -> None:
    _, _, page = checked(shared, ODD)
    (lines,) = findings(page).values()
    assert list(findings(page)) == ["1 file gets another name, to be safe and unique on every system."]
    assert lines == [f"{path(shared, ODD)} becomes HLSP/{CONTRIBUTED}/{ODD.replace(chr(34), '_')}"]


def test_what_cannot_be_staged_is_named(shared: Site) -> None:
    _, _, page = checked(shared, I2D, ODD, **{"as": "batch/files"})
    assert findings(page)["1 of 2 files is not available in batch."] == [path(shared, ODD).replace('"', "_")]


def test_many_files_are_a_warning(shared: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.findings.MANY_FILES", 1)
    _, _, page = checked(shared, I2D, C0F)
    assert findings(page) == {"2 files are many for one bundle: unpacking may be slow.": []}


@pytest.mark.parametrize(("less", "parts"), [(0, 0), (1, 2)])
def test_exactly_the_limit_is_one_part_and_one_byte_more_is_two(lite: Site, less: int, parts: int) -> None:
    limit(lite, bundle_bytes=size(lite, I2D, C0F) - less)
    _, _, page = checked(lite, I2D, C0F)
    assert sum(map(len, findings(page).values())) == parts


def test_over_the_limit_parts_are_offered_and_other_ways(lite: Site) -> None:
    limit(lite, bundle_bytes=20_160)
    _, _, page = checked(lite, I2D, C0F)
    assert findings(page) == {
        "This selection is 40.3 kB; one bundle holds 20.2 kB.": [
            "Part 1 of 2 1 file, 20.2 kB",
            "Part 2 of 2 1 file, 20.2 kB",
        ]
    }
    assert {words(each) for each in page.all("button")} >= {"Make 2 parts of 2 files", "Use a script", "Use batch"}


def test_more_files_than_a_bundle_holds_are_parts(lite: Site) -> None:
    limit(lite, part_files=1)
    _, _, page = checked(lite, I2D, C0F)
    assert "This selection is 2 files; one bundle holds 1." in findings(page)


def test_a_file_larger_than_a_bundle_is_named(lite: Site) -> None:
    limit(lite, bundle_bytes=20_000)
    _, _, page = checked(lite, I2D, D0F)
    assert findings(page)["1 file is larger than one bundle may be."] == [path(lite, I2D)]


def test_parts_hold_every_file_once_and_each_its_own_papers(queued: Site) -> None:
    limit(queued, bundle_bytes=size(queued, I2D))
    names = (I2D, CAT, C0F, D0F)
    visitor, page = asked(queued, *names, status=409, **ZIP)
    made = bundles(queued, visitor, agree(visitor, page).location)
    found = [name for each in made for name in files(each)]
    assert sorted(found) == sorted(path(queued, name) for name in names)
    assert [sorted(manifest(each)) for each in made] == [sorted(files(each)) for each in made]


def test_what_is_delivered_and_what_is_left_out_is_all_that_was_selected(queued: Site) -> None:
    names = (I2D, C0F, C1F, S3D, ODD)
    visitor, page = asked(queued, *names, status=409, **ZIP)
    (bundle,) = bundles(queued, visitor, agree(visitor, page).location)
    listed = manifest(bundle)
    assert len(listed) == len(names)
    assert {name for name, status in listed.items() if status == "In this bundle"} == set(files(bundle))
    assert (listed[path(queued, C1F)], listed[path(queued, S3D)]) == ("Missing", "Not authorised")
    (html,) = [bundle.read(name).decode() for name in bundle.namelist() if name.endswith(".HTML")]
    assert all(f"<td>{path(queued, name)}</td>" in html for name in (I2D, C1F, S3D))


def test_only_what_is_shown_leaves_out_what_filters_hide_and_no_more(queued: Site) -> None:
    visitor, page = asked(queued, I2D, CAT, C0F, status=409, back="mrp=0&category=SCIENCE", **ZIP)
    (bundle,) = bundles(queued, visitor, agree(visitor, page, 1, hidden="drop").location)
    assert sorted(files(bundle)) == sorted([path(queued, I2D), path(queued, C0F)])


def test_what_was_agreed_to_is_refused_when_a_file_has_changed_since(lite: Site) -> None:
    visitor, page = asked(lite, I2D, C0F, S3D, status=409, **ZIP)
    lite.holdings.place(lite.holdings[C0F]).unlink()
    refused = agree(visitor, page, status=412)
    assert "You agreed to something else: now it would be 1 file, 20.2 kB." in refused.words
    assert "No downloads yet" in visitor.get("/history").words


def test_a_file_that_vanishes_after_the_plan_fails_a_bundle_that_promised_it(queued: Site) -> None:
    visitor, answer = asked(queued, I2D, C0F, **ZIP)
    queued.holdings.place(queued.holdings[C0F]).unlink()
    queued.work()
    page = visitor.get(answer.location)
    assert page.at("delivery").get("data-state") == "Failed"
    assert f"1 of 2 files is not as promised: {C0F}." in page.words


def test_a_file_that_vanishes_where_leaving_out_was_agreed_is_named(queued: Site) -> None:
    visitor, page = asked(queued, I2D, C0F, S3D, status=409, **ZIP)
    url = agree(visitor, page).location
    queued.holdings.place(queued.holdings[C0F]).unlink()
    (bundle,) = bundles(queued, visitor, url)
    assert manifest(bundle) == {
        path(queued, I2D): "In this bundle",
        path(queued, C0F): "Missing",
        path(queued, S3D): "Not authorised",
    }
    assert visitor.get(url).at("delivery").get("data-state") == "Finished with problems"
