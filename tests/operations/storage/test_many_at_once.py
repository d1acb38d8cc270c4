"""Many at once, where a second use of a refresh token kills the whole family: none is lost."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest

from close_tui.operations.background import Background
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import refresh
from close_tui.sandbox.policies import Policies, Reuse
from tests.operations.conftest import QUICK, line

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from close_tui.model import Connection
    from tests.operations.conftest import Town

SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
PROCESSES, ROUNDS = (8, 25) if SOAK else (4, 6)
PATIENCE_S = 100

REFRESH_ALL_WHEN_TOLD = """
import json
say("ready")
for word in sys.stdin:
    generations = json.loads(word)
    results = await asyncio.gather(*(refresh(desk, id_, n) for id_, n in generations.items()))
    say(json.dumps({each.id: each.outcome for each in results}))
"""

pytestmark = pytest.mark.timeout(1200)


@pytest.mark.parametrize("connections", [1, 20])
async def test_of_many_processes_exactly_one_refreshes_each_connection(
    town: Town, policies: Policies, connections: int
) -> None:
    """Round by round at the same instant: each token is presented once, and every loser adopts."""
    assert Reuse.FAMILY is policies.reuse
    held = _connected(town, connections)
    async with AsyncExitStack() as exits:
        children = [await exits.enter_async_context(_started(town)) for _ in range(PROCESSES)]
        assert {"ready"} == {await line(child) for child in children}
        for generation in range(1, ROUNDS + 1):
            order = json.dumps({each.id: generation for each in held})
            for child in children:
                assert child.stdin is not None
                child.stdin.write(f"{order}\n".encode())
            told = [json.loads(await asyncio.wait_for(line(c), PATIENCE_S)) for c in children]

            for each in held:
                outcomes = Counter(said[each.id] for said in told)
                assert {"refreshed": 1, "adopted": PROCESSES - 1} == outcomes

    _all_alive(town, held)


def test_of_many_threads_exactly_one_refreshes_each_connection(
    held: list[Connection], in_thread: Town
) -> None:
    """In one process the callers of a desk share a flight, and two desks take turns."""
    with _background(in_thread) as app, _background(in_thread) as other:
        for generation in range(1, ROUNDS + 1):
            with ThreadPoolExecutor(PROCESSES) as pool:
                calls = [
                    pool.submit(verbs.submit, refresh, each.id, generation)
                    for each in held
                    for verbs in (app, other)
                    for _ in range(PROCESSES // 2)
                ]
                results = [call.result().result(PATIENCE_S) for call in calls]

            assert {"refreshed", "adopted"} == {each.outcome for each in results}
            assert {generation + 1} == {in_thread.shown(each.id).generation for each in held}

    _all_alive(in_thread, held)


@pytest.fixture
def held(in_thread: Town) -> list[Connection]:
    """Five connections."""
    return _connected(in_thread, 5)


@pytest.fixture
def in_thread(town: Town) -> Iterator[Town]:
    """The town, its server going on in a thread while the test blocks this one."""
    from close_tui.sandbox.server import running

    with running(town.world) as url:
        town.settings = town.settings._replace(api_url=url, app_url=url)
        yield town


def _connected(town: Town, connections: int) -> list[Connection]:
    founded = [town.world.add_organization(f"Organization {n}") for n in range(connections)]
    return [town.connect(each.name, organization=each) for each in founded]


def _all_alive(town: Town, held: list[Connection]) -> None:
    """Hold what is stored against what the server accepts, and what it was sent."""
    assert len(held) * ROUNDS == town.sent()
    assert len(held) * ROUNDS == town.world.journal.count(route="refresh", outcome="rotated")
    presented = [entry.presented for entry in town.world.journal.entries(route="refresh")]
    assert len(presented) == len(set(presented))
    town.desk.vault.unlock()
    for each in held:
        assert ROUNDS + 1 == town.shown(each.id).generation
        assert town.is_alive(town.token(each))
        assert town.is_alive(town.access_token(each))


@asynccontextmanager
async def _started(town: Town) -> AsyncIterator[Process]:
    child = await town.child(REFRESH_ALL_WHEN_TOLD)
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


@contextmanager
def _background(town: Town) -> Iterator[Background]:
    made = Background(lambda: Desk(town.settings, clock=town.clock, pauses=QUICK))
    made.start()
    try:
        yield made
    finally:
        made.stop()
