"""Time that a test lets pass while a desk is kept fresh, and a network that can be cut."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import httpx

from close_tui.model import Connection, Result
from close_tui.operations.keep_fresh import KeepFresh

if TYPE_CHECKING:
    from close_tui.operations.desk import Desk
    from tests.operations.conftest import Town


class Cable(httpx.AsyncHTTPTransport):
    """The real network, as long as it is not cut."""

    is_cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, or find no way."""
        if self.is_cut:
            raise httpx.ConnectError("cut")
        return await super().handle_async_request(request)


class Days:
    """Time that passes while a desk is kept fresh: second by second, or at once as in a suspend."""

    def __init__(self, town: Town, desk: Desk) -> None:
        self._clock = town.clock
        self._moment = 0.0
        self._steps = asyncio.Semaphore(0)
        self._is_asleep = asyncio.Event()
        self.results: list[Result] = []
        self.begun: list[str] = []
        self.keeper = KeepFresh(desk, self._told, monotonic=lambda: self._moment, sleep=self._sleep)
        self.is_patient = True

    async def go(self, seconds: int) -> None:
        """Let so many seconds pass; each time what was begun comes to its end."""
        for _ in range(seconds):
            self._is_asleep.clear()
            self._steps.release()
            await self._is_asleep.wait()

    async def until(self, at: float) -> None:
        """Let time pass up to a time of the wall clock."""
        await self.go(max(0, round(at - self._clock())))

    async def _sleep(self, seconds: float) -> None:
        while self.is_patient and self.keeper._under_way:
            await asyncio.sleep(0.001)
        self._is_asleep.set()
        await self._steps.acquire()
        self._moment += seconds
        self._clock.advance(seconds)

    def _told(self, connection_id: str, result: Result | None) -> None:
        if result is None:
            self.begun.append(connection_id)
        else:
            self.results.append(result)

    @property
    def outcomes(self) -> list[str]:
        """What became of each refresh, in order."""
        return [result.outcome for result in self.results]


@asynccontextmanager
async def days(town: Town, desk: Desk | None = None) -> AsyncIterator[Days]:
    """Keep a desk fresh while the block runs."""
    given = Days(town, desk or town.desk)
    running = asyncio.create_task(given.keeper.run())
    await given._is_asleep.wait()
    try:
        yield given
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def ends(connection: Connection) -> float:
    """Return when the access token expires."""
    assert connection.expires_at is not None
    return connection.expires_at


def sent_per_second(town: Town) -> Counter[float]:
    """Count the refreshes that the sandbox has seen in each second."""
    return Counter(entry.at for entry in town.world.journal.entries(route="refresh"))


def crowd(town: Town, count: int) -> list[Connection]:
    """Store many authorizations that end at the same moment."""
    people = [town.world.add_user(f"{n}@acme.example", "", [town.acme]) for n in range(count)]
    return [town.connect(f"acme-{n}", user=person) for n, person in enumerate(people)]
