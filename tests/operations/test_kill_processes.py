"""A refresh in another process, begun around the time of a revocation, brings nothing back."""

from __future__ import annotations

import asyncio
import os
import random
from typing import TYPE_CHECKING

import pytest

from close_tui.leaks import Operator
from close_tui.operations.kill import begin, kill
from close_tui.sandbox import faults
from tests.operations.conftest import QUICK, line

if TYPE_CHECKING:
    from tests.operations.conftest import Town

INTERLEAVINGS = 400 if os.environ.get("CLOSE_TUI_SOAK") == "1" else 40

REFRESHING = """
from close_tui.operations.refresh import refresh
loop = asyncio.get_running_loop()
say("ready")
while order := (await loop.run_in_executor(None, sys.stdin.readline)).split():
    await asyncio.sleep(float(order[1]))
    say((await refresh(desk, order[0])).outcome)
"""


@pytest.mark.timeout(600)
async def test_a_refresh_in_another_process_brings_nothing_back(town: Town) -> None:
    """Whichever comes first: every token that Close has ever issued to it is dead, and proved so.

    A late answer to the refresh spreads the freeze over all of its steps.
    """
    child = await town.child(REFRESHING)
    assert child.stdin is not None
    assert "ready" == await line(child)
    desk = town.open_desk(pauses=QUICK)
    chance, told = random.Random(7), set()
    for number in range(INTERLEAVINGS):
        connection = town.connect(
            f"c{number}", organization=town.world.add_organization(f"Org {number}")
        )
        town.world.faults.add(faults.late_answer(chance.choice([0.0, 0.01, 0.03])), "refresh")
        child.stdin.write(f"{connection.id} {chance.uniform(0, 0.02):.4f}\n".encode())
        await asyncio.sleep(chance.uniform(0, 0.05))

        incident = begin(desk, [connection], "", Operator("ada", "laptop"))
        (result,) = await kill(desk, [connection], incident, lambda _: None)

        refreshed = await line(child)
        told.add(refreshed)
        alive = [text for text in town.world.grants._tokens if town.is_alive(text)]
        assert ("dead_proved", "revoked", []) == (
            result.outcome,
            town.status(connection),
            alive,
        ), (number, refreshed)
        town.world.faults.clear()
    child.stdin.close()
    await child.wait()

    # Both orders have been seen, or nothing was shown.
    assert "refreshed" in told
    assert told & {"already_revoked", "needs_authorization"}
