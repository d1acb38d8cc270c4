"""The wait for the browser: what to open, what the browser will say, and the way by pasting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message as TextualMessage
from textual.widgets import Button, Static

from close_tui.errors import Cancelled, CloseTuiError, Declined, RedirectRefused
from close_tui.model import Result
from close_tui.operations.authorize import Authorization, authorize
from close_tui.operations.desk import Desk
from close_tui.text import duration
from close_tui.tui.screens.choose import Choice
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.screens.message import Message
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from close_tui.operations.elsewhere import Elsewhere

_UNPROVEN = (
    "The browser reports that access was declined, without the proof that this belongs to your "
    "attempt. If you declined, cancel. If not, keep waiting."
)

_NO_BROWSER = (
    "No browser could be opened here. Open the address above in one, on any machine; if it cannot "
    "come back by itself, paste where it ends up."
)


class Authorize(Dialog[Result]):
    """Opens the consent screen and waits for its answer; the result is the stored connection."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+y", "copy", "Copy URL", tooltip="Copy the address.", id="authorize.copy"),
        Binding("ctrl+b", "open", "Open browser", tooltip="Open it again.", id="authorize.open"),
        Binding("y", "copy", "Copy URL", show=False, tooltip="Copy the address.", id="authorize.y"),
    ]

    class Started(TextualMessage):
        """Everything is ready: the consent screen may be opened."""

        def __init__(self, under_way: Authorization) -> None:
            super().__init__()
            self.under_way = under_way

    class Exchanging(TextualMessage):
        """The answer has come."""

    class Noticed(TextualMessage):
        """There is something else to know."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class GrantedElsewhere(TextualMessage):
        """The grant is for another organization; ``answer`` waits in the background thread."""

        def __init__(self, found: Elsewhere, answer: asyncio.Future[bool]) -> None:
            super().__init__()
            self.found = found
            self.answer = answer

    class Unproven(TextualMessage):
        """A decline came without the proof that it belongs to this attempt."""

    def __init__(self, verbs: Verbs, choice: Choice) -> None:
        super().__init__(verbs)
        self._choice = choice
        self._under_way: Authorization | None = None
        self._until = 0.0
        self._is_given_up = False
        self._noticed = ""

    def compose(self) -> ComposeResult:
        """Lay it out; what is not known yet is empty."""
        renews = self._choice.renews
        with Sheet(f"Authorize {renews.name if renews else self._choice.app.name}"):
            yield Static(self._instruction(), markup=False)
            yield Words(id="url")
            yield Words("Preparing …", id="left")
            yield Words(id="notice")
            yield Field(
                "Or paste the address that the browser shows afterwards",
                SecretInput(placeholder=f"{self._choice.app.redirect_uri}?code=…", id="paste"),
                id="paste-field",
            )
            with Buttons():
                yield Button("Copy URL", id="copy")
                yield Button("Open again", id="open")
                yield Button("Cancel", id="cancel")
            # Last, because a small terminal has to scroll to it.
            yield Words(id="warning")
            yield Words(id="certificate")

    def on_mount(self) -> None:
        """Begin; the buttons have the focus, so that y copies at once."""
        self.query_one("#copy").focus()
        self.run_worker(self._authorize(), group="authorize", name="authorize")
        self._ticking = self.set_interval(1.0, self._count_down)

    def _instruction(self) -> str:
        meant = self._choice.meant
        if meant is None:
            return "Allow access in the browser, and pick the organization there."
        unless = ", unless you say so" if self._choice.may_keep_other else ""
        return (
            f"Allow access in the browser, and pick {meant.name or meant.id} there. Another "
            f"organization's grant is revoked again and not kept{unless}."
        )

    async def _authorize(self) -> None:
        renews, meant = self._choice.renews, self._choice.meant
        try:
            done = await self.verbs.run(
                authorize,
                self._choice.app,
                self._report,
                name=renews.name if renews and self._choice.keeps_name else None,
                organization_id=meant.id if meant else None,
                seconds=self.verbs.settings.authorize_wait_s,
                on_unproven_decline=self._report_unproven,
            )
        except Declined as error:
            await self._show(error)
        except Cancelled as error:
            if self._until and self.verbs.clock() >= self._until:
                await self._show(error)
            else:
                self.dismiss(None)
        except CloseTuiError as error:
            await self._show(error)
        else:
            if done.error is not None:  # the new tokens died with those that they replace
                await self._show(done.error)
                return
            self._end_wait("Done.")
            self.dismiss(done)

    async def _show(self, error: CloseTuiError) -> None:
        self._end_wait("Nothing is waited for any more.")
        await self.app.push_screen_wait(Message(self.verbs, error))
        self.dismiss(None)

    async def _report(self, under_way: Authorization) -> None:
        """Called in the background thread; messages may be posted from any."""
        under_way.revokes_imported = self._choice.rotates
        under_way.on_code = self._report_code
        under_way.on_notice = self._report_notice
        if self._choice.may_keep_other:
            under_way.on_elsewhere = self._report_elsewhere
        if self._is_given_up:
            under_way.cancel()
        else:
            self.post_message(self.Started(under_way))

    def _report_code(self) -> None:
        self.post_message(self.Exchanging())

    def _report_notice(self, words: str) -> None:
        self.post_message(self.Noticed(words))

    async def _report_elsewhere(self, found: Elsewhere) -> bool:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.post_message(self.GrantedElsewhere(found, answer))
        return await answer

    def _report_unproven(self, _: object) -> None:
        self.post_message(self.Unproven())

    def on_authorize_started(self, event: Started) -> None:
        """Show what is known now, and open the browser."""
        self._under_way = event.under_way
        self._until = self.verbs.clock() + event.under_way.seconds
        self.query_one("#url", Words).say(event.under_way.url)
        if event.under_way.certificate_sha256:
            self.query_one("#warning", Words).say(event.under_way.browser_says)
            self.query_one("#certificate", Words).say(
                f"SHA-256 {event.under_way.certificate_sha256}"
            )
        else:
            self.query_one("#warning", Words).say(f"! {event.under_way.not_listening}")
        self._count_down()
        self.action_open()

    def on_authorize_exchanging(self) -> None:
        """Say that the wait is for Close now."""
        self._end_wait("Exchanging the code …")

    def on_authorize_noticed(self, event: Noticed) -> None:
        """Say it below the address."""
        self._noticed = f"{self._noticed}\n{event.words}".strip()
        self.query_one("#notice", Words).say(self._noticed)

    def on_authorize_granted_elsewhere(self, event: GrantedElsewhere) -> None:
        """Ask whether to keep it."""
        self.run_worker(self._ask_to_keep(event), group="elsewhere", name="elsewhere")

    async def _ask_to_keep(self, event: GrantedElsewhere) -> None:
        from close_tui.tui.screens.elsewhere import KeepElsewhere

        keeps = await self.app.push_screen_wait(KeepElsewhere(self.verbs, event.found))
        self._end_wait("Keeping it …" if keeps else "Revoking it …")

        def settle(_: Desk) -> None:
            if not event.answer.done():
                event.answer.set_result(bool(keeps))

        await self.verbs.ask(settle)

    def on_authorize_unproven(self) -> None:
        """Ask; what nobody proved ends nothing by itself."""
        self.query_one("#notice", Words).say(_UNPROVEN)
        self.query_one("#cancel").focus()

    @on(SecretInput.Submitted)
    def _pasted(self) -> None:
        self.run_worker(self._paste(), group="paste", name="paste")

    async def _paste(self) -> None:
        under_way, box = self._under_way, self.query_one(SecretInput)
        field = self.query_one("#paste-field", Field)
        if under_way is None:
            return
        pasted = box.secret()
        try:
            await self.verbs.ask(lambda _: under_way.paste(pasted.reveal()))
        except RedirectRefused as error:
            box.clear_secret()
            field.refuse(error)
        else:
            field.accept()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Copy, open again, or give up."""
        {"copy": self.action_copy, "open": self.action_open}.get(
            event.button.id or "", self.action_cancel
        )()

    def action_copy(self) -> None:
        """Send the address to the terminal's clipboard."""
        if self._under_way is not None:
            self.app.copy_to_clipboard(self._under_way.url)
            self.notify("Sent to the terminal's clipboard (OSC 52).", markup=False)

    def action_open(self) -> None:
        """Open the consent screen in the browser."""
        self.run_worker(self._open_browser(), group="browser", name="open the browser")

    async def _open_browser(self) -> None:
        under_way = self._under_way
        if under_way is None:
            return

        async def open_it(_: Desk) -> bool:
            return await under_way.open_browser(self.verbs.opener)

        if not await self.verbs.run(open_it):
            self.query_one("#notice", Words).say(_NO_BROWSER)

    def action_cancel(self) -> None:
        """Give up; the listener goes down."""
        under_way = self._under_way
        if under_way is None:
            self._is_given_up = True
            self.dismiss(None)
        else:
            self.run_worker(self.verbs.ask(lambda _: under_way.cancel()), group="cancel")

    def _end_wait(self, words: str) -> None:
        """Stop the countdown, and say what comes now."""
        self._ticking.stop()
        self.query_one("#left", Words).say(words)

    def _count_down(self) -> None:
        if self._under_way is not None:
            left = max(0.0, self._until - self.verbs.clock())
            self.query_one("#left", Words).say(f"◔ Waiting for the browser, {duration(left)} left")
