"""One process of a story: a desk whose vault and network are watched, and what befalls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from close_tui.close.client import Close
from close_tui.close.wire import Limits
from close_tui.errors import VaultNotWritable
from close_tui.operations.desk import Desk, Pauses
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from tests.operations.storage.watched import DURABLE, WatchedNetwork, WatchedStore

if TYPE_CHECKING:
    from tests.conftest import Clock

PATIENT = Limits(whole_s=60)
HASTY = Limits(whole_s=0.05)
QUICK = Pauses(
    lock=60, commit=(0.0,), proof=(0.0, 0.0, 0.0), rate_limit=0.05, poll=0.01, rescue=0.05
)


class Crash(BaseException):
    """The process ends here: nothing of it that is not durable outlives this."""


@dataclass
class Seat:
    """One process: what its memory holds, and what is going to happen to it."""

    settings: Settings
    clock: Clock
    hear: Callable[[str, str | None], None]
    crash_in: int = 0
    is_full: bool = False
    is_full_after_answer: bool = False
    lasts: int = 0
    limits: Limits = PATIENT
    crashed: bool = False
    desk: Desk = field(init=False, repr=False)

    def sit_down(self) -> None:
        """Start the process."""
        self.crash_in, self.crashed, self.limits = 0, False, PATIENT
        self.make_room()
        self.desk = Desk(self.settings, clock=self.clock, pauses=QUICK)
        watched = WatchedStore(Vault.open(self.settings), self._at_step)
        self.desk._vault = cast("Vault", watched)

    def make_room(self) -> None:
        """The vault can be written again."""
        self.is_full = self.is_full_after_answer = False

    def go_on(self) -> None:
        """Come a verb nearer to the end of a full disk."""
        self.lasts -= 1
        if not self.lasts:
            self.make_room()

    def connect(self) -> None:
        """Take the limits of the moment for the calls that follow."""
        network = WatchedNetwork(self._at_step, self._seen)
        self.desk._close = Close(
            self.settings.api_url,
            version="0",
            transport=network,
            clock=self.clock,
            limits=self.limits,
        )

    async def disconnect(self) -> None:
        """Close what :meth:`connect` has opened."""
        close, self.desk._close = self.desk._close, None
        if close is not None:
            await close.__aexit__(None, None, None)

    def vanish(self) -> None:
        """End without a word, as after SIGKILL."""
        self.desk.unsaved.clear()
        self.desk.flights.clear()
        self.desk.shut()

    def _at_step(self, step: str) -> None:
        when, name = step.split(" ")
        if self.crash_in:
            self.crash_in -= 1
            if not self.crash_in:
                self.crashed = True
                raise Crash(step)
        if self.is_full and (name == "commit" or (when == "before" and name in DURABLE)):
            raise VaultNotWritable("There is no room left on the disk.")

    def _seen(self, path: str, status: int, body: bytes) -> None:
        if path != "/oauth2/token/" or status != 200:
            return
        with suppress(ValueError):
            answer = json.loads(body)
            self.hear(answer["access_token"], answer.get("refresh_token"))
            self.is_full = self.is_full or self.is_full_after_answer
