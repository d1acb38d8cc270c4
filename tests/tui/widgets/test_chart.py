"""Charts of what tests have measured."""

from __future__ import annotations

import json

from close_tui.model import Event, Measure
from close_tui.tui.widgets.chart import TESTS, bars, charts, measures
from close_tui.tui.widgets.detail_text import timeline

from .conftest import NOW


def event(at: float, latency: float, left: float = 80, limit: float = 100) -> Event:
    """A test that was answered."""
    facts = {"latency_ms": latency, "requests_left": left, "requests_limit": limit}
    return Event(at, "id", "acme", "test", "ok", facts=json.dumps(facts), process="app 4711")


def test_the_newest_tests_are_drawn_oldest_first() -> None:
    """Out of a history that begins with the newest; what measured nothing is left out."""
    history = [event(NOW - n, n) for n in range(1, 40)]
    history.insert(0, Event(NOW, "id", "acme", "test", "unreachable"))

    assert [float(n) for n in range(TESTS, 0, -1)] == [one.latency_ms for one in measures(history)]


def test_bars_begin_at_nothing() -> None:
    """An even headroom looks full; nothing at all looks like nothing."""
    assert "███" == bars([1, 1, 1], 1)
    assert "▁▅█" == bars([0, 50, 100], 100)
    assert "▁▁" == bars([0, 0], 0)


def test_latency_and_headroom_stand_beside_their_bars() -> None:
    """With their extremes in words; colour says it too when little was left."""
    rows = list(charts([Measure(1, 100, 0.9), Measure(2, 400, 0.1)], 30))

    assert [
        ("Latency", "▃█  100 to 400 ms"),
        ("", "at the last 2 tests"),
        ("Headroom", "█▁  at least 10% left"),
    ] == [(label, value.plain) for label, value in rows]
    assert "$text-warning" in {str(span.style) for span in rows[2][1].spans}


def test_one_test_makes_no_chart_and_a_narrow_pane_a_short_one() -> None:
    """As many bars as there is room for, the newest; without a limit no headroom."""
    many = [Measure(n, n + 1, None) for n in range(20)]

    assert [] == list(charts(many[:1], 30))
    assert [8] == [value.plain.index(" ") for label, value in charts(many, 8) if label]


def test_the_history_says_which_process_it_was() -> None:
    """The program and its process id, below what happened."""
    words = timeline([event(NOW, 1)], 34, None).plain

    assert "  by app 4711" in words.split("\n")
