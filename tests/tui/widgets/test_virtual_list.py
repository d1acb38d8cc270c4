"""Which part of a line is sent again."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from close_tui.tui.widgets.virtual_list import changed

RED = Style(color="red")


@pytest.mark.parametrize(
    ("before", "after", "cells"),
    [
        (["in 59s ok"], ["in 58s ok"], (4, 5)),
        (["花丸 in 10s ok"], ["花丸 in 9s  ok"], (8, 11)),
        (["👩‍👩‍👧 in 59s ok"], ["👩‍👩‍👧 in 58s ok"], (7, 8)),
        (["aaaa"], ["aaba"], (2, 3)),
        (["all", " of it"], ["not", " that."], (0, 9)),
    ],
)
def test_only_the_cells_that_differ_are_drawn(
    before: list[str], after: list[str], cells: tuple[int, int]
) -> None:
    """From the first cell that differs to the last, in wide and in joined characters too."""
    lines = [Strip([Segment(text) for text in texts]) for texts in (before, after)]

    assert cells == changed(*lines)


def test_another_colour_is_another_reading() -> None:
    """The same words in another style are drawn again; the same line is not."""
    plain = Strip([Segment("ok"), Segment(" end")])

    assert (0, 2) == changed(plain, Strip([Segment("ok", RED), Segment(" end")]))
    start, end = changed(plain, plain)
    assert start >= end
