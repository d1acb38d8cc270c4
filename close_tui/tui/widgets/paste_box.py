"""A box that takes what must not be shown, however long, and shows only how much it is."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from close_tui.secret import Secret

LIMIT: Final = 16 * 1024 * 1024
"""Characters that are taken; what is longer is a file."""

_DOTS: Final = "••••••••"


class PasteBox(Widget, can_focus=True):
    """Takes pasted or typed text of any number of lines; it leaves only as a ``Secret``.

    Its messages tell that there is text, not which: messages end up in logs and crash reports.
    """

    DEFAULT_CSS = """
    PasteBox {
        width: 100%;
        height: 1;
        padding: 0 1;
        background: $foreground 8%;
        &:focus { background: $primary 25%; }
    }
    """

    class Changed(Message):
        """There is other text in it; ``is_whole``: it was pasted, or enter was pressed."""

        def __init__(self, *, is_whole: bool) -> None:
            super().__init__()
            self.is_whole = is_whole

    def __init__(
        self,
        placeholder: str = "",
        *,
        id: str | None = None,  # noqa: A002 - textual's word
    ) -> None:
        super().__init__(id=id)
        self._placeholder = placeholder
        self._parts: list[str] = []
        self._length = 0
        self._breaks = 0
        self.is_full = False

    @property
    def length(self) -> int:
        """How many characters there are."""
        return self._length

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return self._breaks + bool(self._length and not self._ends_line())

    def secret(self) -> Secret:
        """Return what was pasted, as it was pasted."""
        return Secret("".join(self._parts))

    def clear_secret(self) -> None:
        """Forget it."""
        self._parts.clear()
        self._length = self._breaks = 0
        self.is_full = False
        self.refresh()

    def paste(self, text: str) -> None:
        """Take a text, after what is there already; a line of its own."""
        if self._length and not self._ends_line():
            self._take("\n")
        self._take(text)
        if self._length:
            self.post_message(self.Changed(is_whole=True))

    def render(self) -> Content:
        """Say how much there is."""
        if not self._length:
            return Content.styled(self._placeholder, "$text-disabled")
        dots = _DOTS[: self._length]
        words = f"{self._length:,} characters" if self._length > 1 else "1 character"
        lines = f" on {self.lines:,} lines" if self.lines > 1 else ""
        return Content(f"{dots}  {words}{lines}")

    def _take(self, text: str) -> None:
        self.is_full = self.is_full or self._length + len(text) > LIMIT
        kept = text[: LIMIT - self._length]
        if kept:
            self._parts.append(kept)
            self._length += len(kept)
            self._breaks += kept.count("\n")
            self.refresh()

    def _ends_line(self) -> bool:
        return bool(self._parts) and self._parts[-1].endswith("\n")

    def on_unmount(self) -> None:
        """Forget it when the dialog is gone."""
        self.clear_secret()

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Keep what is typed: here a letter is no verb."""
        return character is not None and character.isprintable()

    def on_paste(self, event: events.Paste) -> None:
        """Take it; nobody else sees it."""
        event.stop()
        # A terminal sends line breaks as it likes.
        self.paste(event.text.replace("\r\n", "\n").replace("\r", "\n"))

    def on_key(self, event: events.Key) -> None:
        """Take what is typed; enter is the end of it, backspace throws it away."""
        if event.key == "enter":
            event.stop()
            if self._length:
                self.post_message(self.Changed(is_whole=True))
        elif event.key in ("backspace", "ctrl+u"):
            event.stop()
            self.clear_secret()
            self.post_message(self.Changed(is_whole=False))
        elif event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self._take(event.character)
