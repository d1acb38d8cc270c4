"""Keep fresh: while the app is open, tokens are renewed before they end, without being asked.

What is due is in :mod:`.due`; a refresh is that of :mod:`.refresh`, so a sibling's newer tokens are
adopted, and a person who presses a key meanwhile shares the call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from close_tui.errors import CloseTuiError, RateLimited
from close_tui.model import Connection, Result
from close_tui.operations.desk import Desk
from close_tui.operations.due import to_keep
from close_tui.operations.refresh import refresh
from close_tui.operations.way import ON_THE_WAY, Way, Width

Report = Callable[[str, Result | None], None]
"""Called with a connection's id when its refresh begins, and again with the result."""


class Pace(NamedTuple):
    """How fast, in seconds.

    Attributes:
        look: between two looks at what is due. Short, because a sleeping machine does not count:
            whatever the wall clock did meanwhile is seen this long after waking.
        each_look: refreshes begun in one look.
        rest: between two refreshes of one connection, however short its tokens live and however
            the clock jumps.
        back_off: after a failure of one connection; doubled after each further one.
        longest: the longest of these; after trouble on the way it is that of ``width``.
        width: how many at once, and what trouble on the way does.

    """

    look: float = 1.0
    each_look: int = 4
    rest: float = 60.0
    back_off: float = 30.0
    longest: float = 1800.0
    width: Width = Width()


class KeepFresh:
    """Looks every second at what is due and renews it, a few each second.

    Never opens a browser, never unlocks the vault, and is quiet while there is none.

    Args:
        desk: the vault and Close; its clock is the wall clock.
        report: told what is renewed, in this thread.
        monotonic: seconds that never run backwards, for pauses.
        sleep: waits for so many seconds.
        pace: how fast.

    """

    def __init__(
        self,
        desk: Desk,
        report: Report,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace = Pace(),  # noqa: B008 - immutable
    ) -> None:
        self._desk = desk
        self._report = report
        self._monotonic = monotonic
        self._sleep = sleep
        self._pace = pace
        self._way = Way(pace.width)
        self._since = desk.clock()
        self._under_way: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    async def run(self) -> None:
        """Keep fresh until the desk is left. Cancelling it cuts no refresh off half-way."""
        async with asyncio.TaskGroup() as group:
            while not self._desk.is_leaving:
                for connection in self._next():
                    self._under_way.add(connection.id)
                    group.create_task(self._renew(connection), name=f"renew {connection.id}")
                await self._sleep(self._pace.look)

    def _next(self) -> list[Connection]:
        """Return what to begin now."""
        now, moment = self._desk.clock(), self._monotonic()
        # Set back: what was granted since has to count as living, whatever the clock says now.
        self._since = min(self._since, now)
        room = min(self._way.room(moment, len(self._under_way)), self._pace.each_look)
        if not room:
            return []
        return [each for each in self._due(now) if self._is_free(each.id, moment)][:room]

    def _due(self, now: float) -> list[Connection]:
        desk = self._desk
        try:
            if desk.vault.is_locked:
                return []
            # Tokens that came and could not be stored: nothing is sent for them, they are saved.
            late = [
                each.connection for id_, each in desk.unsaved.items() if id_ not in desk.flights
            ]
            return late + to_keep(desk.vault, now, self._since)
        except CloseTuiError:  # no vault yet, or one that cannot be read: the board says which
            return []

    def _is_free(self, connection_id: str, moment: float) -> bool:
        if connection_id in self._under_way:
            return False
        return self._not_before.get(connection_id, moment) <= moment

    async def _renew(self, connection: Connection) -> None:
        self._report(connection.id, None)
        try:
            result = await refresh(self._desk, connection.id, connection.generation)
        except CloseTuiError as error:
            result = self._desk.failure(connection, "refresh", error)
        self._under_way.discard(connection.id)
        self._weigh(connection.id, result.error)
        self._report(connection.id, result)

    def _weigh(self, connection_id: str, error: CloseTuiError | None) -> None:
        moment, pace = self._monotonic(), self._pace
        self._way.weigh(error, moment)
        if error is None:
            self._failures.pop(connection_id, None)
            self._not_before[connection_id] = moment + pace.rest
        elif not isinstance(error, RateLimited):
            count = self._failures.get(connection_id, 0)
            self._failures[connection_id] = count + 1
            # When the way is free again, its last travellers shall not have to wait for long.
            longest = pace.width.longest if isinstance(error, ON_THE_WAY) else pace.longest
            pause = min(pace.back_off * 2 ** min(count, 16), longest)
            self._not_before[connection_id] = moment + pause


async def refresh_due(
    desk: Desk,
    targets: list[Connection],
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    at_once: int = 8,
    give_up_after: int = 3,
) -> list[Result]:
    """Refresh each target once, a few at the same time; results in the same order.

    After a 429 all wait for as long as Close asks for, at most ``pauses.rate_limit`` seconds, and
    what it refused is sent once more. After several troubles on the way in a row, or a longer
    wait, the rest is left as it is: its results have that trouble, and nothing was sent for them.
    """
    way = Way(Width(at_once, pause=0.0, longest=0.0))
    waiting, again = list(targets), {each.id for each in targets}
    running: dict[asyncio.Task[Result], Connection] = {}
    results: dict[str, Result] = {}
    while waiting or running:
        moment = monotonic()
        for target in waiting[: way.room(moment, len(running))]:
            waiting.remove(target)
            running[asyncio.create_task(_refreshed(desk, target))] = target
        if not running:
            await sleep(max(way.opens_at - moment, 0.0))
            continue
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            target, result = running.pop(task), task.result()
            way.weigh(result.error, monotonic())
            results[target.id] = result
            too_long = way.opens_at - monotonic() > desk.pauses.rate_limit
            if isinstance(result.error, RateLimited) and target.id in again and not too_long:
                again.discard(target.id)
                waiting.append(target)
            elif result.error and (way.troubles >= give_up_after or too_long):
                results = {each.id: _left(desk, each, result.error) for each in waiting} | results
                waiting.clear()
    return [results[each.id] for each in targets]


async def _refreshed(desk: Desk, target: Connection) -> Result:
    try:
        return await refresh(desk, target.id, target.generation)
    except CloseTuiError as error:
        return desk.failure(target, "refresh", error)


def _left(desk: Desk, target: Connection, error: CloseTuiError) -> Result:
    left = desk.failure(target, "refresh", error)
    return left._replace(detail=f"Not tried, after the others: {error.title}", advice="")
