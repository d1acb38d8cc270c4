"""Leaving while something is under way: what would be lost by it, or would stay alive."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from close_tui.operations.desk import LEAVE_WAIT_S, Desk
from close_tui.text import counted
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet, Words
from close_tui.tui.screens.under_way import UnderWay
from close_tui.tui.verbs import Verbs

_STAY: Final[list[BindingType]] = [
    Binding("escape", "cancel", "Stay", tooltip="Stay in close-tui.", id="leaving.stay"),
]
LOOK_S: Final = 0.5
"""Seconds between two looks at how far a revocation is."""


async def may_leave(app: App[Any], verbs: Verbs, under_way: UnderWay | None = None) -> bool:
    """Tell whether nothing would be lost; waits, and says so, for what is under way.

    A revocation is left in the middle only when that is wanted. To be called in a worker.
    """
    if any(isinstance(one, (Leaving, StillAlive, Unsaved)) for one in app.screen_stack):
        return False  # it is being asked already
    if under_way is not None and not await _may_stop(app, verbs, under_way):
        return False
    flights, unsaved = await verbs.ask(_under_way)
    if flights:
        if not await app.push_screen_wait(Leaving(verbs, flights)):
            return False
        unsaved = (await verbs.ask(_under_way))[1]
    if unsaved:
        if await app.push_screen_wait(Unsaved(verbs, unsaved)) is not True:
            return False
        await verbs.ask(_hurry)
    return True


async def _may_stop(app: App[Any], verbs: Verbs, under_way: UnderWay) -> bool:
    if not under_way.at_work:
        return True
    return await app.push_screen_wait(StillAlive(verbs, under_way)) is True


def _hurry(desk: Desk) -> None:
    """Who knows what is lost need not wait for it: the vault is tried once more."""
    desk.pauses = desk.pauses._replace(rescue=0.0)


def _under_way(desk: Desk) -> tuple[int, int]:
    return len(desk.flights), len(desk.unsaved)


async def _landed(desk: Desk) -> None:
    if desk.flights:
        await asyncio.wait(list(desk.flights.values()), timeout=LEAVE_WAIT_S)


class Leaving(Dialog[bool]):
    """Says what is waited for, and ends by itself; None: the person stays after all."""

    BINDINGS: ClassVar[list[BindingType]] = _STAY

    def __init__(self, verbs: Verbs, flights: int) -> None:
        super().__init__(verbs)
        self._flights = flights
        self._until = 0.0

    def compose(self) -> ComposeResult:
        """Lay it out."""
        what = "A refresh is" if self._flights == 1 else f"{self._flights} refreshes are"
        with Sheet("Leaving"):
            yield Static(
                f"{what} under way. Close has perhaps replaced the refresh token already, so its "
                f"answer is stored before close-tui leaves: at most {LEAVE_WAIT_S:.0f} seconds. "
                "esc stays here.",
                markup=False,
            )
            yield Words(id="left")

    def on_mount(self) -> None:
        """Wait in a worker of its own, and count down."""
        self._until = self.verbs.clock() + LEAVE_WAIT_S
        self._count_down()
        self.set_interval(1.0, self._count_down)
        self.run_worker(self._wait(), group="leave", name="wait for refreshes")

    def _count_down(self) -> None:
        left = max(0.0, self._until - self.verbs.clock())
        self.query_one("#left", Words).say(f"{left:.0f} s left.")

    async def _wait(self) -> None:
        await self.verbs.run(_landed)
        self.dismiss(True)


class StillAlive(Dialog[bool]):
    """A revocation is at work: leaving now leaves alive what has no verdict yet."""

    BINDINGS: ClassVar[list[BindingType]] = _STAY

    def __init__(self, verbs: Verbs, under_way: UnderWay) -> None:
        super().__init__(verbs)
        self._under_way = under_way

    def compose(self) -> ComposeResult:
        """Lay it out, on Stay."""
        with Sheet("Still revoking"):
            yield Words(id="alive")
            with Buttons():
                yield Button("Stay", id="stay", variant="primary")
                yield Button("Leave", id="leave", variant="error")

    def on_mount(self) -> None:
        """Count until there is nothing left to ask about."""
        self._count()
        self.set_interval(LOOK_S, self._count)

    def _count(self) -> None:
        left, total = self._under_way.at_work, len(self._under_way.targets)
        if not left:
            self.dismiss(None)  # the verdicts are to be seen
            return
        are, they = ("is", "It stays") if left == 1 else ("are", "They stay")
        self.query_one("#alive", Words).say(
            f"{left} of {total} {are} being revoked, and not dead yet. {they} frozen when you "
            "leave, and may live at Close until you go on: P here, or close-tui revoke --pending."
        )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "leave")


class Unsaved(Dialog[bool]):
    """New tokens are in memory only: leaving loses them."""

    BINDINGS: ClassVar[list[BindingType]] = _STAY

    def __init__(self, verbs: Verbs, unsaved: int) -> None:
        super().__init__(verbs)
        self._unsaved = unsaved

    def compose(self) -> ComposeResult:
        """Lay it out, on Stay."""
        with Sheet("New tokens are not saved yet"):
            yield Static(
                f"Close has replaced the tokens of {counted(self._unsaved, 'connection')}, and the "
                "vault could not be written. They are in memory only. Stay, make the vault "
                "writable and refresh again; without that they must be authorized again.",
                markup=False,
            )
            with Buttons():
                yield Button("Stay", id="stay", variant="primary")
                yield Button("Leave and lose them", id="leave", variant="error")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "leave")
