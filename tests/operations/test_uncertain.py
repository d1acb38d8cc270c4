"""A 401 is a death only when it is certainly Close's: anything on the way can answer one too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.model import SecretKind
from close_tui.operations.pending import retry
from close_tui.operations.revoke import revoke
from close_tui.operations.test import test as call_me
from tests.operations.conftest import Meddling

if TYPE_CHECKING:
    from close_tui.operations.desk import Desk
    from tests.operations.conftest import Town

EMPTY = httpx.Response(401)
PAGE = httpx.Response(401, html="<h1>Sign in to the hotel</h1>")
CERTAIN = httpx.Response(401, headers={"www-authenticate": "Bearer"})


def portal(town: Town, answer: httpx.Response, *, since: int = 0, times: int = 1000) -> Desk:
    """Sit down where something answers so to ``/me/``: after so many calls, so many times."""
    calls = 0

    async def after(request: httpx.Request, true: httpx.Response) -> httpx.Response:
        nonlocal calls
        if request.url.path != "/api/v1/me/":
            return true
        calls += 1
        return answer if since < calls <= since + times else true

    return town.open_desk(transport=Meddling(after))


@pytest.mark.parametrize("answer", [EMPTY, PAGE])
async def test_a_portal_proves_no_death_of_an_authorization(
    town: Town, answer: httpx.Response
) -> None:
    """The revocation is accepted, its proof is open, and the tokens are kept for it."""
    connection = town.connect()

    first = await revoke(portal(town, answer, since=1), connection.id)

    assert ("accepted_not_proved", 8) == (first.outcome, first.exit_code)
    assert "could not be asked" in first.detail
    assert town.desk.vault.secret(connection, SecretKind.ACCESS_TOKEN) is not None
    (second,) = await retry(town.desk, lambda _: None)
    assert "dead_proved" == second.outcome


@pytest.mark.parametrize("answer", [EMPTY, PAGE])
async def test_a_portal_destroys_no_key(town: Town, answer: httpx.Response) -> None:
    """However often it says 401: the key lives at Close, and stays sealed here."""
    connection, _ = await town.connect_key()
    town.clock.advance(10)

    result = await revoke(portal(town, answer), connection.id)

    assert ("by_hand", "revoking") == (result.outcome, town.status(connection))
    assert town.desk.vault.secret(connection, SecretKind.API_KEY) is not None


async def test_one_refusal_destroys_no_key_that_was_not_seen_to_answer(town: Town) -> None:
    """A second look, a while later, finds it alive."""
    connection, _ = await town.connect_key()
    town.clock.advance(10)

    result = await revoke(portal(town, CERTAIN, times=1), connection.id)

    assert ("by_hand", "revoking") == (result.outcome, town.status(connection))
    assert town.desk.vault.secret(connection, SecretKind.API_KEY) is not None


async def test_a_challenge_is_closes_own_word(town: Town) -> None:
    """RFC 9110 §11.6.1: who answers 401 to a credential says which one it wants."""
    connection, _ = await town.connect_key()
    town.clock.advance(10)

    result = await revoke(portal(town, CERTAIN), connection.id)

    assert ("already_revoked", "revoked") == (result.outcome, town.status(connection))


async def test_a_test_call_tells_what_was_answered(town: Town) -> None:
    """It decides nothing for good, so any 401 is one."""
    connection = town.connect()

    assert "rejected" == (await call_me(portal(town, EMPTY), connection.id)).outcome
