from __future__ import annotations

import io

from jobs.dialects.shell import write
from jobs.items import Header
from jobs.manifest import Entry
from tests.fixtures.scripts import listed


def script(*entries: Entry, **changes: object) -> str:
    header = Header("skybasket_2026-05-02T1423", 1_777_000_000, "https://archive.example.org", 24, 3_200_000_000, 0)
    out = io.BytesIO()
    write(header._replace(**changes), listed(entries), out)
    return out.getvalue().decode()


def comments(text: str) -> list[str]:
    return [line for line in text.partition("\n\n")[0].splitlines() if line.startswith("# ")]


def test_the_head_says_what_when_whose_and_how() -> None:
    text = script(archive="MAST", link="https://archive.example.org/deliveries/x", citation="doi:10.0/x")
    assert comments(text) == [
        "# skybasket_2026-05-02T1423: 24 files, 3,200,000,000 bytes",
        "# Made by MAST on 2026-04-24 03:06 UTC.",
        "# Basket: https://archive.example.org/deliveries/x",
        "# Please cite:",
        "#   doi:10.0/x",
        "# Run it with: sh skybasket_2026-05-02T1423.sh",
        "# What else it can do: sh skybasket_2026-05-02T1423.sh --help",
    ]


def test_unknown_sizes_are_said() -> None:
    assert "24 files, 3,200,000,000 bytes, 4 of them of unknown size" in script(unknown=4)


def test_what_is_not_known_is_not_mentioned() -> None:
    assert not [line for line in comments(script()) if "Basket" in line or "cite" in line]


def test_a_comment_stays_on_its_line() -> None:
    said = comments(script(link="a\nb\rc\x85d\u2028e", citation="a\nb\rc\x85d\u2028e\0f"))
    assert "# Basket: a b c d e" in said
    assert said[said.index("# Please cite:") + 1 : -2] == ["#   a", "#   b", "#   c", "#   d", "#   e f"]


def test_a_long_citation_is_wrapped_and_keeps_its_lines_and_addresses() -> None:
    address = "https://doi.org/10.17909/" + "x" * 100
    said = comments(script(citation=f"{'Some words. ' * 20}\n\nSee {address}"))
    cited = said[said.index("# Please cite:") + 1 : -2]
    assert max(len(line) for line in cited[:-1]) <= 100
    assert " ".join(line.removeprefix("#   ") for line in cited) == f"{'Some words. ' * 20}See {address}"


def test_one_row_for_each_file_with_dashes_for_what_is_not_known() -> None:
    known = Entry(
        "mast:a b", "d/a/b.fits", 5, "ab" * 32, 1, exclusive=True, location="file:///secret/place", wanted="d/a/b"
    )
    bare = Entry("mast:c", "c", None, None, None, exclusive=False, location=None, wanted="c")
    text = script(known, bare)
    assert (
        f"\n5\t{'ab' * 32}\tx\td/a/b.fits\tf\turi=mast:a%20b\n-\t-\t-\tc\t-\turi=mast:c&version=1\nEND OF TABLE\n"
        in text
    )
    assert "/secret/place" not in text
