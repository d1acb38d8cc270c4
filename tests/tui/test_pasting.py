"""What is pasted is never taken for keys, whatever is in it and however it arrives."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from textual.drivers import linux_driver
from textual.events import Key, Paste

from close_tui.tui.pasting import WholePastes

if TYPE_CHECKING:
    from tests.tui.town import Town

START, END = "\x1b[200~", "\x1b[201~"
COLOURED = "\x1b[31mkey=\x1b[1;32mapi_X!n\x1b[0m\n\x1b[Kend"


def parsed(*reads: str) -> list[str]:
    """Return the pastes and keys that come of what is read from a terminal."""
    parser = WholePastes()
    found = []
    for read in reads:
        for event in parser.feed(read):
            if isinstance(event, Paste):
                found.append(f"paste {event.text!r}")
            elif isinstance(event, Key):
                found.append(f"key {event.key}")
    return found


def test_colours_are_taken_out_of_a_paste_and_nothing_else_is() -> None:
    """One paste, and the keys before and after it; no key from within."""
    assert ["key a", "paste 'key=api_X!n\\nend'", "key b"] == parsed(f"a{START}{COLOURED}{END}b")


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_it_is_the_same_wherever_a_read_ends(size: int) -> None:
    """Two pastes and the keys around them, in reads of a few characters."""
    sent = f"a{START}{COLOURED}{END}b{START}plain{END}c"
    reads = [sent[at : at + size] for at in range(0, len(sent), size)]

    assert parsed(sent) == parsed(*reads)
    assert 5 == len(parsed(sent))


def test_an_escape_of_no_sequence_ends_a_word() -> None:
    """It is white space: what stands on both sides of it is not glued together."""
    assert ["paste 'a b ]0;c'"] == parsed(f"{START}a\x1bb\x1b]0;c{END}")


def test_keys_that_are_no_paste_are_as_they_were() -> None:
    """Arrows, and letters."""
    assert ["key up", "key x", "key down"] == parsed("\x1b[A", "x\x1b[", "B")


@pytest.mark.skipif(sys.platform == "win32", reason="another driver")
async def test_the_app_reads_with_it(still_town: Town) -> None:
    """Textual's driver makes its parser by this name; an update may change that."""
    async with still_town.show():
        assert WholePastes is vars(linux_driver)["XTermParser"]
