"""A revocation at work: each target with its step, then its verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

from textual.app import ComposeResult
from textual.message import Message as TextualMessage
from textual.widgets import Button, Static

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Kind, Result
from close_tui.operations.desk import Desk
from close_tui.text import clean
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet, Words
from close_tui.tui.screens.rounds import failed
from close_tui.tui.verbs import AT_ONCE, Verbs

WATCH_S: Final = 1800.0
"""How long an API key is watched: a person has to find it in Close's settings."""

Report: TypeAlias = Callable[[str, str], None]
"""Called with a connection's id and the step that its revocation has come to."""

_STEPS: Final = {
    "frozen": "frozen: nothing renews it any more",
    "refresh_token_revoked": "refresh token revoked",
    "access_token_revoked": "access token revoked",
    "proving": "trying the old access token",
}
_VERDICTS: Final = {
    "dead_proved": ("✓", "success"),
    "already_revoked": ("✓", "success"),
    "accepted_not_proved": ("◐", "warning"),
}


class Revoking(Dialog[list[Result]]):
    """Revokes, shows every step, and gives the verdicts; closing it leaves the rest pending."""

    class Step(TextualMessage):
        """A target has come one step further."""

        def __init__(self, connection_id: str, step: str) -> None:
            super().__init__()
            self.connection_id = connection_id
            self.step = step

    def __init__(self, verbs: Verbs, targets: list[Connection], reason: str) -> None:
        super().__init__(verbs)
        self._targets = targets
        self._reason = reason
        self._results: dict[str, Result] = {}
        self._page = ""
        self._slots = asyncio.Semaphore(AT_ONCE)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Revoking"):
            for target in self._targets:
                yield Static(f"… {target.name}\n  waiting", id=f"t-{target.id}", markup=False)
            yield Words(id="hint")
            with Buttons():
                yield Button("Close", id="close")

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._revoke_all(), group="revoke", name="revoke")

    def on_revoking_step(self, event: Step) -> None:
        """Show the step."""
        if event.connection_id not in self._results:
            self._show(event.connection_id, "…", _STEPS.get(event.step, event.step), "")

    async def _revoke_all(self) -> None:
        keys_last = sorted(self._targets, key=lambda t: t.kind is Kind.API_KEY)
        await asyncio.gather(*(self._revoke_one(target) for target in keys_last))
        self._count_the_dead()

    async def _revoke_one(self, target: Connection) -> None:
        async with self._slots:
            try:
                done = await self.verbs.run(_revoked, target.id, self._reason, self._report)
            except CloseTuiError as error:
                done = failed(target, "revoke", error, self.verbs.clock())
        if done.outcome == "by_hand":
            done = await self._by_hand(target, done)
        self._results[target.id] = done
        glyph, colour = _VERDICTS.get(done.outcome, ("✕", "error"))
        words = done.detail if done.outcome in _VERDICTS else f"{done.detail} {done.advice}"
        self._show(target.id, glyph, words, colour)

    async def _by_hand(self, target: Connection, pending: Result) -> Result:
        """Open the settings page once, then watch the key until Close refuses it."""
        self._results[target.id] = pending
        if not self._page:
            self._page = "…"
            self._page, opened = await self.verbs.run(_settings_opened, self)
            self._hint(
                f"{'Opened' if opened else 'Open'} {self._page} and delete the key there. Closing "
                "this leaves what is not dead frozen and pending: press X on it again."
            )
        words = f"delete the key {target.key_id} in Close; watching until Close refuses it"
        self._show(target.id, "◔", words, "warning")
        try:
            return await self.verbs.run_while_waited_for(_watched, target.id, WATCH_S)
        except CloseTuiError as error:
            return failed(target, "revoke", error, self.verbs.clock())

    def _report(self, connection_id: str, step: str) -> None:
        """Called in the background thread; messages may be posted from any."""
        self.post_message(self.Step(connection_id, step))

    def _show(self, connection_id: str, glyph: str, words: str, colour: str) -> None:
        name = next(t.name for t in self._targets if t.id == connection_id)
        line = self.query_one(f"#t-{connection_id}", Static)
        line.update(f"{glyph} {name}\n  {clean(words, 500)}")
        line.set_classes(f"-{colour}" if colour else "")

    def _hint(self, words: str) -> None:
        self.query_one("#hint", Words).say(words)

    def _count_the_dead(self) -> None:
        outcomes = [result.outcome for result in self._results.values()]
        proved, total = outcomes.count("dead_proved"), len(self._targets)
        over = proved + outcomes.count("already_revoked")
        if proved == total:
            self._hint("All dead, proved.")
        elif over == total:
            self._hint(f"All revoked; {proved} of {total} proved dead just now.")
        else:
            self._hint(f"{proved} of {total} are proved to be dead.")
        self.query_one("#close").focus()

    def on_button_pressed(self) -> None:
        """Close."""
        self.action_cancel()

    def action_cancel(self) -> None:
        """Close; a revocation that was begun goes on, only the watching of keys stops."""
        self.dismiss(list(self._results.values()))


async def _revoked(desk: Desk, connection_id: str, reason: str, report: Report) -> Result:
    from close_tui.operations.revoke import revoke

    return await revoke(
        desk, connection_id, reason=reason, progress=lambda step: report(connection_id, step)
    )


async def _watched(desk: Desk, connection_id: str, seconds: float) -> Result:
    from close_tui.operations.revoke_key import watch

    return await watch(desk, connection_id, seconds)


async def _settings_opened(desk: Desk, dialog: Revoking) -> tuple[str, bool]:
    from close_tui.operations.revoke_key import open_settings

    return await open_settings(desk, dialog.verbs.opener)
