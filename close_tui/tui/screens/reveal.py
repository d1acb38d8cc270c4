"""The questions before a secret is shown or copied, and the secret, while it is shown."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from functools import partial
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from close_tui.errors import CloseTuiError
from close_tui.model import EXPIRING_S, Connection, Kind
from close_tui.operations.clipboard import KEPT_S
from close_tui.operations.desk import Desk
from close_tui.operations.token import Handed, hand_out
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet, Words
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.expiry import expiry_text
from close_tui.tui.widgets.revealed import Revealed

SHOWN_S: Final = 20.0
"""Seconds for which a secret is shown."""

_TICK_S: Final = 0.5


class _HandOut(Dialog[None]):
    """Says what will leave the vault and where it will be seen; starts on Cancel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", show=False, id="hand_out.previous", tooltip="Back."),
        Binding("right", "app.focus_next", show=False, id="hand_out.next", tooltip="On."),
    ]

    WORD: ClassVar[str]
    """What the button says."""

    def __init__(self, verbs: Verbs, connection: Connection) -> None:
        super().__init__(verbs)
        self._connection = connection
        self._is_asking = False

    @property
    def _what(self) -> str:
        return "API key" if self._connection.kind is Kind.API_KEY else "access token"

    def compose(self) -> ComposeResult:
        """Lay it out, on Cancel."""
        with Sheet(f"{self.WORD} the {self._what} of {self._connection.name}"):
            yield Static(f"{self._said()} {self._of_what()}", markup=False)
            yield Static("The history will tell that, and when.", classes="hint", markup=False)
            yield from self._more()
            yield Words(id="state")
            with Buttons():
                yield Button("Cancel", id="cancel")
                yield Button(f"{self.WORD} it", id="do", variant="warning")

    def _said(self) -> str:
        raise NotImplementedError

    def _more(self) -> ComposeResult:
        yield from ()

    def _of_what(self) -> str:
        one, now = self._connection, self.verbs.clock()
        if one.kind is Kind.API_KEY:
            return "It opens everything that its user may do in Close, until it is deleted there."
        words = "Refresh token and client secret stay in the vault."
        if one.expires_at is not None and one.expires_at - now <= EXPIRING_S:
            return f"It is refreshed first. {words}"
        return f"It expires {expiry_text(one, now)}. {words}"

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do it, or leave it."""
        if event.button.id == "cancel":
            self.dismiss(None)
        elif not self._is_asking:
            self._is_asking = True
            self.run_worker(self._hand_out(), group="hand out", name="hand out")

    async def _hand_out(self) -> None:
        self._say("Opening the vault's row …")
        try:
            handed = await self.verbs.run(self._verb, self._connection.id)
        except CloseTuiError as error:
            self._say(f"✕ {error} {error.advice}")
        else:
            self._say(handed.warning)
            await self._take(handed)
        self._is_asking = False

    async def _verb(self, desk: Desk, connection_id: str) -> Handed:
        raise NotImplementedError

    async def _take(self, handed: Handed) -> None:
        raise NotImplementedError

    def _say(self, words: str) -> None:
        self.query_one("#state", Words).say(words)


class Reveal(_HandOut):
    """Shows a secret for 20 s, or until this screen or the whole app is not looked at any more."""

    WORD = "Show"

    def __init__(self, verbs: Verbs, connection: Connection) -> None:
        super().__init__(verbs, connection)
        self._until = 0.0

    def _said(self) -> str:
        return f"It is shown here for {SHOWN_S:.0f} s, to everybody who sees this screen."

    def _more(self) -> ComposeResult:
        yield Revealed()
        yield Words(id="left")

    def on_mount(self) -> None:
        """Mask it whenever the app is not in front."""
        self.watch(self.app, "app_focus", self._focus_changed, init=False)
        self.app.app_suspend_signal.subscribe(self, lambda _: self._mask(), immediate=True)

    def on_screen_suspend(self) -> None:
        """Mask it under anything that is put on top."""
        self._mask()

    def _focus_changed(self, has_focus: bool) -> None:
        if not has_focus:
            self._mask()

    async def _verb(self, desk: Desk, connection_id: str) -> Handed:
        return await hand_out(desk, connection_id, "the screen of the app", "reveal")

    async def _take(self, handed: Handed) -> None:
        if not self.app.app_focus or self.app.screen is not self:
            self._say("It was not shown, because close-tui is not in front.")
            return
        self.query_one(Revealed).reveal(handed.secret)
        self.query_one("#do", Button).display = False
        self.query_one("#cancel", Button).label = "Hide it and close"
        self._until = self.verbs.clock() + SHOWN_S
        # Whatever becomes of the clock, it is not shown longer.
        self.set_timer(SHOWN_S, self._mask)
        self.set_interval(_TICK_S, self._count_down)
        self._count_down()

    def _count_down(self) -> None:
        if not self.query_one(Revealed).is_revealed:
            self._mask()
            return
        left = self._until - self.verbs.clock()
        if 0 < left <= SHOWN_S:
            self.query_one("#left", Words).say(f"Hidden again in {left:.0f} s.")
        else:
            self._mask()

    def _mask(self) -> None:
        self.query_one(Revealed).mask()
        if self._until:
            self.query_one("#left", Words).say("Hidden again.")
            self.query_one("#cancel", Button).label = "Close"


class Copy(_HandOut):
    """Copies a secret, says which way it went, and lets it be taken out again after 45 s."""

    WORD = "Copy"

    def _said(self) -> str:
        return (
            f"It goes into the clipboard, where every program of yours can read it, for "
            f"{KEPT_S:.0f} s."
        )

    async def _verb(self, desk: Desk, connection_id: str) -> Handed:
        return await hand_out(desk, connection_id, "the clipboard", "copy")

    async def _take(self, handed: Handed) -> None:
        from close_tui.tui.clipboard import Copied

        app, verbs = self.app, self.verbs
        if verbs.copied is None:
            verbs.copied = Copied(verbs, partial(app.notify, markup=False))
            app.set_interval(1.0, verbs.copied.clear_when_due)
            self._leave_orderly()
        words = " ".join(filter(None, (await verbs.copied.put(handed.secret), handed.warning)))
        app.notify(words, title=f"{self._connection.name}: copied", markup=False, timeout=10)
        self.dismiss(None)

    def _leave_orderly(self) -> None:
        """Let the app end by itself when it is told to: the clipboard is cleared on the way."""
        loop = asyncio.get_running_loop()
        for name in ("SIGHUP", "SIGTERM"):
            with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(getattr(signal, name), self.app.exit)
