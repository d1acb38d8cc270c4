"""Glyph and word of each status."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len

from close_tui.model import Status
from close_tui.tui.widgets.status_look import LOOKS, WIDEST


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_narrow_glyph_and_a_word(status: Status) -> None:
    """A glyph takes one cell, is no emoji, and a word stands beside it."""
    look = LOOKS[status]

    assert 1 == cell_len(look.glyph) == len(look.glyph)
    assert unicodedata.east_asian_width(look.glyph) not in "WF"
    assert look.word
    assert cell_len(look.label) <= WIDEST


def test_no_two_statuses_look_alike_without_colour() -> None:
    """Glyphs differ, and so do words: colour only repeats them."""
    assert len(LOOKS) == len({look.glyph for look in LOOKS.values()})
    assert len(LOOKS) == len({look.word for look in LOOKS.values()})


def test_exactly_what_needs_a_person_is_in_the_colour_of_errors() -> None:
    """Red means: you have to do something."""
    red = {status for status, look in LOOKS.items() if look.colour == "error"}

    assert {status for status in Status if status.needs_you} == red
