"""The server's date: how far our clock is from it, and dates that tell nothing."""

from __future__ import annotations

import pytest

from close_tui.close.received import Received
from close_tui.close.server_clock import skew

THERE = "Fri, 15 Jan 2027 08:00:00 GMT"
AT = 1_800_000_000.0


def received(at: float, seconds: float = 0.0, **headers: str) -> Received:
    """Return an answer with these headers."""
    return Received(200, headers, b"", at, seconds, 1024)


@pytest.mark.parametrize("ahead", [0.0, 300.0, -300.0])
@pytest.mark.parametrize("seconds", [0.0, 10.0])
def test_the_difference_is_taken_in_the_middle_of_the_call(ahead: float, seconds: float) -> None:
    """Half of the call and half of the date's second are the most it can be wrong by."""
    for share in (0.0, 0.5, 0.99):  # where in the call and in the second the date was written
        at = AT + share + ahead + seconds * (1 - share)
        found = skew(received(at, seconds, Date=THERE))

        assert found is not None
        assert found.seconds == pytest.approx(ahead, abs=seconds / 2 + 0.5)
        assert at == found.seen_at


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "1800000000",
        "Fri, 15 Jan 2027 08:00:00 -0000",
        "Fri, 15 Jan 99999999999 08:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 99 Jan 2027 08:00:00 GMT",
        "\x00" * 50,
        "Fri, 15 Jan 2027 08:00:00 +99999999999999999999",
    ],
)
def test_a_date_that_makes_no_sense_tells_nothing(date: str) -> None:
    """Neither an error nor a wrong clock."""
    assert skew(received(AT, date=date)) is None


def test_no_date_and_a_cached_answer_tell_nothing() -> None:
    """A date out of a cache is old, and nobody's clock is wrong."""
    assert skew(received(AT)) is None
    assert skew(received(AT, date=THERE, Age="400")) is None


def test_a_zone_is_understood() -> None:
    """Not every proxy says GMT."""
    found = skew(received(AT + 0.5, date="Fri, 15 Jan 2027 09:00:00 +0100"))

    assert found is not None
    assert 0 == found.seconds
