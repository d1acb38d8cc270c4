"""Proof: every access token that may live is revoked and tried, those that were replaced too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.model import SecretKind
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults
from close_tui.sandbox.policies import Policies
from tests.operations.conftest import Meddling

if TYPE_CHECKING:
    from close_tui.model import Connection
    from tests.operations.conftest import Town


async def refreshed(town: Town, times: int = 1) -> tuple[Connection, list[str]]:
    """Store an authorization that was refreshed; return all its access tokens, oldest first."""
    connection = town.connect()
    tokens = [town.access_token(connection)]
    for _ in range(times):
        assert "refreshed" == (await refresh(town.desk, connection.id)).outcome
        tokens.append(town.access_token(connection))
    return town.shown(connection.id), tokens


def bearer(request: httpx.Request) -> str:
    """Return the access token of a request, or an empty text."""
    return str(request.headers.get("Authorization", "")).removeprefix("Bearer ")


async def test_access_tokens_that_were_replaced_are_killed_and_proved(town: Town) -> None:
    """They answered until now: a refresh does not end them."""
    connection, tokens = await refreshed(town, times=2)
    assert [True] * 3 == [town.is_alive(token) for token in tokens]

    result = await revoke(town.desk, connection.id)

    assert "dead_proved" == result.outcome
    assert [False] * 3 == [town.is_alive(token) for token in tokens]
    assert (6, 4) == (town.sent("me"), town.sent("revoke"))
    assert [] == town.desk.vault.superseded(connection)


async def test_one_that_expired_meanwhile_asks_for_nothing(town: Town) -> None:
    """Time has killed it: only the present one is sent and proved."""
    connection = town.connect()
    town.clock.advance(1800)
    await refresh(town.desk, connection.id)
    town.clock.advance(1801)

    assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome
    assert (2, 2) == (town.sent("me"), town.sent("revoke"))


async def test_where_a_refresh_ends_the_old_one_nothing_is_proved_by_it(
    town: Town, policies: Policies
) -> None:
    """It gets 401 before the revocation already, and is not asked again."""
    policies.rotation_kills_access = True
    connection, _ = await refreshed(town)

    assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome
    assert 3 == town.sent("me")


async def test_a_replaced_one_that_still_answers_is_no_death(town: Town) -> None:
    """Failed, still alive; everything is kept, and the next revocation ends it."""
    connection, (old, _) = await refreshed(town)

    class Sparing(httpx.AsyncHTTPTransport):
        """A Close that accepts the revocation of one token and forgets it."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/oauth2/revoke/" and old.encode() in await request.aread():
                return httpx.Response(200, stream=httpx.ByteStream(b""))
            return await super().handle_async_request(request)

    result = await revoke(town.open_desk(transport=Sparing()), connection.id)

    assert ("failed", 8, "revoking") == (
        result.outcome,
        result.exit_code,
        town.status(connection),
    )
    assert "still answers" in result.detail
    assert [old] == [each.secret.reveal() for each in town.desk.vault.superseded(connection)]
    assert "dead_proved" == (await revoke(town.open_desk(), connection.id)).outcome
    assert not town.is_alive(old)


@pytest.mark.parametrize("which", [0, 1])
async def test_a_token_that_cannot_be_asked_leaves_the_proof_open(town: Town, which: int) -> None:
    """Whichever it is: trouble on the way is never taken for death."""
    connection, tokens = await refreshed(town)

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(502) if bearer(request) == tokens[which] else answer

    result = await revoke(town.open_desk(transport=Meddling(after)), connection.id)

    assert ("accepted_not_proved", 8) == (result.outcome, result.exit_code)
    assert "could not be asked" in result.detail
    assert town.desk.vault.secret(connection, SecretKind.REFRESH_TOKEN) is not None


async def test_what_answered_since_the_freeze_is_not_asked_again(town: Town) -> None:
    """A revocation that is tried again needs one answer less for the same proof."""
    connection = town.connect()
    town.clock.advance(1)
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=2)
    await revoke(town.desk, connection.id)
    assert 1 == town.sent("me")

    again = await revoke(town.open_desk(), connection.id)

    assert ("dead_proved", 2) == (again.outcome, town.sent("me"))


async def test_nothing_is_ever_proved_by_a_refresh(town: Town) -> None:
    """No refresh token is spent, whatever goes wrong."""
    connection, _ = await refreshed(town)
    sent = town.sent()
    town.world.faults.add(faults.UNAVAILABLE, "me", times=None)

    await revoke(town.desk, connection.id)

    assert sent == town.sent()
