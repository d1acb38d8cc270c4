"""The board that keeps tokens fresh while it is open, and says when the clock is wrong."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message

from close_tui.errors import CloseTuiError, RateLimited, Unavailable, Unreachable
from close_tui.model import Connection, Kind, Result
from close_tui.operations.desk import Desk
from close_tui.operations.skew import said
from close_tui.tui.screens.board import Board
from close_tui.tui.widgets.connection_list import ConnectionList

START_S: Final = 1.0
"""Seconds after which it begins: what is seen first comes first."""

QUIET_S: Final = 60.0
"""Seconds between two notes about the same kind of trouble: the list shows all of it."""

_ON_THE_WAY: Final = (Unreachable, Unavailable, RateLimited)
"""Passes by itself, and is said once until a refresh succeeds again."""


class Renewal(Message):
    """A connection is being renewed; with a result: it was."""

    def __init__(self, connection_id: str, result: Result | None) -> None:
        super().__init__()
        self.connection_id = connection_id
        self.result = result


class Unlocked(Message):
    """The vault was unlocked without asking anybody."""


class KeepsFresh(Board):
    """Renews what is about to expire; its lines say so, and trouble is noted quietly."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "auto_refresh", "Fresh", show=False, id="main.auto_refresh",
                tooltip="Refresh this or the marked ones by itself, or not."),
        Binding("f", "say_hidden", show=False, id="main.say_hidden_fresh",
                tooltip="Tell that the marked ones are not in view."),
        Binding("F", "auto_refresh_of_all", "All fresh", show=False,
                id="main.auto_refresh_of_all",
                tooltip="Refresh all by itself while close-tui is open, or none."),
    ]  # fmt: skip

    _looked_at: tuple[Connection, ...] = ()
    _any_refreshes = False

    async def on_mount(self) -> None:
        """Begin a little later; textual calls the board's own as well."""
        self._noted: dict[str, float] = {}
        self.set_timer(START_S, self._keep_fresh)

    @work(group="keep fresh")
    async def _keep_fresh(self) -> None:
        """Run until the app ends."""
        await self.verbs.run_while_waited_for(_kept_fresh, self)

    def tell(self, connection_id: str, result: Result | None) -> None:
        """Take note of a renewal, from the thread of the verbs."""
        self.post_message(Renewal(connection_id, result))

    def on_unlocked(self) -> None:
        """Say so."""
        self.look()

    def on_renewal(self, event: Renewal) -> None:
        """Show what is being renewed, and what became of it."""
        result = event.result
        if not self.query(ConnectionList):  # the app is being closed
            return
        self.connection_list.set_busy(event.connection_id, None if result else "refreshing")
        if result is not None:
            self.look()
            self._note(result)

    def _note(self, result: Result) -> None:
        """Say what went wrong, each kind of trouble once in a while."""
        error, now = result.error, self.verbs.clock()
        if error is None:
            for kind in _ON_THE_WAY:
                self._noted.pop(kind.__name__, None)
            return
        kind_of_trouble, passes = type(error).__name__, isinstance(error, _ON_THE_WAY)
        before = self._noted.get(kind_of_trouble)
        if before is not None and (passes or 0 <= now - before < QUIET_S):
            return
        self._noted[kind_of_trouble] = now
        self.notify(
            f"{result.name}: {result.detail} {result.advice}".rstrip(),
            title="Not refreshed by itself",
            severity="warning",
            markup=False,
        )

    # The switches

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer the switches where there is something to refresh."""
        if action == "auto_refresh":
            return any(map(can_refresh, self.selection()))
        if action == "auto_refresh_of_all":
            return self._can_refresh_any()
        return super().check_action(action, parameters)

    def _can_refresh_any(self) -> bool:
        if self._looked_at is not self.seen.connections:
            # Once a look, because the footer asks at every press of a key.
            self._looked_at = self.seen.connections
            self._any_refreshes = any(map(can_refresh, self._looked_at))
        return self._any_refreshes

    @work(group="auto-refresh")
    async def action_auto_refresh(self) -> None:
        """Switch automatic refresh of the selection: on, unless it is on for all of it."""
        targets = list(filter(can_refresh, self.selection()))
        on = not all(target.auto_refresh for target in targets)
        try:
            await self.verbs.ask(_switched, targets, on)
        except CloseTuiError as error:
            self.notify(f"{error} {error.advice}", severity="error", markup=False)
        else:
            which = targets[0].name if len(targets) == 1 else f"{len(targets)} connections"
            self._say_switch(f"{which}: automatic refresh is {'on' if on else 'off'}.")

    @work(group="auto-refresh")
    async def action_auto_refresh_of_all(self) -> None:
        """Switch automatic refresh of all connections."""
        on = not self.seen.keeps_fresh
        try:
            await self.verbs.ask(_all_switched, on)
        except CloseTuiError as error:
            self.notify(f"{error} {error.advice}", severity="error", markup=False)
        else:
            self._say_switch(f"Automatic refresh is {'on' if on else 'off'} for all connections.")

    def _say_switch(self, words: str) -> None:
        self.notify(words, markup=False)
        self.look()

    # What is said beside the list

    def show_all(self) -> None:
        """Show what was seen, and whether the clock is wrong."""
        super().show_all()
        self.say("clock", said(self.seen.skew, self.verbs.clock()), "warning")


def can_refresh(connection: Connection) -> bool:
    """Tell whether there are tokens to renew."""
    return connection.kind is Kind.OAUTH and connection.can_refresh and connection.frozen_at is None


async def _kept_fresh(desk: Desk, board: KeepsFresh) -> None:
    from close_tui.operations.keep_fresh import KeepFresh

    # A file or an open keyring gives the key without a word; a passphrase waits for u.
    with suppress(CloseTuiError):
        await desk.unlock()
        board.post_message(Unlocked())
    await KeepFresh(desk, board.tell).run()


def _switched(desk: Desk, targets: list[Connection], on: bool) -> None:
    from close_tui.operations.keep import set_auto_refresh

    with desk.vault.transaction():
        for target in targets:
            set_auto_refresh(desk, target, on)


def _all_switched(desk: Desk, on: bool) -> None:
    from close_tui.operations.keep import set_auto_refresh_of_all

    set_auto_refresh_of_all(desk, on)
