"""What the page says, against a slow count over the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.holdings import CONTRIBUTED, EXPOSURE, IMAGE, SECRET, WFPC2
from tests.unit.inventory import model
from webapp.urls import parse

if TYPE_CHECKING:
    from tests.fixtures.webapp import Site

OBSERVATIONS = (IMAGE, EXPOSURE, WFPC2, SECRET, CONTRIBUTED)
SELECTED = (f"JWST/{EXPOSURE}/{EXPOSURE}_cal.fits", f"HST/{WFPC2}/{WFPC2}_trl.fits", f"JWST/{SECRET}/{SECRET}_s3d.jpg")
REMOVED = (f"HST/{WFPC2}/{WFPC2}_d0f.fits", f"JWST/{IMAGE}/{IMAGE}_cat.ecsv")
PUBLIC, EXCLUSIVE = 1, 2

QUERIES = [
    "",
    "mrp=0",
    "mrp=0&category=SCIENCE",
    "mrp=0&category=SCIENCE&category=PREVIEW&mission=JWST",
    "mrp=0&type=reference",
    "mrp=0&level=2&level=unknown&batch=1",
    "mrp=0&ext=fits&access=exclusive",
    "mrp=0&group=CAL&group=none",
    "mrp=0&group=NOT_THERE",
    "mrp=0&name=*_C?F.fits",
    "mrp=0&name=*&selected=1",
    "mrp=0&selected=1&category=SCIENCE",
    "category=SCIENCE&level=3&mission=HST",
]


def as_model(site: Site) -> list[model.File]:
    """The basket's files as the model has them."""
    held = [
        model.File(
            each.id,
            each.mission,
            each.folder,
            each.name,
            each.category,
            each.ext,
            each.group,
            each.level,
            each.recommended,
            EXCLUSIVE if each.exclusive else PUBLIC,
            each.size,
        )
        for each in site.holdings.of(*OBSERVATIONS)
    ]
    ids = {each.product for each in held}
    links = [
        (obs, each.id)
        for each in site.holdings.files.values()
        for obs in range(len(OBSERVATIONS))
        if OBSERVATIONS[obs] in each.observations and each.id in ids
    ]
    stand_ins = model.stand_ins(links, held)
    return [model.File(**{**vars(f), "recommended": f.recommended or f.product in stand_ins}) for f in held]


def as_state(query: str, files: list[model.File]) -> model.State:
    filters = parse(query).filters
    return model.State(
        mrp=filters.mrp,
        choices={name: set(values) for name, values in filters.choices.items()},
        name=filters.name,
        only_selected=filters.selected,
        selection={file.product for file in files if file.path in SELECTED},
        removed={file.product for file in files if file.path in REMOVED},
        public={PUBLIC},
        batch={"HST", "JWST"},
    )


def test_the_page_agrees_with_a_count_over_the_catalogue(site: Site) -> None:
    """One basket, many states: facets, boxes, totals and rows of each."""
    visitor = site.visitor()
    base = visitor.basket(*OBSERVATIONS)
    visitor.tick(base, *REMOVED)
    visitor.post(f"{base}/remove", {"what": "selected"})
    visitor.tick(base, *SELECTED)
    files = as_model(site)
    for query in QUERIES:
        state = as_state(query, files)
        page = visitor.get(f"{base}?{query}&open=HST/{WFPC2}".replace("?&", "?"))
        expected = {name: model.facet(name, files, state) for name in model.FACET_NAMES}
        assert page.facets == {
            name: {value: (matching, total, active) for value, (matching, total, _, active) in counts.items()}
            for name, counts in expected.items()
            if counts
        }, query
        shown = model.shown(files, state)
        folders = {
            f"{mission}/{folder}/": model.tri_state(inside, state.selection)
            for (mission, folder), inside in model.grouped(shown, lambda file: (file.mission, file.folder)).items()
        }
        missions = {
            f"{mission}/": model.tri_state(inside, state.selection)
            for mission, inside in model.grouped(shown, lambda file: file.mission).items()
        }
        inside = [file for file in shown if file.folder == WFPC2]
        opened = {file.path: model.tri_state([file], state.selection) for file in inside}
        assert page.states == {**missions, **folders, **opened}, query
        assert f"Showing {len(shown)} of {len(files) - len(REMOVED)} files" in page.words, query


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("mrp=0", "all of them shown"),
        ("mrp=0&mission=HST", "1 shown, 2 hidden by filters"),
        ("mrp=0&mission=HLSP", "0 shown, 3 hidden by filters"),
    ],
)
def test_what_is_selected_but_hidden_is_counted(shared: Site, query: str, hint: str) -> None:
    visitor = shared.visitor()
    base = visitor.basket(*OBSERVATIONS)
    visitor.tick(base, *SELECTED)
    page = visitor.get(f"{base}?{query}")
    assert hint in page.words
    assert "3 selected · 20.5 kB + 1 file of unknown size of 18 files (" in page.words


def test_a_value_that_nothing_matches_now_stays_and_is_dimmed(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(*OBSERVATIONS)}?mrp=0&mission=HLSP")
    assert page.facets["category"]["PREVIEW"] == (0, 4, False)
    dimmed = [each for each in page.at("facet-category").iter("div") if each.get("class") == "value none"]
    assert len(dimmed) == 4


def test_every_value_says_what_it_means(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(*OBSERVATIONS)}?mrp=0")
    hints = [each for each in page.all("details") if each.get("class") == "hint"]
    meanings = ["".join(next(each.iter("p")).itertext()).strip() for each in hints]
    assert len(hints) == sum(len(values) for values in page.facets.values())
    assert all(meanings)


def test_what_batch_can_deliver_is_a_setting(shared: Site) -> None:
    visitor = shared.visitor()
    page = visitor.get(f"{visitor.basket(*OBSERVATIONS)}?mrp=0")
    assert page.facets["batch"] == {"1": (16, 16, False), "0": (2, 2, False)}
