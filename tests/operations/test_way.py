"""The way to Close: narrow until it is proved, closed for a while by trouble."""

from __future__ import annotations

import pytest

from close_tui.errors import (
    Busy,
    CloseTuiError,
    InvalidClient,
    NeedsAuthorization,
    RateLimited,
    RefreshUnknown,
    Unavailable,
    Unreachable,
    VaultNotWritable,
)
from close_tui.operations.way import Way, Width

LOST = Unreachable("The connection broke.", sent=True)


def test_one_at_a_time_until_one_was_answered() -> None:
    """A network that is half dead costs one answer, not four."""
    way = Way(Width(at_once=4))
    before = way.room(0, 0), way.room(0, 1)
    way.weigh(None, 0)

    assert (1, 0) == before
    assert (4, 1, 0) == (way.room(0, 0), way.room(0, 3), way.room(0, 4))


@pytest.mark.parametrize(
    "error", [LOST, Unavailable(http_status=503), RefreshUnknown(), VaultNotWritable()]
)
def test_trouble_closes_the_way_for_longer_and_longer(error: CloseTuiError) -> None:
    """15, 30, 60, 120 seconds; then one at a time again."""
    way, now, pauses = Way(), 0.0, []
    way.weigh(None, now)
    for _ in range(40):
        way.weigh(error, now)
        pauses.append(way.opens_at - now)
        assert 0 == way.room(way.opens_at - 0.1, 0)
        now = way.opens_at

    assert [15, 30, 60, 120, 120] == pauses[:5]
    assert 120 == max(pauses)
    assert 1 == way.room(now, 0)


def test_a_429_closes_it_for_as_long_as_close_asks() -> None:
    """A shorter pause that is asked for meanwhile does not open it earlier."""
    way = Way()
    way.weigh(RateLimited(20), 100)
    way.weigh(RateLimited(2), 101)

    assert (0, 1) == (way.room(119.9, 0), way.room(120, 0))


@pytest.mark.parametrize("error", [None, InvalidClient(), NeedsAuthorization()])
def test_an_answer_opens_it(error: CloseTuiError | None) -> None:
    """Whatever it says: Close is there."""
    way = Way()
    way.weigh(LOST, 0)
    way.weigh(error, 15)

    assert (0, 4) == (way.troubles, way.room(15, 0))


def test_another_close_tui_at_work_says_nothing_of_the_way() -> None:
    """A lock that is held neither proves nor closes it."""
    way = Way()
    way.weigh(Busy(), 0)

    assert (0, 1) == (way.troubles, way.room(0, 0))
