"""Countdown words and the draining bar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from close_tui.model import Status
from close_tui.tui.widgets.expiry import ago, bar, expiry_bar, expiry_text

from .conftest import NOW, World


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (43 * 60 + 31, "in 43m"),
        (3_600, "in 1h"),
        (3 * 86_400, "in 3d"),
        (300.5, "in 5m"),
        (300, "in 5m 00s"),
        (252, "in 4m 12s"),
        (0.2, "in 1s"),
        (0, "expired just now"),
        (-59, "expired just now"),
        (-60, "expired 1m ago"),
        (-2 * 3_600, "expired 2h ago"),
        (-10 * 86_400, "expired 10d ago"),
    ],
)
def test_expiry_is_coarse_until_the_last_minutes(world: World, left: float, words: str) -> None:
    """Seconds are counted only from five minutes on, as long as the status says expiring."""
    assert words == expiry_text(world.connection(expires_at=NOW + left), NOW)


def test_a_key_has_no_expiry_and_the_revoked_nothing_to_expire(world: World) -> None:
    """Neither shows a countdown or a bar."""
    revoked = world.connection(revoked_at=NOW)

    assert "no expiry" == expiry_text(world.key(), NOW)
    assert "–" == expiry_text(revoked, NOW)
    assert " " * 8 == expiry_bar(world.key(), NOW) == expiry_bar(revoked, NOW)


@given(left=st.floats(-1e6, 1e6))
def test_words_bar_and_status_never_contradict_each_other(left: float) -> None:
    """The bar is empty exactly when the words and the status say expired."""
    connection = World().connection(expires_at=NOW + left)
    expired = connection.status(NOW) is Status.EXPIRED

    assert expired == expiry_text(connection, NOW).startswith("expired")
    assert expired == (not expiry_bar(connection, NOW).strip())


@given(share=st.floats(-10, 10), width=st.integers(1, 40))
def test_a_bar_always_has_its_width(share: float, width: int) -> None:
    """Whatever the share, the bar takes its cells and no more."""
    assert width == cell_len(bar(share, width)) == len(bar(share, width))


@given(shares=st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_a_bar_drains(shares: list[float]) -> None:
    """Less time never shows a longer bar."""
    less, more = sorted(shares)

    assert _eighths(bar(less, 8)) <= _eighths(bar(more, 8))


def test_a_bar_is_full_for_an_hour_and_half_full_for_half(world: World) -> None:
    """The bar covers the last hour, in eighths of a cell."""
    assert "████████" == expiry_bar(world.connection(expires_at=NOW + 9_999), NOW)
    assert "████    " == expiry_bar(world.connection(expires_at=NOW + 1_800), NOW)
    assert "▏       " == expiry_bar(world.connection(expires_at=NOW + 1), NOW)


def test_the_past_is_told_coarsely() -> None:
    """What lies less than a minute back is just now."""
    assert ["just now", "1m ago", "47h ago", "2d ago"] == [
        ago(seconds) for seconds in (59, 60, 47 * 3_600, 48 * 3_600)
    ]


def _eighths(text: str) -> int:
    return sum(" ▏▎▍▌▋▊▉█".index(cell) for cell in text)
