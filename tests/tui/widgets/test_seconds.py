"""What happens each second."""

from __future__ import annotations

import pytest
from textual.app import App

from close_tui.tui.widgets.seconds import each_second, full_second


def test_a_tick_a_little_early_or_late_counts_as_on_time() -> None:
    """A countdown skips no second and shows none twice."""
    ticks = (9.998, 11.003, 11.999, 13.0, 13.97)

    assert [10, 11, 12, 13, 14] == [full_second(tick) for tick in ticks]


def test_between_two_ticks_the_second_is_the_same() -> None:
    """What is scrolled into view counts like what stood there."""
    assert {10} == {full_second(10 + part / 100) for part in range(90)}


async def test_it_ticks_when_the_clock_turns_to_a_full_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everything that ticks does so at one moment, whenever it was made."""
    monkeypatch.setattr("close_tui.tui.widgets.seconds.time.time", lambda: 41.9)
    ticks: list[int] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        each_second(app, lambda: ticks.append(1))
        before = len(ticks)
        await pilot.pause(0.3)

    assert (0, 1) == (before, len(ticks))
