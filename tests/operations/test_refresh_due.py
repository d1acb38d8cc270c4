"""Due, once: each is refreshed once, and what cannot go on is left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.operations.desk import Pauses
from close_tui.operations.keep_fresh import refresh_due
from close_tui.sandbox.faults import UNAVAILABLE, latency, rate_limited
from tests.operations.days import crowd

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_each_is_refreshed_once_in_the_order_given(town: Town) -> None:
    """More of them than fit at once."""
    connections = crowd(town, 30)

    results = await refresh_due(town.desk, connections)

    assert [each.id for each in connections] == [each.id for each in results]
    assert {"refreshed"} == {each.outcome for each in results}
    assert 30 == town.sent()


async def test_no_more_than_so_many_at_the_same_time(town: Town) -> None:
    """One first, to see whether Close answers; then a few together."""
    most = now = 0

    class Counting(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal most, now
            now += 1
            most = max(most, now)
            try:
                return await super().handle_async_request(request)
            finally:
                now -= 1

    connections = crowd(town, 12)
    town.world.faults.add(latency(0.05), "refresh", times=None)
    desk = town.open_desk(transport=Counting())
    await desk.unlock()

    await refresh_due(desk, connections, at_once=3)

    assert 3 == most


async def test_after_a_429_it_waits_and_sends_that_one_once_more(town: Town) -> None:
    """As long as Close asks for, if that is not too long."""
    connections = crowd(town, 4)
    waited: list[float] = []
    moment = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal moment
        waited.append(seconds)
        moment += seconds

    town.world.faults.add(rate_limited(4.5), "refresh", times=1)
    results = await refresh_due(town.desk, connections, monotonic=lambda: moment, sleep=sleep)

    assert [4.5] == waited
    assert ["refreshed"] * 4 == [each.outcome for each in results]


async def test_a_429_that_asks_for_too_long_leaves_the_rest(town: Town) -> None:
    """A timer will come again; the others were not tried, and it is said why."""
    connections = crowd(town, 3)
    town.world.faults.add(rate_limited(600), "refresh", times=1)
    desk = town.open_desk(pauses=Pauses(rate_limit=30))
    await desk.unlock()

    results = await refresh_due(desk, connections)

    assert ["rate_limited"] * 3 == [each.outcome for each in results]
    assert [6] * 3 == [each.exit_code for each in results]
    assert "Not tried" in results[-1].detail
    assert 1 == town.sent()


async def test_where_close_is_down_three_are_tried(town: Town) -> None:
    """The rest is left as it is; nothing is written into its history."""
    connections = crowd(town, 10)
    town.world.faults.add(UNAVAILABLE, "refresh", times=None)

    results = await refresh_due(town.desk, connections)

    assert {"unavailable"} == {each.outcome for each in results}
    assert 3 == town.sent()
    assert [] == town.history(connections[-1])


async def test_one_that_fails_alone_does_not_stop_the_others(town: Town) -> None:
    """Two troubles on the way, a refused token, a connection that is gone: the rest goes on."""
    connections = crowd(town, 10)
    town.world.faults.add(UNAVAILABLE, "refresh", times=2)
    town.world.kill(town.token(connections[2]))
    town.desk.vault.remove(connections[3].id)

    results = await refresh_due(town.desk, connections)

    assert ["unavailable", "unavailable", "needs_authorization", "failed"] == [
        each.outcome for each in results[:4]
    ]
    assert ["refreshed"] * 6 == [each.outcome for each in results[4:]]


@pytest.mark.parametrize("count", [0, 1])
async def test_none_and_one(town: Town, count: int) -> None:
    """Nothing to do is nothing, and one is one."""
    results = await refresh_due(town.desk, crowd(town, count))

    assert ["refreshed"] * count == [each.outcome for each in results]
