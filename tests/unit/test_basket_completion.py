"""What a shell is offered to complete: nothing that it would read as more than one word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from tests.fixtures.crooked import Crooked, said
from webapp.commands.basket_filters import paths, values
from webapp.commands.basket_session import offered

if TYPE_CHECKING:
    from tests.fixtures.crooked import Answer

ODD = ["M/a;touch${IFS}PWNED;.fits", "M/a b", "M/a\nb", "M/\x1b]0;x\x07", "M/$(x)", "M/`x`", "M/*", "M/~", "M/'", "--x"]
FINE = "M/a_1.b:c+d-e@f%g=h,i"


def asked(crooked: Crooked, answer: Answer) -> click.Context:
    crooked.will(answer)
    made = click.Context(click.Command("select"))
    made.params = {"server": crooked.url, "named": "b"}
    return made


def test_only_paths_of_safe_characters_are_offered(crooked: Crooked) -> None:
    ctx = asked(crooked, said(files=[{"path": each} for each in (*ODD, FINE)], next=None))
    assert paths(ctx, click.Argument(["which"]), "") == ["M/"]
    ctx = asked(crooked, said(files=[{"path": each} for each in (*ODD, FINE)], next=None))
    assert paths(ctx, click.Argument(["which"]), "M/") == [FINE]


def test_only_values_of_safe_characters_are_offered(crooked: Crooked) -> None:
    facets = {"ext": [{"value": each} for each in (*ODD[:-1], "fits", "-1", 5)]}
    assert values(asked(crooked, said(facets=facets)), click.Option(["--ext"]), "") == ["fits", "-1"]


@pytest.mark.parametrize("odd", ODD[:-1], ids=repr)
def test_of_what_others_named_no_odd_word_is_offered(odd: str) -> None:
    assert offered([odd, FINE], "M/") == [FINE]
