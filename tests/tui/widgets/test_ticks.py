"""What is ticked is seen without colour."""

from __future__ import annotations

import pytest

from close_tui.tui.widgets.ticks import Pick, Tick


@pytest.mark.parametrize("kind", [Tick, Pick])
def test_the_mark_is_there_only_when_it_is_on(kind: type[Tick] | type[Pick]) -> None:
    """An empty box reads as empty."""
    box = kind("words")

    off = box._button.plain
    box.set_reactive(kind.value, True)
    assert kind.BUTTON_INNER not in off
    assert kind.BUTTON_INNER in box._button.plain
