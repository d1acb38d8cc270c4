"""A box for what must not be shown, of any length."""

from __future__ import annotations

import pytest
from textual.events import Paste

from close_tui.tui.widgets import paste_box
from close_tui.tui.widgets.paste_box import PasteBox

from .conftest import Shelf


class Listening(Shelf):
    """Remembers whether what came was whole."""

    def on_paste_box_changed(self, event: PasteBox.Changed) -> None:
        """Note it."""
        self.said.append(event.is_whole)


async def test_it_counts_and_keeps_what_was_pasted() -> None:
    """Every line of it, with whatever line breaks the terminal sends; a second paste follows."""
    box = PasteBox("paste here")
    shelf = Listening(box)
    async with shelf.run_test() as pilot:
        first = shelf.lines()[0].strip()
        box.post_message(Paste("one\r\ntwo\rthree"))
        box.post_message(Paste("four\n"))
        await pilot.pause()
        second = shelf.lines()[0].strip()

        assert "paste here" == first
        assert "••••••••  19 characters on 4 lines" == second
        assert "one\ntwo\nthree\nfour\n" == box.secret().reveal()
        assert [True, True] == shelf.said
    assert not box.secret()


async def test_typed_keys_are_taken_and_backspace_throws_them_away() -> None:
    """Enter ends them; nothing of it is shown."""
    box = PasteBox()
    shelf = Listening(box)
    async with shelf.run_test() as pilot:
        box.focus()
        await pilot.press("a", "question_mark", "enter")
        typed = box.secret().reveal()
        await pilot.press("backspace")

        assert "a?" == typed
        assert 0 == box.length
        assert [True, False] == shelf.said


async def test_more_than_its_limit_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded, and the box knows that something is missing."""
    monkeypatch.setattr(paste_box, "LIMIT", 10)
    box = PasteBox()
    async with Shelf(box).run_test():
        box.paste("0123456789abc")

        assert (True, "0123456789") == (box.is_full, box.secret().reveal())


async def test_its_messages_and_its_repr_hold_no_text() -> None:
    """They end up in logs."""
    box = PasteBox()
    async with Shelf(box).run_test():
        box.paste("CANARY")

        assert "CANARY" not in repr(box) + repr(PasteBox.Changed(is_whole=True))
