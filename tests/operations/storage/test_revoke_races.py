"""A refresh in another process and a revocation here, at many distances: nothing comes back."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from close_tui.leaks import Operator
from close_tui.operations.kill import begin, kill
from close_tui.sandbox.faults import late_answer, latency
from tests.operations.conftest import line

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from close_tui.model import Connection
    from tests.operations.conftest import Town

SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
RACES = 400 if SOAK else 48
CHILDREN = 2
ON_THE_WAY_S = 0.01
"""How long a request takes before the server acts on it, and its answer after that."""

REFRESH_WHEN_TOLD = """
for word in sys.stdin:
    id_, wait_s = word.split()
    say("begun")
    await asyncio.sleep(float(wait_s))
    result = await refresh(desk, id_)
    say(result.outcome)
"""

pytestmark = pytest.mark.timeout(900)


async def test_a_refresh_begun_elsewhere_cannot_bring_a_killed_connection_back(town: Town) -> None:
    """Whatever came first, in the end no token of the family answers, and none is stored."""
    town.world.faults.add(latency(ON_THE_WAY_S), "refresh", times=None)
    town.world.faults.add(late_answer(ON_THE_WAY_S), "refresh", times=None)
    outcomes: Counter[str] = Counter()
    async with AsyncExitStack() as exits:
        children = [await town.child(REFRESH_WHEN_TOLD) for _ in range(CHILDREN)]
        for child in children:
            exits.push_async_callback(_ended, child)
        for number in range(RACES):
            connection = town.connect()
            # From long before the child reads the row to after it has stored what came.
            ahead_s = ON_THE_WAY_S * (16 * number / RACES - 8)
            said = await _race(town, children[number % CHILDREN], connection, ahead_s)
            outcomes[said] += 1

            _nothing_is_left(town, connection)

    # Both came first, often enough.
    assert outcomes["refreshed"] >= RACES // 8, outcomes
    assert RACES - outcomes["refreshed"] >= RACES // 8, outcomes


async def _race(town: Town, child: Process, connection: Connection, ahead_s: float) -> str:
    """Let a refresh begin there, kill here a little later; return what became of the refresh."""
    assert child.stdin is not None
    child.stdin.write(f"{connection.id} {max(0.0, -ahead_s)}\n".encode())
    assert "begun" == await line(child)
    await asyncio.sleep(max(0.0, ahead_s))
    incident = begin(town.desk, [connection], "a race", Operator("ada", "laptop"))
    (verdict,) = await kill(town.desk, [connection], incident, lambda step: None)
    assert "dead_proved" == verdict.outcome, verdict
    return await line(child)


def _nothing_is_left(town: Town, connection: Connection) -> None:
    after = town.shown(connection.id)
    assert after.proved_dead_at is not None
    rows = town.desk.vault.database.rows(
        "SELECT owner FROM secrets WHERE owner = ? UNION SELECT owner FROM superseded"
        " WHERE owner = ?",
        connection.id,
        connection.id,
    )
    assert not rows
    assert not _living(town), town.told(connection)


def _living(town: Town) -> list[str]:
    """Every token, of both kinds, that the sandbox accepts: those of later races are not made."""
    return [text for text in town.world.grants._tokens if town.is_alive(text)]


async def _ended(child: Process) -> None:
    child.kill()
    await child.communicate()
