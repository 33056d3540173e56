from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.associations import ASN, CAL, LOST, TABLE, Shown, hst, jwst, shown
from tests.fixtures.holdings import EXPOSURE, IMAGE, OTHER_EXPOSURE, WFPC2, file
from tests.fixtures.visitor import Visitor, words
from tests.fixtures.webapp import application, counted
from webapp.association_forms import Member, read_table
from webapp.db import reading
from webapp.queries import associations as query
from webapp.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from tests.fixtures.webapp import Site


def exposure(site: Site, root: str, *groups: str, mission: str = "HST") -> None:
    for group in groups:
        level = {"raw": 1, "drz": 3, "drc": 3}.get(group, 2)
        each = file(f"{root}_{group}.fits", WFPC2, mission=mission, folder=root, group=group.upper(), level=level)
        site.holdings.add(replace(each, category="AUXILIARY" if group == "spt" else "SCIENCE"))


def test_a_jwst_association_is_a_product_with_its_members_below(lite: Site) -> None:
    background = {"expname": f"{OTHER_EXPOSURE}_cal.fits", "exptype": "background"}
    found = shown(lite, jwst(CAL, background, LOST))
    assert found.tree == [
        [
            f"{IMAGE}_i2d.fits product in this basket",
            [
                [f"{CAL} science in this basket"],
                [f"{OTHER_EXPOSURE}_cal.fits background in this basket"],
                [f"{LOST} science not in this archive"],
            ],
        ]
    ]


def test_an_association_says_its_rule_and_how_much_of_it_is_here(lite: Site) -> None:
    said = words(shown(lite, jwst(CAL, LOST), OTHER_EXPOSURE).page.at("association"))
    assert said.startswith(
        "candidate_Asn_Lv3Imageimage3, programme 02733, pool jw02733_20240710t092614_pool "
        "3 files named: 2 in this archive, 0 in this basket"
    )


def test_a_member_links_to_its_details_and_keeps_the_state_of_the_page(lite: Site) -> None:
    found = shown(lite, jwst(CAL), back=f"mrp=0&category=INFO&open=JWST/{IMAGE}&sort=size&file=x")
    assert found.link(CAL) == {
        "mrp": ["0"],
        "category": ["INFO"],
        "sort": ["size"],
        "open": [f"JWST/{IMAGE}", f"JWST/{EXPOSURE}"],
        "file": [lite.holdings[CAL].uri],
    }


def test_a_member_that_is_ticked_or_removed_or_of_another_basket_says_so(lite: Site) -> None:
    asn = lite.holdings.add(
        file(ASN, IMAGE, mission="JWST", folder=IMAGE, group="ASN", level=3, content=jwst(CAL, f"{EXPOSURE}_rate.fits"))
    )
    visitor = lite.visitor()
    base = visitor.basket(IMAGE)
    page = f"{base}/association?uri={asn.uri}&back=mrp%3D0"
    visitor.tick(base, lite.holdings[CAL].path)
    ticked = Shown(visitor.get(page)).tree[0][1]
    visitor.post(f"{base}/remove", {"what": "selected"})
    assert [*ticked, Shown(visitor.get(page)).tree[0][1][0]] == [
        [f"{CAL} science in this basket, ticked"],
        [f"{EXPOSURE}_rate.fits science not in this basket"],
        [f"{CAL} science not in this basket"],
    ]


def test_a_member_that_was_withdrawn_says_so(lite: Site) -> None:
    lite.holdings.withdraw(CAL)
    assert shown(lite, jwst(CAL)).tree[0][1] == [[f"{CAL} science withdrawn"]]


def test_a_product_whose_name_leaves_the_source_open_has_a_file_for_each_source(lite: Site) -> None:
    for source in ("s000000002", "s000000001"):
        exposure(lite, f"jw02733-o001_{source}_nirspec_f290lp", "cal", "x1d", mission="JWST")
    exposure(lite, "jw02733-o001_s000000001_nircam", "cal", mission="JWST")
    found = shown(lite, jwst(CAL, name="jw02733-o001_{source_id}_nirspec_f290lp"))
    assert found.tree[0] == [
        "jw02733-o001_{source_id}_nirspec_f290lp product: 2 files made of",
        [
            ["jw02733-o001_s000000001_nirspec_f290lp_cal.fits not in this basket"],
            ["jw02733-o001_s000000002_nirspec_f290lp_cal.fits not in this basket"],
            [f"{CAL} science in this basket"],
        ],
    ]


def test_a_product_whose_name_leaves_the_filter_out_is_found(lite: Site) -> None:
    exposure(lite, "jw02733-o001_t001_miri_ch1-short", "s3d", mission="JWST")
    (product, _) = shown(lite, jwst(CAL, name="jw02733-o001_t001_miri")).tree[0]
    assert product == "jw02733-o001_t001_miri_ch1-short_s3d.fits product not in this basket"


def test_a_member_is_found_in_its_folder_where_its_address_is_another_one(lite: Site) -> None:
    moved = f"{OTHER_EXPOSURE}_crf.fits"
    each = file(moved, IMAGE, mission="JWST", folder=OTHER_EXPOSURE, group="CRF", level=2)
    lite.holdings.add(replace(each, fields={"uri": f"mast:JWST/elsewhere/{moved}"}))
    assert shown(lite, jwst(moved)).tree[0][1] == [[f"{moved} science in this basket"]]


def test_an_hst_association_names_roots_and_links_their_most_calibrated_files(lite: Site) -> None:
    exposure(lite, "j97c11010", "drz", "drc", "spt")
    exposure(lite, "j97c11s4q", "raw", "flt", "flc", "spt")
    exposure(lite, "j97c11s6q", "raw", "spt")
    rows = (("J97C11S4Q", "EXP-DTH"), ("J97C11S6Q", "EXP-DTH"), ("J97C11S9Q", "EXP-DTH"), ("J97C11010", "PROD-DTH"))
    assert shown(lite, hst(*rows), name=TABLE).tree == [
        [
            "j97c11010_drc.fits PROD-DTH, dithered in this basket",
            [
                ["j97c11s4q_flc.fits EXP-DTH, dithered in this basket"],
                ["j97c11s6q_raw.fits EXP-DTH, dithered in this basket"],
                ["J97C11S9Q EXP-DTH, dithered, not there yet when this was written not in this archive"],
            ],
        ]
    ]


def test_a_dithered_product_of_split_exposures_stands_above_the_products_that_it_is_made_of() -> None:
    rows = (
        *(("A1Q", "EXP-CR1"), ("A2Q", "EXP-CR1"), ("A11", "PROD-CR1"), ("B1Q", "EXP-CR2"), ("A21", "PROD-CR2")),
        *(("W1Q", "EXP-AWAVE"), ("A10", "PROD-DTH")),
    )
    found = [(made.product, [each.name for each in made.members]) for made in read_table(hst(*rows)).made]
    assert found == [
        (Member("A10", "PROD-DTH"), ["A11", "A21", "W1Q"]),
        (Member("A11", "PROD-CR1"), ["A1Q", "A2Q"]),
        (Member("A21", "PROD-CR2"), ["B1Q"]),
    ]


def test_names_of_a_table_that_are_no_ascii_are_shown_with_marks() -> None:
    (made,) = read_table(hst(("J97ZZ", "EXP-DTH")).replace(b"ZZ", b"\xff\xfe")).made
    assert [each.name for each in made.members] == ["J97\ufffd\ufffd"]


def test_members_without_a_product_are_shown(lite: Site) -> None:
    tree = shown(lite, hst(("J97C11S4Q", "EXP-DTH")), name=TABLE).tree
    assert tree == [["Members without a product", [["J97C11S4Q EXP-DTH, dithered not in this archive"]]]]


def test_the_fragment_is_part_of_the_page(lite: Site) -> None:
    shown(lite, jwst(CAL))
    visitor = lite.visitor()
    url = f"{visitor.basket(IMAGE)}/association?uri={lite.holdings[ASN].uri}&back=mrp%3D0"
    page, fragment = visitor.get(url), visitor.get(url, target="association")
    assert page.title.startswith(f"Association {ASN}")
    assert page.is_full
    assert not fragment.is_full
    assert fragment.flat in page.flat


def test_details_of_an_association_link_to_its_tree_in_the_same_state(lite: Site) -> None:
    shown(lite, jwst(CAL))
    visitor = lite.visitor()
    pane = visitor.get(f"{visitor.basket(IMAGE)}?mrp=0&sort=size&file={lite.holdings[ASN].uri}", target="details")
    (link,) = [each.get("href", "") for each in pane.all("a") if words(each) == "Show members and products"]
    assert [each.get("data-lazy") for each in pane.all("details") if each.get("data-lazy")] == [link]
    assert Shown(visitor.get(link)).link(CAL)["sort"] == ["size"]


def test_details_of_other_files_offer_no_association(shared: Site) -> None:
    visitor = shared.visitor()
    pane = visitor.get(f"{visitor.basket(IMAGE)}?file={shared.holdings[CAL].uri}", target="details")
    assert "/association" not in pane.text


def test_a_share_shows_associations_among_its_files(lite: Site) -> None:
    shown(lite, jwst(CAL))
    visitor = lite.visitor()
    share = visitor.post(f"{visitor.basket(IMAGE)}/share", {"back": "mrp=0"}).location
    page = visitor.other().get(f"{share}/association?uri={lite.holdings[ASN].uri}&back=mrp%3D0")
    assert Shown(page).tree[0][1] == [[f"{CAL} science among these files"]]
    assert Shown(page).link(CAL)["mrp"] == ["0"]


def test_of_thousands_of_members_a_thousand_are_shown_and_the_rest_counted(lite: Site) -> None:
    made = lite.holdings.add_many(IMAGE, 4_000)
    content = jwst(*made)
    asn = lite.holdings.add(file(ASN, IMAGE, mission="JWST", folder=IMAGE, group="ASN", level=3, content=content))
    visitor = lite.visitor()
    url = f"{visitor.basket(IMAGE)}/association?uri={asn.uri}&back=mrp%3D0"
    visitor.get(url)
    with counted(lite.services.engine) as statements:
        found = Shown(visitor.get(url))
    assert "4,001 files named: 4,001 in this archive, 4,001 in this basket" in words(found.page.at("association"))
    members = found.tree[0][1]
    assert len(members) == 1_001
    assert members[-1] == ["and 3,000 more: download the file to read them all"]
    assert len([each for each in statements if "FROM product JOIN folder" in each]) == 2


def test_names_are_looked_up_by_indexes(lite: Site) -> None:
    with counted(lite.services.engine) as statements, reading(lite.services.engine) as session:
        query.by_uris(session, ["mast:x"])
        query.in_folders(session, "JWST", [IMAGE], [EXPOSURE], [CAL])
        query.folders(session, "JWST", ["jw02733-o001_"])
    with lite.services.engine.connect() as connection:
        for statement in statements:
            filled = statement.replace("?", "'[]'")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {filled}").all()
            assert not [step for *_, step in plan if step.startswith(("SCAN product", "SCAN folder"))], plan


def test_a_query_for_nothing_asks_nothing(site: Site) -> None:
    with reading(site.services.engine) as session:
        assert query.by_uris(session, []) == query.in_folders(session, "JWST", []) == []
        assert query.folders(session, "JWST", []) == []


def test_names_are_found_on_each_kind_of_database(site: Site) -> None:
    with reading(site.services.engine) as session:
        found = query.in_folders(session, "JWST", [IMAGE], [EXPOSURE], [CAL])
        assert {each.filename for each in found} >= {CAL, f"{IMAGE}_i2d.fits"}
        assert [each.filename for each in query.by_uris(session, [site.holdings[CAL].uri])] == [CAL]
        assert query.folders(session, "JWST", ["jw02733-o"]) == [IMAGE]


@pytest.fixture(scope="module")
def demo(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application over the demo archive."""
    home = tmp_path_factory.mktemp("associations") / "home"
    shutil.copytree(demo_home, home)
    app = application(load({"SKYBASKET_HOME": str(home), "SKYBASKET_SECRET": "for tests only"}))
    yield app
    app.extensions["skybasket"].engine.dispose()


@pytest.mark.parametrize(
    ("obs_id", "asn", "product", "members"),
    [
        ("j97c11010", "HST/product/j97c11010_asn.fits", "j97c11010_drc.fits", ["j97c11s4q_flc", "j97c11s6q_flc"]),
        (
            "lbgl31010",
            "HST/product/lbgl31010_asn.fits",
            "lbgl31010_x1dsum.fits",
            [f"lbgl31{letters}q_x1d" for letters in ("vd", "vh", "vl", "vp")],
        ),
        (
            "JWST:jw02733-o002_t001_miri_f1130w",
            "JWST/product/jw02733-o002_20240710t092614_image3_00001_asn.json",
            "jw02733-o002_t001_miri_f1130w_i2d.fits",
            [f"jw02733002001_02103_0000{number}_mirimage_cal" for number in (1, 2, 3, 4)],
        ),
        (
            "JWST:jw02731-o001_t017_nircam_clear-f444w",
            "JWST/product/jw02731-o001_20240710t092614_image2_00068_asn.json",
            "jw02731001001_02103_00002_nrcalong_cal.fits",
            ["jw02731001001_02103_00002_nrcalong_rate"],
        ),
    ],
)
def test_associations_of_the_demo_archive_lead_to_files(
    demo: Flask, obs_id: str, asn: str, product: str, members: list[str]
) -> None:
    visitor = Visitor(demo)
    base = visitor.basket(obs_id)
    found = Shown(visitor.get(f"{base}/association?uri=mast:{asn}&back=mrp%3D0"))
    (line,) = found.tree
    assert (line[0].split()[0], [each[0].split()[0] for each in line[1]]) == (product, [f"{m}.fits" for m in members])
    for name in (product, f"{members[0]}.fits"):
        (uri,) = found.link(name)["file"]
        assert words(visitor.get(f"{base}?file={uri}", target="details").all("h3")[0]) == name
