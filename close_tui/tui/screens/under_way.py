"""A revocation under way in the background thread, from the confirming key on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeAlias

from close_tui.model import Connection, Result
from close_tui.operations.desk import Desk

if TYPE_CHECKING:
    from close_tui.leaks import Step
    from close_tui.tui.verbs import Verbs

News: TypeAlias = "Step | Result"
"""A target has come one step further, or to its verdict."""


class UnderWay:
    """Freezes and revokes targets in the thread of the verbs, and keeps what is told of it.

    Whoever shows it asks for the :meth:`news`; ``on_news`` is called in that thread, once for all
    that has come since it was asked last. Nothing here waits for a screen.

    Args:
        verbs: the thread in which it works.
        targets: what to revoke.
        reason: for the record.
        continues: whether each target's revocation has begun before, so that this is no incident
            of its own.

    Attributes:
        targets: what is revoked.
        incident: its id; empty before the targets are frozen, when nothing was left to do, and
            where each continues its own.
        opened_at: when the targets were frozen; None before.

    """

    def __init__(
        self,
        verbs: Verbs,
        targets: list[Connection],
        reason: str = "",
        *,
        continues: bool = False,
    ) -> None:
        self.targets = targets
        self.incident = ""
        self.opened_at: float | None = None
        self._verbs = verbs
        self._reason = reason
        self._continues = continues
        self._news: deque[News] = deque()
        self._on_news: Callable[[], None] | None = None
        self._is_told = False
        self._future: Future[list[Result]] | None = None
        self._first: Future[None] = Future()
        self._ended: set[str] = set()

    def start(self) -> None:
        """Begin at once, or go on after the vault was unlocked; returns immediately."""
        self._future = self._verbs.submit(_killed, self)

    @property
    def is_done(self) -> bool:
        """True when nothing is at work any more."""
        return self._future is None or self._future.done()

    @property
    def at_work(self) -> int:
        """How many targets have no verdict yet."""
        return 0 if self.is_done else len(self.targets) - len(self._ended)

    @property
    def records(self) -> list[str]:
        """The incidents in which this is written down."""
        if self.incident:
            return [self.incident]
        continued = (target.incident_id for target in self.targets if self._continues)
        return list(dict.fromkeys(filter(None, continued)))

    async def results(self) -> list[Result]:
        """Wait for all verdicts; raises what kept it from beginning, VaultLocked for one."""
        assert self._future is not None
        return await asyncio.shield(asyncio.wrap_future(self._future))

    async def begun(self, wait_s: float) -> None:
        """Wait (bounded) until the first token is revoked, or nothing comes of it."""
        assert self._future is not None
        waited_for: list[asyncio.Future[Any]] = [
            asyncio.wrap_future(self._first),
            asyncio.wrap_future(self._future),
        ]
        await asyncio.wait(waited_for, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)

    def listen(self, on_news: Callable[[], None]) -> None:
        """Let a screen be told; what has come before is told at once."""
        self._on_news = on_news
        on_news()

    def news(self) -> list[News]:
        """Return what has come since this was asked last, oldest first."""
        self._is_told = False
        found = []
        while self._news:
            found.append(self._news.popleft())
        return found

    def tell(self, news: News) -> None:
        """Take news, in the thread of the verbs."""
        self._news.append(news)
        if isinstance(news, Result):
            self._ended.add(news.id)
        if not self._first.done() and (isinstance(news, Result) or news.step != "frozen"):
            self._first.set_result(None)
        if self._on_news is not None and not self._is_told:
            self._is_told = True
            self._on_news()

    async def kill(self, desk: Desk) -> list[Result]:
        """Freeze everything, then revoke it: the verb itself."""
        from close_tui.leaks import Step
        from close_tui.operations.kill import begin, kill, who

        if self.opened_at is None:
            if not self._continues:
                self.incident = begin(desk, self.targets, self._reason, who())
            self.opened_at = desk.clock()
            for target in self.targets:
                since = target.frozen_at if self._continues else None
                self.tell(Step(target.id, "frozen", self.opened_at if since is None else since))
        await desk.unlock()
        return await kill(desk, self.targets, self.incident, self.tell, ended=self.tell)


async def _killed(desk: Desk, under_way: UnderWay) -> list[Result]:
    return await under_way.kill(desk)
