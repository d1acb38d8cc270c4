"""The board that removes late: a removal can be undone for ten seconds, as it has not begun."""

from __future__ import annotations

import asyncio
from math import ceil
from typing import Any, ClassVar, Final, NamedTuple

from textual import work
from textual.binding import Binding, BindingType

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Result
from close_tui.operations.desk import Desk
from close_tui.tui.screens.rotating import Rotates

UNDO_S: Final = 10.0
"""Seconds between the answer to the question and the removal."""

_TICK_S: Final = 0.2
_BUSY: Final = "removing"


class Removal(NamedTuple):
    """Connections that are going to be removed, and when, on the event loop's clock."""

    targets: tuple[Connection, ...]
    due: float


class Removes(Rotates):
    """Removes the selection ten seconds after it was confirmed; until then nothing has happened.

    Whatever ends the app hard in between leaves the vault as it was. Leaving it by the door does
    what was asked for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("D", "remove", "Remove", show=False, id="main.remove",
                tooltip="Forget this or the marked ones here. Does not revoke."),
        Binding("D", "say_hidden", show=False, id="main.say_hidden_remove",
                tooltip="Tell that the marked ones are not in view."),
        Binding("U", "undo_remove", "Undo", id="main.undo_remove",
                tooltip="Keep what was going to be removed last."),
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._removals: list[Removal] = []

    @property
    def leaving_soon(self) -> frozenset[str]:
        """The ids of what is going to be removed."""
        return frozenset(one.id for each in self._removals for one in each.targets)

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer only what is possible now."""
        if action == "remove":
            return any(one.id not in self.leaving_soon for one in self.selection())
        if action == "undo_remove":
            return bool(self._removals)
        return super().check_action(action, parameters)

    @work(group="remove")
    async def action_remove(self) -> None:
        """Ask, then begin to count."""
        from close_tui.tui.screens.remove import Remove

        soon = self.leaving_soon
        offered = [one for one in self.selection() if one.id not in soon]
        targets = await self.app.push_screen_wait(Remove(self.verbs, offered))
        if targets:
            now = asyncio.get_running_loop().time()
            self._removals.append(Removal(tuple(targets), now + UNDO_S))
            for target in targets:
                self.connection_list.set_busy(target.id, _BUSY)
            await self._count()

    def action_undo_remove(self) -> None:
        """Keep what was going to be removed last."""
        if self._removals:
            kept = self._removals.pop().targets
            self._release(kept)
            words = kept[0].name if len(kept) == 1 else f"{len(kept)} connections"
            self.notify(f"{words}: kept, nothing was removed.", markup=False)

    def keep(self, connections: list[Connection]) -> None:
        """Remove none of these after all: something else is wanted of them."""
        ids = {one.id for one in connections}
        for number, each in enumerate(self._removals):
            left = tuple(one for one in each.targets if one.id not in ids)
            self._removals[number] = each._replace(targets=left)
        self._removals = [each for each in self._removals if each.targets]
        self._release(tuple(connections))

    async def remove_now(self) -> None:
        """Do at once what was going to be done: the app is being left."""
        while self._removals:
            await self._remove(self._removals.pop(0).targets)

    async def _count(self) -> None:
        """Show the seconds that are left, until nothing waits or another counts."""
        counted = len(self._removals)
        self._say_removals()
        while self._removals and counted == len(self._removals):
            await asyncio.sleep(_TICK_S)
            now = asyncio.get_running_loop().time()
            while self._removals and self._removals[0].due <= now:
                await self._remove(self._removals.pop(0).targets)
                counted -= 1
            self._say_removals()

    async def _remove(self, targets: tuple[Connection, ...]) -> None:
        for target in targets:
            try:
                result = await self.verbs.ask(_removed, target)
            except CloseTuiError as error:  # says nothing about the others
                words = f"{target.name}: {error} {error.advice}".strip()
                self.notify(words, title="Not removed", severity="error", markup=False)
            else:
                self.notify(f"{result.name}: {result.detail}", title="Removed", markup=False)
        self._release(targets)
        self.look()

    def _release(self, targets: tuple[Connection, ...]) -> None:
        for target in targets:
            self.connection_list.set_busy(target.id, None)
        self._say_removals()

    def _say_removals(self) -> None:
        now = asyncio.get_running_loop().time()
        self.say("removals", removal_words(self._removals, now), "warning")
        self.refresh_bindings()


def removal_words(removals: list[Removal], now: float) -> str:
    """Say what is going to be removed, and how long U can keep it."""
    if not removals:
        return ""
    count = sum(len(each.targets) for each in removals)
    last = removals[-1]
    what = last.targets[0].name if count == 1 else f"{count} connections"
    which = "it" if len(last.targets) == 1 else f"the last {len(last.targets)}"
    left = max(0, ceil(last.due - now))
    return f"Removing {what} in {left} s: U keeps {which}"


def _removed(desk: Desk, connection: Connection) -> Result:
    from close_tui.operations.keep import remove

    return remove(desk, connection)
