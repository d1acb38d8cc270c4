"""What is ticked is seen without colour."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from close_tui.tui.widgets.ticks import Pick, Tick


@pytest.mark.parametrize("kind", [Tick, Pick])
async def test_the_mark_is_there_only_when_it_is_on(kind: type[Tick] | type[Pick]) -> None:
    """An empty box reads as empty."""

    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            yield kind("words")

    app = Shown()
    async with app.run_test():
        box = app.query_one(kind)
        off = box._button.plain
        box.value = True

        assert kind.BUTTON_INNER not in off
        assert kind.BUTTON_INNER in box._button.plain
