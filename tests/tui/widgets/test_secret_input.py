"""The field that keeps to itself what is typed into it."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from close_tui.secret import Secret
from close_tui.tui.widgets.secret_input import SecretInput

from .conftest import Shelf

CANARY = "canary-7f3a"


class Listening(Shelf):
    """Notes the messages themselves, as a log would."""

    def on_input_changed(self, event: Input.Changed) -> None:
        """Textual's own handlers would be called for the field as well, if it were theirs."""
        self.said.append(event)

    def on_secret_input_changed(self, event: SecretInput.Changed) -> None:
        """Note a change."""
        self.said.append(event)

    def on_secret_input_submitted(self, event: SecretInput.Submitted) -> None:
        """Note an enter."""
        self.said.append(event)

    def on_secret_input_blurred(self, event: SecretInput.Blurred) -> None:
        """Note that the focus went away."""
        self.said.append(event)


async def test_what_was_typed_comes_out_as_a_secret_unchanged() -> None:
    """White space at the ends is part of a passphrase."""
    field = SecretInput()
    app = Shelf(field)
    async with app.run_test() as pilot:
        await pilot.press("space", "a", "B", "space")

    assert Secret(" aB ") == field.secret()


async def test_nothing_shows_the_text() -> None:
    """Not the screen, nor the messages, nor the representation of the field."""
    field = SecretInput(id="key")
    app = Listening(field, Input())
    async with app.run_test() as pilot:
        await pilot.press(*CANARY.replace("-", ""), "enter", "tab")
        await pilot.pause()
        screen = "\n".join(app.lines()) + app.export_screenshot()

    seen = [event.value for event in app.said if isinstance(event, Input.Submitted)]
    typed = field.secret().reveal()
    assert len(typed) == sum(isinstance(event, Input.Changed) for event in app.said)
    assert 1 == sum(isinstance(event, Input.Blurred) for event in app.said)
    assert ["••••"] == seen
    for shown in (screen, repr(app.said), repr(field), str(field), repr(field.secret())):
        assert "canary" not in shown
        assert typed not in shown


async def test_messages_tell_whether_there_is_text() -> None:
    """A dialog can keep its button disabled while the field is empty."""
    field = SecretInput()
    app = Listening(field)
    async with app.run_test() as pilot:
        await pilot.press("x", "y", "backspace", "backspace")
        await pilot.pause()

    values = [event.value for event in app.said if isinstance(event, Input.Changed)]
    assert ["••••", "••••", "••••", ""] == values


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+x", "super+c"])
async def test_it_copies_and_cuts_nothing(key: str) -> None:
    """The clipboard stays empty, the text stays in the field, and a note says why."""
    field = SecretInput()
    app = Shelf(field)
    async with app.run_test(notifications=True) as pilot:
        await pilot.press(*"abc", "shift+home", key)
        await pilot.pause()
        notes = [note.message for note in app._notifications]

    assert "" == app.clipboard
    assert Secret("abc") == field.secret()
    assert ["A secret is not copied from the field that it is typed into."] == notes


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("api_1.2", "api_1.2"),
        ("  spaced  ", "  spaced  "),
        ("\r\n\napi_1.2\nmore", "api_1.2"),
        ("\n", ""),
    ],
)
async def test_pasting_works(pasted: str, kept: str) -> None:
    """The first line that says something is taken, as it is, in place of the selection."""
    field = SecretInput()
    app = Shelf(field)
    async with app.run_test() as pilot:
        await pilot.press("o", "l", "d", "shift+home")
        field.post_message(events.Paste(pasted))
        await pilot.pause()

    assert Secret(kept) == field.secret()


async def test_it_can_be_emptied() -> None:
    """After use the text does not stay in the field."""
    field = SecretInput()
    app = Shelf(field)
    async with app.run_test() as pilot:
        await pilot.press("x")
        field.clear_secret()

    assert Secret("") == field.secret()
