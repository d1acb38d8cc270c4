"""The rate-limit headers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from close_tui.close.rate_limit import parse, retry_after
from close_tui.model import RateLimit

NOW = 1_000_000.0  # Mon, 12 Jan 1970 13:46:40 GMT


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"RateLimit": "limit=100, remaining=50, reset=5"}, RateLimit(100, 50, 5)),
        ({"ratelimit": "limit=100; remaining=100; reset=1"}, RateLimit(100, 100, 1)),
        ({"RATELIMIT": " LIMIT = 8 ,Remaining=7.5;reset=.25"}, RateLimit(8, 7.5, 0.25)),
        (
            {"RateLimit-Limit": "9", "ratelimit-remaining": "8", "RATELIMIT-RESET": "0.5"},
            RateLimit(9, 8, 0.5),
        ),
        ({"ratelimit": "limit=2, remaining=1", "ratelimit-reset": "3"}, RateLimit(2, 1, 3)),
        ({"ratelimit": "limit=1, remaining=1, limit=5, reset=1"}, RateLimit(1, 1, 1)),
        ({"ratelimit": "limit=5, remaining=5, reset=1" + "0" * 400}, RateLimit(5, 5, 3600)),
        ({"ratelimit": "limit=9" + "9" * 400 + ", remaining=1"}, RateLimit(1e9, 1, 0)),
        ({"ratelimit": "limit=nan, remaining=5, reset=1"}, None),
        ({"ratelimit": "limit=5, remaining=-1, reset=1"}, None),
        ({"ratelimit": "limit=inf, remaining=5, reset=1"}, None),
        ({"ratelimit": "limit=1e3, remaining=1_0, reset=1"}, None),
        ({"ratelimit": "limit=٣, remaining=٣"}, None),
        ({"ratelimit": '"default";r=50;t=30'}, None),
        ({}, None),
    ],
)
def test_both_forms_are_read(headers: dict[str, str], expected: RateLimit | None) -> None:
    """Either separator, any case, decimals; what is not a plain number is not believed."""
    assert expected == parse(headers)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ratelimit": "limit=1, reset=0.25", "ratelimit-reset": "9", "retry-after": "8"}, 0.25),
        ({"ratelimit": "reset=nan", "ratelimit-reset": "9", "retry-after": "8"}, 9),
        ({"ratelimit-reset": "-1", "Retry-After": "8"}, 8),
        ({"retry-after": "Mon, 12 Jan 1970 13:46:52 GMT"}, 12),
        ({"retry-after": "Mon, 12 Jan 1970 13:00:00 GMT"}, 2),
        ({"retry-after": "Mon, 12 Jan 2970 13:00:00 GMT"}, 3600),
        ({"retry-after": "999999999"}, 3600),
        ({"retry-after": "soon"}, 2),
        ({"ratelimit": "reset=0", "retry-after": "4"}, 4),
        ({}, 2),
    ],
)
def test_the_wait_is_taken_from_the_best_source(headers: dict[str, str], expected: float) -> None:
    """First RateLimit, then ratelimit-reset, then Retry-After, then two seconds."""
    assert expected == retry_after(headers, NOW)


@given(st.text(), st.text(), st.text())
def test_no_header_can_do_harm(combined: str, reset: str, after: str) -> None:
    """Whatever the headers hold, the wait is finite, above zero and at most an hour."""
    headers = {"RateLimit": combined, "RateLimit-Reset": reset, "Retry-After": after}

    wait = retry_after(headers, NOW)

    parsed = parse(headers)
    assert 0 < wait <= 3600
    assert parsed is None or all(map(math.isfinite, parsed))
