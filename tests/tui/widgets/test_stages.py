"""The steps of something, in whatever width there is."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from close_tui.tui.widgets.stages import Stages

NAMES = ("browser", "your answer", "exchange", "who", "stored")


class Shown(App[None]):
    """Shows one of them."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Stages(NAMES)


@pytest.mark.parametrize(
    ("width", "steps"),
    [
        (80, "✓ browser ── ● your answer ── ○ exchange ── ○ who ── ○ stored"),
        (60, "✓ browser  ● your answer  ○ exchange  ○ who  ○ stored"),
        (50, "✓ browser ● your answer ○ exchange ○ who ○ stored"),
    ],
)
async def test_what_is_done_under_way_and_to_come_is_told_apart(width: int, steps: str) -> None:
    """By a glyph each, closer together where there is less room."""
    app = Shown()
    async with app.run_test(size=(width, 5)) as pilot:
        stages = app.query_one(Stages)
        stages.show(1, "Waiting, 2m 30s left", 0.5)
        await pilot.pause()
        first, second = stages.render().plain.split("\n")

        assert steps == first
        assert "Waiting, 2m 30s left  ━━━━━━━━━━━━────────────" == second


async def test_what_has_failed_is_marked_and_has_no_time_left() -> None:
    """A cross in the place of the dot; a step can have another name by then."""
    app = Shown()
    async with app.run_test(size=(80, 5)) as pilot:
        stages = app.query_one(Stages)
        stages.rename(0, "address")
        stages.show(2, "Nothing is waited for any more.", has_failed=True)
        await pilot.pause()
        first, second = stages.render().plain.split("\n")

        assert "✓ address ── ✓ your answer ── ✕ exchange ── ○ who ── ○ stored" == first
        assert "Nothing is waited for any more." == second


@pytest.mark.parametrize(("share", "bar"), [(1.0, "━" * 24), (0.0, "─" * 24), (-1.0, "─" * 24)])
async def test_the_bar_stays_within_its_ends(share: float, bar: str) -> None:
    """Whatever the clock does."""
    app = Shown()
    async with app.run_test(size=(80, 5)) as pilot:
        stages = app.query_one(Stages)
        stages.show(1, "Waiting", share)
        await pilot.pause()

        assert stages.render().plain.endswith(f"Waiting  {bar}")
