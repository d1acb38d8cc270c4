"""The thread in which the verbs run: nothing of theirs blocks a front end, or its end."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from close_tui.errors import NotFound
from close_tui.operations.background import Background
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import refresh
from close_tui.sandbox import faults
from close_tui.secret import Secret
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.operations.conftest import Town

PATIENCE_S = 60


@pytest.fixture
def background(town: Town) -> Iterator[Background]:
    """A background thread at the town's vault."""
    made = Background(lambda: Desk(town.settings, clock=town.clock))
    made.start()
    yield made
    made.stop()


async def where(desk: Desk, word: str, *, end: str) -> tuple[str, str]:
    """Say in which thread a verb runs, and what it was given."""
    return threading.current_thread().name, word + end


async def test_a_verb_runs_in_the_thread_and_its_result_comes_back(background: Background) -> None:
    """Arguments go in, the result comes out."""
    assert ("verbs", "ab") == await background.run(where, "a", end="b")
    assert ("verbs", "cd") == background.submit(where, "c", end="d").result(PATIENCE_S)


async def test_an_error_comes_through(background: Background) -> None:
    """It is raised where the verb was asked for."""
    with pytest.raises(NotFound, match="removed"):
        await background.run(refresh, "conn_none")


async def test_cancelling_the_wait_does_not_cancel_the_verb(background: Background) -> None:
    """A front end may lose interest; what was begun ends."""
    ended = threading.Event()

    async def verb(desk: Desk) -> None:
        await asyncio.sleep(0.1)
        ended.set()

    waiting = asyncio.create_task(background.run(verb))
    await asyncio.sleep(0.02)
    waiting.cancel()

    assert await asyncio.to_thread(ended.wait, PATIENCE_S)


async def test_a_blocking_verb_blocks_only_its_thread(background: Background) -> None:
    """The front end's loop goes on meanwhile."""
    go = threading.Event()

    async def verb(desk: Desk) -> bool:
        return go.wait(PATIENCE_S)

    waiting = background.submit(verb)
    await asyncio.sleep(0)
    go.set()

    assert await asyncio.wrap_future(waiting)


async def test_stopping_waits_for_a_refresh_under_way(town: Town) -> None:
    """Its tokens are stored before the thread ends."""
    connection = town.connect()
    town.world.faults.add(faults.late_answer(0.3), "refresh")
    background = Background(lambda: Desk(town.settings, clock=town.clock))
    background.start()
    flight = background.submit(refresh, connection.id)
    async with asyncio.timeout(PATIENCE_S):
        while town.shown(connection.id).intent is None:
            await asyncio.sleep(0.01)

    await asyncio.to_thread(background.stop)

    assert 2 == town.shown(connection.id).generation
    assert town.is_alive(town.token(connection))
    assert flight.done()
    await asyncio.to_thread(background.stop)


async def test_a_keyring_that_hangs_does_not_delay_the_end(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prompt that nobody answers is left behind."""
    town.connect()
    asked, answer = threading.Event(), threading.Event()

    def hang(*_: object) -> Callable[[], Secret]:
        def read() -> Secret:
            asked.set()
            answer.wait(PATIENCE_S)
            return Secret("")

        return read

    monkeypatch.setattr(Vault, "key_reader", hang)
    background = Background(lambda: Desk(town.settings, clock=town.clock))
    background.start()
    unlocking = background.submit(Desk.unlock)
    assert await asyncio.to_thread(asked.wait, PATIENCE_S)

    begun = time.monotonic()
    await asyncio.to_thread(background.stop)

    assert time.monotonic() - begun < PATIENCE_S / 2
    assert unlocking.cancelled()
    assert not background._thread.is_alive()
    answer.set()
