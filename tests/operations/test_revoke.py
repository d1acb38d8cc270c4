"""Revoke: freeze, kill, prove, forget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.errors import NotFound
from close_tui.model import Connection
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults
from close_tui.sandbox.policies import Policies
from tests.operations.conftest import Meddling

if TYPE_CHECKING:
    from tests.operations.conftest import Town


def sealed(town: Town, connection: Connection) -> int:
    """Return how many sealed secrets of a connection there are."""
    return len(
        town.desk.vault.database.rows("SELECT 1 FROM secrets WHERE owner = ?", connection.id)
    )


async def test_a_revocation_is_proved_and_the_secrets_are_destroyed(town: Town) -> None:
    """It answered after the freeze and gets 401 after the revocation: dead."""
    connection = await town.tested()
    pair = (town.token(connection), town.access_token(connection))
    steps: list[str] = []

    result = await revoke(town.desk, connection.id, reason="leaked", progress=steps.append)

    after = town.shown(connection.id)
    assert ("dead_proved", 0, 200) == (result.outcome, result.exit_code, result.http_status)
    assert "Dead, proved at 2027-01-15T08:00:00Z" in result.detail
    assert ["frozen", "refresh_token_revoked", "access_token_revoked", "proving"] == steps
    assert [False, False] == [town.is_alive(token) for token in pair]
    assert ("revoked", 0, town.clock()) == (
        town.status(connection),
        sealed(town, connection),
        after.proved_dead_at,
    )
    assert [("freeze", "ok", "leaked"), ("revoke", "dead_proved", "leaked")] == [
        (e.verb, e.outcome, e.reason) for e in reversed(town.history(connection)[:2])
    ]


async def test_what_was_revoked_before_says_so(town: Town) -> None:
    """Nothing is sent again; the time is told."""
    connection = town.connect()
    await revoke(town.desk, connection.id)
    sent = town.sent("revoke")

    again = await revoke(town.open_desk(), connection.id)

    assert ("already_revoked", 4, sent) == (again.outcome, again.exit_code, town.sent("revoke"))
    assert "2027-01-15T08:00:00Z" in again.detail
    with pytest.raises(NotFound):
        await revoke(town.desk, "conn_none")


async def test_the_death_of_an_expired_token_proves_nothing(town: Town) -> None:
    """Accepted, not proved: 8; what is left is worthless and destroyed at the next occasion."""
    connection = town.connect()
    town.clock.advance(3600)

    result = await revoke(town.desk, connection.id)

    assert ("accepted_not_proved", 8) == (result.outcome, result.exit_code)
    assert "its access token has expired" in result.detail
    assert ("revoked", 2) == (town.status(connection), sealed(town, connection))
    town.clock.advance(1)
    assert "already_revoked" == (await revoke(town.desk, connection.id)).outcome
    assert 0 == sealed(town, connection)


async def test_unlocking_destroys_what_revocations_have_left(town: Town) -> None:
    """Secrets of an accepted revocation live no longer than their access token would."""
    connection = town.connect()
    town.desk.vault.revoked(connection.id, town.clock(), proved_dead_at=None)
    await town.open_desk().unlock()
    assert 2 == sealed(town, connection)
    town.clock.advance(3601)

    await town.open_desk().unlock()

    assert 0 == sealed(town, connection)


async def test_a_refresh_in_flight_stores_its_pair_and_the_newest_is_revoked(town: Town) -> None:
    """The freeze does not wait, the revocation does: afterwards nothing can come back."""
    connection = town.connect()
    other = town.open_desk()
    town.world.faults.add(faults.late_answer(0.3), "refresh")
    flight = asyncio.create_task(refresh(other, connection.id))
    while town.shown(connection.id).intent is None:
        await asyncio.sleep(0.01)

    result = await revoke(town.desk, connection.id)

    assert ("refreshed", "dead_proved") == ((await flight).outcome, result.outcome)
    assert (2, 1) == (town.shown(connection.id).generation, town.sent())
    # The access token that the refresh replaced would have lived on: it is revoked as well.
    assert [] == [text for text in town.world.grants._tokens if town.is_alive(text)]
    assert "already_revoked" == (await refresh(other, connection.id)).outcome


async def test_unsaved_tokens_are_saved_and_revoked(town: Town) -> None:
    """What a failed commit has left in memory is the newest pair: that one must die."""
    connection = town.connect()

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == "/oauth2/token/":
            town.read_only(desk)
        return answer

    desk = town.open_desk(transport=Meddling(after))
    await refresh(desk, connection.id)
    newest = desk.unsaved[connection.id][1].tokens
    town.read_only(desk, on=False)

    result = await revoke(desk, connection.id)

    assert "dead_proved" == result.outcome
    assert newest.refresh_token is not None
    assert not town.is_alive(newest.refresh_token.reveal())
    assert {} == desk.unsaved


async def test_after_a_lost_refresh_death_is_not_claimed(town: Town) -> None:
    """Close may have issued a pair that nobody has seen: the proof would prove too little."""
    connection = town.connect()
    town.world.faults.add(faults.ANSWER_LOST, "refresh")
    await refresh(town.desk, connection.id)

    result = await revoke(town.desk, connection.id)

    assert ("accepted_not_proved", 8) == (result.outcome, result.exit_code)
    assert "newer tokens may exist" in result.detail
    again = await revoke(town.open_desk(), connection.id)
    assert "accepted_not_proved" == again.outcome


async def test_death_may_take_a_moment(town: Town, policies: Policies) -> None:
    """The proof is tried again while a server's cache still answers."""
    policies.revoke_delay_s = 5
    connection = town.connect()
    loop = asyncio.get_running_loop()

    def later(step: str) -> None:
        if step == "proving":
            loop.call_later(0.1, town.clock.advance, 10)

    result = await revoke(town.desk, connection.id, progress=later)

    assert "dead_proved" == result.outcome
    assert town.sent("me") > 2


@pytest.mark.parametrize("status", [400, 405])
async def test_a_server_that_revokes_refresh_tokens_only_is_judged_by_the_proof(
    town: Town, policies: Policies, status: int
) -> None:
    """RFC 7009 §2.2.1: the access token goes with the refresh token, whatever is said of it."""
    policies.revoke_kills_access = True
    connection = town.connect()
    revocations = 0

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        nonlocal revocations
        revocations += request.url.path == "/oauth2/revoke/"
        if request.url.path == "/oauth2/revoke/" and revocations == 2:
            return httpx.Response(status, json={"error": "unsupported_token_type"})
        return answer

    steps: list[str] = []
    desk = town.open_desk(transport=Meddling(after))
    result = await revoke(desk, connection.id, progress=steps.append)

    assert "dead_proved" == result.outcome
    assert ["frozen", "refresh_token_revoked", "proving"] == steps
