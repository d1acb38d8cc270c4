"""What is stuck: a lock that is not let go, a rate limit; it is revoked, and keeps no other."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import httpx

from close_tui.operations.desk import Pauses
from close_tui.operations.kill import AT_ONCE, begin, kill
from close_tui.operations.pending import pending, retry
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.vault import locks
from tests.operations.conftest import QUICK, Meddling
from tests.operations.test_kill import ADA, connect, facts, ignore

if TYPE_CHECKING:
    from close_tui.operations.desk import Desk
    from tests.operations.conftest import Town

IMPATIENT = QUICK._replace(lock=0.1)


def answering_late(town: Town, answers: asyncio.Event) -> Desk:
    """Sit down where the answer to a refresh comes only then; Close has acted on it before."""

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == "/oauth2/token/":
            await answers.wait()
        return answer

    return town.open_desk(transport=Meddling(after))


def living(town: Town) -> list[str]:
    """Return every token that Close accepts."""
    return [token for token in town.world.grants._tokens if town.is_alive(token)]


async def test_a_connection_that_is_held_is_revoked_all_the_same(town: Town) -> None:
    """Not proved, since newer tokens may come; once it is let go the proof is made."""
    connection = town.connect()
    token, desk = town.access_token(connection), town.open_desk(pauses=IMPATIENT)

    async with locks.held(town.settings.home, connection.id, 1):
        result = await revoke(desk, connection.id)

    assert ("accepted_not_proved", 8, False) == (
        result.outcome,
        result.exit_code,
        town.is_alive(token),
    )
    assert "Another close-tui held it".lower() in result.detail.lower()
    assert "revoke --pending" in result.advice
    assert "held" == facts(town.history(connection)[0])["why"]
    assert [connection.id] == [c.id for c in pending(desk.vault.connections(), town.clock())]
    assert ["dead_proved"] == [each.outcome for each in await retry(desk, ignore)]


async def test_a_pair_that_comes_after_the_revocation_is_given_back(town: Town) -> None:
    """Whoever held the connection receives it, and revokes it."""
    connection, answers = town.connect(), asyncio.Event()
    held = asyncio.create_task(refresh(answering_late(town, answers), connection.id))
    while not town.sent():
        await asyncio.sleep(0.01)

    result = await revoke(town.open_desk(pauses=IMPATIENT), connection.id)
    answers.set()
    late = await held

    assert ("accepted_not_proved", "already_revoked") == (result.outcome, late.outcome)
    assert "were revoked at Close" in late.detail
    assert [] == living(town)


async def test_a_pair_that_comes_in_the_middle_is_revoked_too(town: Town) -> None:
    """It is stored while the older one is being proved dead: the newest are what counts."""
    connection, answers = town.connect(), asyncio.Event()
    held = asyncio.create_task(refresh(answering_late(town, answers), connection.id))
    while not town.sent():
        await asyncio.sleep(0.01)

    def come(step: str) -> None:
        if step == "proving":
            answers.set()

    slow = IMPATIENT._replace(proof=(0.3, 0.1))
    result = await revoke(town.open_desk(pauses=slow), connection.id, progress=come)

    assert ("accepted_not_proved", "refreshed") == (result.outcome, (await held).outcome)
    assert 2 == town.shown(connection.id).generation
    assert [] == living(town)


async def test_many_that_are_held_keep_no_other(town: Town) -> None:
    """More than requests go out at once; the free one is dead long before the wait ends."""
    *held, free = connect(town, AT_ONCE + 4)
    ended: list[str] = []
    async with AsyncExitStack() as stack:
        for each in held:
            await stack.enter_async_context(locks.held(town.settings.home, each.id, 1))
        incident = begin(town.desk, [*held, free], "", ADA)
        working = asyncio.create_task(
            kill(
                town.open_desk(pauses=QUICK._replace(lock=2.0)),
                [*held, free],
                incident,
                ignore,
                ended=lambda result: ended.append(result.name),
            )
        )
        async with asyncio.timeout(1.5):
            while not ended:
                await asyncio.sleep(0.01)

        assert [free.name] == ended
    await working


async def test_many_that_are_throttled_keep_no_other(town: Town) -> None:
    """One organization has to wait, and the others are dead meanwhile."""
    users = [town.world.add_user(f"u{n}@acme.example", f"U {n}", [town.acme]) for n in range(12)]
    throttled = [town.connect(f"t{n}", user=user) for n, user in enumerate(users)]
    free = town.connect("free", organization=town.globex)
    tokens = {town.access_token(each) for each in throttled}

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if str(request.headers.get("Authorization", "")).removeprefix("Bearer ") in tokens:
            return httpx.Response(429, headers={"retry-after": "2"})
        return answer

    desk = town.open_desk(
        transport=Meddling(after), pauses=Pauses(rate_limit=2.5, proof=(0.0, 0.05))
    )
    ended: list[str] = []
    incident = begin(desk, [*throttled, free], "", ADA)
    working = asyncio.create_task(
        kill(
            desk,
            [*throttled, free],
            incident,
            ignore,
            ended=lambda result: ended.append(result.name),
        )
    )
    async with asyncio.timeout(1.8):
        while not ended:
            await asyncio.sleep(0.01)

    assert ["free"] == ended
    working.cancel()
