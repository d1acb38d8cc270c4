"""Something has leaked: what is it? Paste it, and see which connections it opens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message as TextualMessage
from textual.widgets import Button, Static

from close_tui.errors import CloseTuiError
from close_tui.leaks import Found
from close_tui.model import Connection
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet, Words
from close_tui.tui.screens.leak_words import concerned, found_lines, headline
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.paste_box import PasteBox

QUIET_S: Final = 0.5
"""A search that takes no longer is not worth a word."""

LAID_OUT_S: Final = 0.02
"""How long to wait between two looks at whether there is room to write in."""

_CHUNK: Final = 1 << 18
_WORDS: Final = (
    "Paste what leaked: a key, a token, a log, a whole .env. It is compared with all that was ever "
    "stored here. It is not shown, not kept, and does not leave this machine."
)


class Leak(Dialog[list[Connection]]):
    """Searches what is pasted; its result is what shall be revoked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X", "revoke", "Revoke", id="leak.revoke",
                tooltip="Go on to revoke what the leaked secrets open."),
        Binding("n", "again", "Another", id="leak.again",
                tooltip="Forget this and paste something else."),
    ]  # fmt: skip

    class Read(TextualMessage):
        """So many characters of all have been searched."""

        def __init__(self, read: int, total: int) -> None:
            super().__init__()
            self.read = read
            self.total = total

    def __init__(self, verbs: Verbs, connections: tuple[Connection, ...]) -> None:
        super().__init__(verbs)
        self._connections = connections
        self._concerned: list[Connection] = []
        self._found: Found | None = None
        self._began = 0.0

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Find what leaked"):
            yield Static(_WORDS, markup=False)
            yield PasteBox("paste here; or type, then enter", id="leaked")
            yield Words(id="state")
            with VerticalScroll(id="found"):
                yield Static(id="traces", markup=False)
            with Buttons():
                yield Button("Close", id="cancel")
                yield Button("Another (n)", id="again")
                yield Button("Revoke (X)", id="revoke", variant="error")

    def on_mount(self) -> None:
        """Be ready for the paste."""
        self._lay_out()
        self.query_one(PasteBox).focus()

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste wherever the focus is."""
        self.query_one(PasteBox).on_paste(event)

    def on_paste_box_changed(self, event: PasteBox.Changed) -> None:
        """Search it, or show that there is nothing to search."""
        if event.is_whole:
            self.run_worker(self._search(), group="find", name="find", exclusive=True)
        else:
            self._show("", None)

    async def _search(self) -> None:
        box, loop = self.query_one(PasteBox), asyncio.get_running_loop()
        self._began = loop.time()
        try:
            found = await self.verbs.run(_found, box.secret(), self._tell)
        except CloseTuiError as error:
            self._show(f"✕ {error} {error.advice}".strip(), None)
        else:
            cut = " Only the first 16 MB: give close-tui find the file." if box.is_full else ""
            self._show(headline(found) + cut, found)

    def _tell(self, read: int, total: int) -> None:
        """Called in the background thread; messages may be posted from any."""
        self.post_message(self.Read(read, total))

    def on_leak_read(self, event: Read) -> None:
        """Say how far it is, once it takes a while."""
        if self._found is None and asyncio.get_running_loop().time() - self._began > QUIET_S:
            self._say(f"Searching … {event.read * 100 // max(1, event.total)} %")

    def _show(self, words: str, found: Found | None) -> None:
        self._concerned = concerned(found, self._connections) if found else []
        self._found = found
        self._say(words)
        self._lay_out()
        self.call_after_refresh(self._write)
        if found:
            goes_on = self._concerned and any(trace.is_secret for trace in found.traces)
            self.query_one("#revoke" if goes_on else "#again").focus()
        else:
            self.query_one(PasteBox).focus()

    def on_resize(self) -> None:
        """Write it as wide as there is room."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        if self._found is not None:
            width = self.query_one("#found").scrollable_content_region.width
            if width <= 0:  # it is shown, and has not been given its room yet
                self.set_timer(LAID_OUT_S, self._write)
                return
            words = found_lines(self._found, self.verbs.clock(), width)
            self.query_one("#traces", Static).update(words)

    def _say(self, words: str) -> None:
        self.query_one("#state", Words).say(words)

    def _lay_out(self) -> None:
        count = len(self._concerned)
        is_found = self._found is not None
        self.query_one("#found").display = is_found
        self.query_one("#again").display = is_found
        revoke = self.query_one("#revoke", Button)
        revoke.display = bool(count)
        revoke.label = f"Revoke {count} (X)" if count > 1 else "Revoke (X)"
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer to go on only with something."""
        if action == "revoke":
            return bool(self._concerned)
        if action == "again":
            return self._found is not None
        return super().check_action(action, parameters)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Go on, search again, or close."""
        {"revoke": self.action_revoke, "again": self.action_again}.get(
            event.button.id or "", self.action_cancel
        )()

    def action_revoke(self) -> None:
        """Go on to the plan."""
        self.dismiss(self._concerned)

    def action_again(self) -> None:
        """Begin anew."""
        self.query_one(PasteBox).clear_secret()
        self._show("", None)


async def _found(desk: Desk, leaked: Secret, tell: Callable[[int, int], None]) -> Found:
    from close_tui.operations.find import find

    text, total = leaked.reveal(), len(leaked)

    def chunks() -> Iterator[bytes]:
        for start in range(0, total, _CHUNK):
            yield text[start : start + _CHUNK].encode("utf-8", "surrogatepass")
            tell(min(total, start + _CHUNK), total)

    return find(desk, chunks())
