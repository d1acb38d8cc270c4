"""The wait for the browser: what to open, what the browser will say, and the way by pasting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message as TextualMessage
from textual.widgets import Button, Static

from close_tui.errors import Cancelled, CloseTuiError, Declined, RedirectRefused
from close_tui.operations.authorize import Authorization, authorize
from close_tui.operations.desk import Desk
from close_tui.text import duration
from close_tui.tui.screens import authorize_words as words
from close_tui.tui.screens.choose import Choice
from close_tui.tui.screens.consent_address import OffersAddress
from close_tui.tui.screens.dialog import Buttons, Field, Sheet, Words
from close_tui.tui.screens.message import Message
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.qr import QR
from close_tui.tui.widgets.secret_input import SecretInput
from close_tui.tui.widgets.stages import Stages

if TYPE_CHECKING:
    from close_tui.operations.elsewhere import Elsewhere


class Authorize(OffersAddress):
    """Opens the consent screen and waits for its answer; the result is the stored connection."""

    class Started(TextualMessage):
        """Everything is ready: the consent screen may be opened."""

        def __init__(self, under_way: Authorization) -> None:
            super().__init__()
            self.under_way = under_way

    class Advanced(TextualMessage):
        """The answer has come, and one more step with it is under way."""

        def __init__(self, step: int, words: str) -> None:
            super().__init__()
            self.step = step
            self.words = words

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
        self._until = 0.0
        self._is_given_up = False
        self._noticed = ""
        self._step = words.BROWSER

    def compose(self) -> ComposeResult:
        """Lay it out; what is not known yet is empty."""
        renews = self._choice.renews
        with Sheet(f"Authorize {renews.name if renews else self._choice.app.name}"):
            yield Static(
                words.instruction(self._choice, opens=self._opens), id="instruction", markup=False
            )
            yield Words(id="url")
            yield Words(id="where")
            yield Words(id="forward")
            yield Words(id="forward-hint")
            yield Stages(words.STEPS)
            yield Words(id="notice")
            with Vertical(id="question"):
                yield Words(words.UNPROVEN, id="unproven")
                with Buttons():
                    yield Button("Keep waiting", id="keep")
                    yield Button("Cancel", id="give-up")
            yield Field(
                words.PASTE_TOO,
                SecretInput(placeholder=f"{self._choice.app.redirect_uri}?code=…", id="paste"),
                id="paste-field",
            )
            with Buttons(id="buttons"):
                yield Button("Copy URL", id="copy")
                yield Button("Copy ssh -L", id="copy-forward")
                yield Button("Open again" if self._opens else "Open here", id="open")
                yield Button("QR code", id="show-qr")
                yield Button("Cancel", id="cancel")
            yield QR(id="qr")
            # Last, because a small terminal has to scroll to it.
            yield Words(id="warning")
            yield Words(id="certificate")

    def on_mount(self) -> None:
        """Begin; the buttons have the focus, so that y copies at once."""
        self.query_one("#question").display = False
        self.query_one("#copy-forward").display = False
        if not self._opens:
            self.query_one(Stages).rename(words.BROWSER, "address")
        self._stages.show(words.BROWSER, "Preparing …")
        self.query_one("#copy").focus()
        self.run_worker(self._authorize(), group="authorize", name="authorize")
        self._ticking = self.set_interval(1.0, self._count_down)

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
            self._end_wait(words.STORED, "Stored.")
            self.dismiss(done)

    async def _show(self, error: CloseTuiError) -> None:
        self._end_wait(self._step, "Nothing is waited for any more.", has_failed=True)
        await self.app.push_screen_wait(Message(self.verbs, error))
        self.dismiss(None)

    async def _report(self, under_way: Authorization) -> None:
        """Called in the background thread; messages may be posted from any."""
        under_way.revokes_imported = self._choice.rotates
        under_way.on_code = self._report_code
        under_way.on_notice = self._report_notice
        if self._choice.may_keep_other:
            under_way.on_elsewhere = self._report_elsewhere
        under_way.on_granted = self._report_grant
        if self._is_given_up:
            under_way.cancel()
        else:
            self.post_message(self.Started(under_way))

    def _report_code(self) -> None:
        self.post_message(self.Advanced(words.EXCHANGE, "Exchanging the code …"))

    def _report_grant(self) -> None:
        self.post_message(self.Advanced(words.WHO, "Asking Close who it is …"))

    def _report_notice(self, said: str) -> None:
        self.post_message(self.Noticed(said))

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
        self._show_way_back(event.under_way)
        if event.under_way.not_listening:
            self.query_one("#paste-field", Field).rename(words.PASTE_ALONE)
        if self._opens:
            self.action_open()
        else:
            self._step = words.ANSWER
        self._count_down()
        self._fit_qr()
        self.refresh_bindings()  # there is something to copy and to draw now

    def on_authorize_advanced(self, event: Advanced) -> None:
        """Say that the wait is for Close now."""
        self._ask(asks=False)
        self._end_wait(event.step, event.words)

    def on_authorize_noticed(self, event: Noticed) -> None:
        """Say it below the steps."""
        self._notice(event.words)

    def _notice(self, said: str) -> None:
        """Say one thing more: what was said before stays."""
        self._noticed = f"{self._noticed}\n{said}".strip()
        self.query_one("#notice", Words).say(self._noticed)

    def on_authorize_granted_elsewhere(self, event: GrantedElsewhere) -> None:
        """Ask whether to keep it."""
        self.run_worker(self._ask_to_keep(event), group="elsewhere", name="elsewhere")

    async def _ask_to_keep(self, event: GrantedElsewhere) -> None:
        from close_tui.tui.screens.elsewhere import KeepElsewhere

        keeps = await self.app.push_screen_wait(KeepElsewhere(self.verbs, event.found))
        self._end_wait(words.WHO, "Keeping it …" if keeps else "Revoking it …")

        def settle(_: Desk) -> None:
            if not event.answer.done():
                event.answer.set_result(bool(keeps))

        await self.verbs.ask(settle)

    def on_authorize_unproven(self) -> None:
        """Ask; what nobody proved ends nothing by itself."""
        if self._step <= words.ANSWER:
            self._ask(asks=True)
            self.query_one("#keep").focus()

    def _ask(self, *, asks: bool) -> None:
        """Put the question in the place of the buttons, or take it away."""
        self.query_one("#question").display = asks
        self.query_one("#buttons").display = not asks

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste for the field wherever the focus is: there is nothing else to paste here."""
        event.stop()
        box = self.query_one("#paste", SecretInput)
        if not self.query_one("#paste-field").disabled:
            box.clear_secret()
            box.focus()
            box.post_message(events.Paste(event.text))

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
        """Copy, open again, show, keep waiting, or give up."""
        {
            "copy": self.action_copy,
            "copy-forward": self.action_copy_forward,
            "open": self.action_open,
            "show-qr": self.action_show_qr,
            "keep": self._keep_waiting,
        }.get(event.button.id or "", self.action_cancel)()

    def _keep_waiting(self) -> None:
        self._ask(asks=False)
        self.query_one("#copy").focus()

    def browser_opened(self, is_open: bool) -> None:
        """Wait for the person; where no browser opened, they have the address."""
        if not is_open:
            self._notice(words.NO_BROWSER)
        if self._step is words.BROWSER:
            if not is_open:
                self._stages.rename(words.BROWSER, "address")
            self._step = words.ANSWER
            self._count_down()

    def action_cancel(self) -> None:
        """Give up; the listener goes down."""
        under_way = self._under_way
        if under_way is None:
            self._is_given_up = True
            self.dismiss(None)
        elif self._step > words.ANSWER:
            self.query_one("#notice", Words).say(words.TOO_LATE)
        else:
            self.run_worker(self.verbs.ask(lambda _: under_way.cancel()), group="cancel")

    @property
    def _stages(self) -> Stages:
        return self.query_one(Stages)

    def _end_wait(self, step: int, said: str, *, has_failed: bool = False) -> None:
        """Stop the countdown and say what comes now; this attempt takes nothing any more."""
        self._ticking.stop()
        self._step = step
        self._stages.show(step, said, has_failed=has_failed)
        for place in ("#paste-field", "#copy", "#open", "#show-qr", "#copy-forward"):
            self.query_one(place).disabled = True

    def _count_down(self) -> None:
        under_way = self._under_way
        if under_way is not None and self._step <= words.ANSWER:
            left = max(0.0, self._until - self.verbs.clock())
            said = words.awaited(under_way, opens=self._opens)
            if self._step is words.BROWSER:
                said = "Opening the browser"
            self._stages.show(
                self._step, f"{said}, {duration(left)} left", left / under_way.seconds
            )
