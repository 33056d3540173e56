from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webapp.messages import KEPT, Message, take, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.webapp import Site


@pytest.fixture(autouse=True)
def _in_a_request(shared: Site) -> Iterator[None]:
    with shared.app.test_request_context("/"):
        yield


def test_a_message_comes_back_whole() -> None:
    message = Message("Done.", "/undo", 7, "/back", (("Open", "/basket"), ("Other", "/x")))
    tell(message)
    assert take() == [message]


def test_a_message_is_shown_once() -> None:
    tell(Message("Done."))
    take()
    assert take() == []


def test_the_newest_messages_are_kept_in_order() -> None:
    for number in range(KEPT + 2):
        tell(Message(str(number)))
    assert [message.sentence for message in take()] == [str(number) for number in range(2, KEPT + 2)]
