"""A revocation at work: each target with its step, then its verdict, and what is left to do."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message as TextualMessage
from textual.widgets import Button

from close_tui.errors import CloseTuiError, VaultLocked
from close_tui.leaks import DEAD, Step
from close_tui.model import Connection, Kind, Result
from close_tui.operations.desk import Desk
from close_tui.operations.names import listed
from close_tui.text import clean
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet, Words
from close_tui.tui.screens.ending import ending
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.screens.key_queue import KeyQueue
from close_tui.tui.screens.rounds import failed
from close_tui.tui.screens.under_way import UnderWay
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.kill_words import took, verdict_look
from close_tui.tui.widgets.target_list import TargetList

_AROUND: Final = 16
"""Lines of the dialog that are not targets."""

SOON_S: Final = 0.07
"""How long news are gathered before they are drawn."""

_CLOSING: Final = "Closing this (esc) stops nothing."
_CLOSING_WATCH: Final = (
    "Closing this (esc) stops only the watching: the keys that are left stay frozen, and are "
    "looked at again every few minutes while the vault is open."
)
_COUNTED: Final = ("dead", "already dead", "not proved", "working", "by hand", "failed")


class Revoking(Dialog[list[Result]]):
    """Shows every step and verdict, then leads through the keys; closing it stops nothing else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "done", "Close", id="revoking.close",
                tooltip="Close this; what is at work goes on, the rest stays pending."),
        Binding("s", "skip", "Skip this key", id="revoking.skip",
                tooltip="Leave this key pending, and go on to the next."),
        Binding("o", "open_page", "Open page", id="revoking.open",
                tooltip="Open Close's page of API keys again."),
        Binding("y", "copy", "Copy ID", id="revoking.copy",
                tooltip="Copy this key's ID again."),
        Binding("y", "copy_record", "Copy record", id="revoking.copy_record",
                tooltip="Copy the record of it as Markdown, for a post-mortem."),
        Binding("P", "try_again", "Try again", id="revoking.try_again",
                tooltip="Try again what is frozen and not proved dead."),
    ]  # fmt: skip

    class News(TextualMessage):
        """Something has come of it."""

    def __init__(self, verbs: Verbs, under_way: UnderWay) -> None:
        super().__init__(verbs)
        self._under_way = under_way
        self._targets = under_way.targets
        self._ended_at: float | None = None
        self._key: Connection | None = None
        self._watch: asyncio.Future[None] | None = None
        self._queue: KeyQueue | None = None
        self._is_over = False
        self.is_to_go_on = False
        """Whether the person wants to try again what is left."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        count = len(self._targets)
        with Sheet("Revoking" if count == 1 else f"Revoking {count} connections", id="revoking"):
            yield Words(id="counts")
            yield TargetList(self._targets, clock=self.verbs.clock)
            yield Words(id="told")
            yield Words(id="key")
            yield Words(id="hint")
            with Buttons():
                yield Button("Close", id="close")

    @property
    def _list(self) -> TargetList:
        return self.query_one(TargetList)

    def on_mount(self) -> None:
        """Follow what is at work already."""
        self._fit()
        self._list.focus()
        self.query_one("#hint", Words).say(_CLOSING)
        self._under_way.listen(self._called)
        self.run_worker(self._follow(), group="revoke", name="revoke")
        self.set_interval(1.0, self._count)

    def _called(self) -> None:
        """Called in the background thread; messages may be posted from any."""
        self.post_message(self.News())

    def on_resize(self) -> None:
        """Leave room for the rest of the dialog."""
        self._fit()

    def _fit(self) -> None:
        room = max(3, self.app.size.height - _AROUND)
        self._list.styles.height = min(len(self._targets), room)

    # What comes of it

    def on_revoking_news(self) -> None:
        """Show it soon, together with what comes until then: drawing takes time from revoking."""
        self.set_timer(SOON_S, self._show_news)

    def _show_news(self) -> None:
        for news in self._under_way.news():
            if isinstance(news, Step):
                self._list.take_step(news)
            else:
                self._list.take_result(news)
        self._count()
        self._tell()

    async def _follow(self) -> None:
        results = await self._verdicts()
        for result in results:
            self._list.take_result(result)
        self._ended_at = self.verbs.clock()
        await self._walk(results)
        self._ended_at = max((r.at for r in self._list.results), default=self._ended_at)
        if left := [r for r in self._list.results if r.outcome not in DEAD]:
            self._list.go_to(left[0].id)
        self._is_over = True
        self._count()
        self._tell()
        self._say_end()
        self.refresh_bindings()
        self.query_one("#close").focus()

    async def _verdicts(self) -> list[Result]:
        """Wait for the verdicts; everything is frozen when the vault's key is asked for."""
        try:
            return await self._under_way.results()
        except VaultLocked as error:
            locked = error
        except CloseTuiError as error:
            return self._all_failed(error)
        if not await open_vault(self.app, self.verbs):
            return self._all_failed(locked)
        self._under_way.start()
        try:
            return await self._under_way.results()
        except CloseTuiError as error:
            return self._all_failed(error)

    def _all_failed(self, error: CloseTuiError) -> list[Result]:
        now = self.verbs.clock()
        return [failed(target, "revoke", error, now) for target in self._targets]

    async def _walk(self, results: list[Result]) -> None:
        """Lead through the keys that only a person can delete."""
        waiting = {r.id for r in results if r.outcome == "by_hand"}
        keys = [t for t in self._targets if t.id in waiting and t.kind is Kind.API_KEY]
        if not keys:
            return
        self._ended_at = None
        self.query_one("#hint", Words).say(_CLOSING_WATCH)
        self._queue = KeyQueue(self.app, self.verbs, self._say_key, self._settled)
        for number, key in enumerate(keys, start=1):
            self._key = key
            self._list.go_to(key.id)
            self.refresh_bindings()
            self._tell()
            self._watch = asyncio.ensure_future(self._queue.walk(key, number, len(keys)))
            try:
                await asyncio.wait({self._watch})
            finally:
                self._watch.cancel()
            if not self._watch.cancelled():
                self._watch.result()
        self._key = None
        self._say_key("")

    def _settled(self, result: Result) -> None:
        self._list.take_result(result)
        self._count()

    # What is said

    def _count(self) -> None:
        """Say how many are where, and for how long it has been going on."""
        counts = self._list.counts()
        parts = [f"{word} {counts[word]}" for word in _COUNTED if counts[word]]
        began = self._under_way.opened_at
        if began is not None:
            ends = self._ended_at if self._ended_at is not None else self.verbs.clock()
            parts.append(took(ends - began))
        self.query_one("#counts", Words).say(" · ".join(parts))

    def on_target_list_highlighted(self) -> None:
        """Say more of another target."""
        self._tell()

    def _tell(self) -> None:
        """Say in full what came of the target under the cursor.

        While a key is waited for, of which all is said, this is the first that has failed.
        """
        target, result = self._list.highlighted
        if self._key is not None and target.id == self._key.id:
            failures = [
                r for r in self._list.results if verdict_look(r.outcome).counted == "failed"
            ]
            result = failures[0] if failures else None
        words = ""
        if result is not None:
            sentence = clean(result.detail, 500).rstrip(".") + "."
            words = f"{result.name}: {sentence} {clean(result.advice, 500)}".rstrip()
        self.query_one("#told", Words).say(words)

    def _say_key(self, words: str) -> None:
        self.query_one("#key", Words).say(words)

    def _say_end(self) -> None:
        words = ending(self._targets, self._list.results, self._under_way.records)
        self.query_one("#hint", Words).say(words)

    def _left(self) -> int:
        """Count what is frozen and not revoked."""
        counts = self._list.counts()
        return counts["failed"] + counts["by hand"]

    # What a person can do

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer the keys of the queue while it waits for a person, and those of the end then."""
        if action in ("skip", "open_page", "copy"):
            return self._key is not None
        if action == "copy_record":
            return self._is_over and bool(self._under_way.records)
        if action == "try_again":
            return self._is_over and bool(self._left())
        return super().check_action(action, parameters)

    def action_skip(self) -> None:
        """Leave this key pending, and go on to the next."""
        if self._watch is not None:
            self._watch.cancel()

    async def action_open_page(self) -> None:
        """Open the settings page again."""
        if self._queue is not None and not await self._queue.open_page():
            self.notify("No browser could be opened.", severity="warning", markup=False)

    def action_copy(self) -> None:
        """Copy the key's ID again."""
        if self._queue is not None and self._key is not None:
            self._queue.copy(self._key)
            self.notify("Sent to the terminal's clipboard (OSC 52).", markup=False)

    @work(group="record", exclusive=True)
    async def action_copy_record(self) -> None:
        """Copy what was written down of it."""
        records = self._under_way.records
        try:
            self.app.copy_to_clipboard(await self.verbs.ask(_recorded, records))
        except CloseTuiError as error:
            self.notify(f"{error} {error.advice}", severity="error", markup=False)
        else:
            words = "copied as Markdown: sent to the terminal's clipboard (OSC 52)."
            self.notify(f"{listed(records)}: {words}", markup=False)

    def action_try_again(self) -> None:
        """Close this, and go on with what is left."""
        self.is_to_go_on = True
        self.action_done()

    def on_button_pressed(self) -> None:
        """Close."""
        self.action_done()

    def action_done(self) -> None:
        """Close; what was begun goes on, only the watching of keys stops."""
        self.dismiss(self._list.results)


def _recorded(desk: Desk, records: list[str]) -> str:
    from close_tui.operations.incident import hash_of_last, incident
    from close_tui.operations.incident_text import markdown

    found = [incident(desk, record) for record in records]
    return "\n".join(markdown(each, hash_of_last(desk, each)) for each in found)
