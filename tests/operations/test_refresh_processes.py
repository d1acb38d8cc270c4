"""Refresh between real processes: racing, killed, and killed at the worst moment."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import Busy
from close_tui.model import INTENT_GRACE_S
from close_tui.operations.refresh import refresh
from close_tui.sandbox.policies import Policies, Reuse
from tests.operations.conftest import QUICK, line

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from tests.operations.conftest import Town

ROUNDS = 6

REFRESH_WHEN_TOLD = """
say("ready")
for word in sys.stdin:
    connection_id, generation = word.split()
    result = await refresh(desk, connection_id, int(generation))
    say(result.outcome, desk.vault.connection(connection_id).generation)
"""

HOLD_THE_LOCK = """
async with locks.held(settings.home, sys.stdin.readline().strip(), 10):
    say("held")
    time.sleep(600)
"""

HANG_BEFORE_THE_COMMIT = """
def hang(*_):
    say("answered")
    time.sleep(600)
Vault.replace_tokens = hang
await refresh(desk, sys.stdin.readline().strip())
"""


@asynccontextmanager
async def started(town: Town, code: str) -> AsyncIterator[Process]:
    """Run a child inside the block; afterwards it is gone."""
    child = await town.child(code)
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


def tell(child: Process, words: str) -> None:
    """Send a line to a child."""
    assert child.stdin is not None
    child.stdin.write(f"{words}\n".encode())


async def test_of_two_processes_at_the_same_instant_one_refreshes(
    town: Town, policies: Policies
) -> None:
    """Where a second use would kill the family, there is none: the loser adopts, round by round."""
    assert Reuse.FAMILY is policies.reuse
    connection = town.connect()
    async with started(town, REFRESH_WHEN_TOLD) as a, started(town, REFRESH_WHEN_TOLD) as b:
        assert ["ready", "ready"] == [await line(a), await line(b)]
        for generation in range(1, ROUNDS + 1):
            for child in (a, b):
                tell(child, f"{connection.id} {generation}")
            ended = sorted([await line(a), await line(b)])

            assert [f"adopted {generation + 1}", f"refreshed {generation + 1}"] == ended

    assert ROUNDS == town.sent() == town.world.journal.count(route="refresh", outcome="rotated")
    assert town.is_alive(town.token(connection))
    assert town.is_alive(town.access_token(connection))


async def test_a_killed_process_lets_go_of_its_lock(town: Town) -> None:
    """While it lives the connection is busy; after SIGKILL it can be refreshed at once."""
    connection = town.connect()
    async with started(town, HOLD_THE_LOCK) as child:
        tell(child, connection.id)
        assert "held" == await line(child)
        hasty = town.open_desk(pauses=QUICK._replace(lock=0.1))
        assert isinstance((await refresh(hasty, connection.id)).error, Busy)

        child.kill()
        await child.wait()

        assert "refreshed" == (await refresh(town.desk, connection.id)).outcome


@pytest.mark.parametrize("reuse", [Reuse.GRACE, Reuse.FAMILY])
async def test_a_kill_between_answer_and_commit_is_diagnosed(
    town: Town, policies: Policies, reuse: Reuse
) -> None:
    """After the grace time the answer counts as lost, and the token is tried once more."""
    policies.reuse = reuse
    policies.grace_s = 600
    connection = await town.tested()
    async with started(town, HANG_BEFORE_THE_COMMIT) as child:
        tell(child, connection.id)
        assert "answered" == await line(child)
        child.kill()
        await child.wait()
    assert "ok" == town.status(connection)
    town.clock.advance(INTENT_GRACE_S + 1)
    assert "refresh_unknown" == town.status(connection)

    result = await asyncio.wait_for(refresh(town.desk, connection.id), 60)

    assert 2 == town.sent()
    if reuse is Reuse.GRACE:
        assert ("refreshed", "ok") == (result.outcome, town.status(connection))
        assert town.is_alive(town.token(connection))
    else:
        assert "needs_authorization" == result.outcome
        assert "The answer to an earlier refresh was lost" in result.detail
