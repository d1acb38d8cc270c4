"""What a paste may bring into a field that is shown."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste

from close_tui.tui.widgets.plain_input import PlainInput


class Form(App[None]):
    """One field."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield PlainInput("before ")


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("acme export", "acme export"),
        ("\n\nacme\nglobex", "acme"),
        ("a\x1b]52;c;UFdORUQ=\x07b", "a]52;c;UFdORUQ=b"),
        ("a\u202eb\u200bc\U000e0041d", "abcd"),
        ("a\tb", "a b"),
        ("花丸 🚀", "花丸 🚀"),
        ("\x1b\n", ""),
    ],
)
async def test_only_what_can_be_seen_is_taken(pasted: str, kept: str) -> None:
    """The first line that is not empty, without what a terminal acts on."""
    app = Form()
    async with app.run_test() as pilot:
        field = app.query_one(PlainInput)
        field.focus()
        field.cursor_position = len(field.value)
        field.selection = field.selection.cursor(len(field.value))
        field.post_message(Paste(pasted))
        await pilot.pause()

        assert f"before {kept}" == field.value
