"""New tokens that cannot be stored when they come: kept, saved late, given back, or mourned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.errors import AlreadyRevoked, NotFound, VaultError
from close_tui.model import Grant, Tokens
from close_tui.operations.desk import Desk
from close_tui.operations.grant import keep
from close_tui.operations.keep import remove
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.sandbox import faults
from close_tui.sandbox.policies import Policies, Reuse
from close_tui.secret import Secret
from tests.operations.conftest import QUICK, Meddling

if TYPE_CHECKING:
    from close_tui.model import Connection
    from tests.operations.conftest import Town

RESCUE = QUICK._replace(rescue=0.7)


def living(town: Town) -> list[str]:
    """Every refresh token that the sandbox would accept."""
    tokens = town.world.grants._tokens.items()
    return [text for text, token in tokens if token.is_refresh and town.is_alive(text)]


async def with_unsaved_tokens(town: Town, connection: Connection) -> Desk:
    """Return a desk that has refreshed and could not store what came."""

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == "/oauth2/token/":
            town.read_only(desk)
        return answer

    desk = town.open_desk(transport=Meddling(after), pauses=RESCUE)
    assert 7 == (await refresh(desk, connection.id)).exit_code
    assert [connection.id] == list(desk.unsaved)
    return desk


async def test_unsaved_tokens_do_not_come_back_into_a_revoked_connection(town: Town) -> None:
    """Another process has revoked it meanwhile: they are revoked at Close, and that is said."""
    connection = town.connect()
    desk = await with_unsaved_tokens(town, connection)
    revoked = await revoke(town.desk, connection.id)
    assert ("accepted_not_proved", 8) == (revoked.outcome, revoked.exit_code)
    assert 1 == len(living(town))
    town.read_only(desk, on=False)

    result = await refresh(desk, connection.id)

    assert isinstance(result.error, AlreadyRevoked)
    assert "The tokens that came meanwhile were revoked at Close." in result.detail
    assert ([], {}) == (living(town), desk.unsaved)
    assert (1, "revoked") == (town.shown(connection.id).generation, town.status(connection))
    assert ("revoke", "accepted_not_proved") in town.told(connection)[-2:]


async def test_what_cannot_be_given_back_is_kept_for_the_next_try(town: Town) -> None:
    """Close did not answer: the pair stays in memory, and the person knows what still lives."""
    connection = town.connect()
    desk = await with_unsaved_tokens(town, connection)
    await revoke(town.desk, connection.id)
    town.read_only(desk, on=False)
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)

    failed = await refresh(desk, connection.id)
    assert "Close still accepts them" in failed.detail
    assert "remove the app's access in Close" in failed.advice
    assert (1, [connection.id]) == (len(living(town)), list(desk.unsaved))

    town.world.faults.clear()
    assert "were revoked at Close" in (await refresh(desk, connection.id)).detail
    assert ([], {}) == (living(town), desk.unsaved)


async def test_a_pair_that_comes_for_a_removed_connection_is_revoked(town: Town) -> None:
    """Nobody would hold it any more, and Close would accept it for ever."""
    connection = town.connect()

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path == "/oauth2/token/":
            remove(town.desk, connection)
        return answer

    result = await refresh(town.open_desk(transport=Meddling(after)), connection.id)

    assert isinstance(result.error, NotFound)
    assert "The tokens that came meanwhile were revoked at Close." in result.detail
    assert [] == living(town)
    assert ("revoke", "accepted_not_proved") in town.told(connection)


async def test_unsaved_tokens_of_a_removed_connection_are_revoked(town: Town) -> None:
    """The same, when it was removed after they had come."""
    connection = town.connect()
    desk = await with_unsaved_tokens(town, connection)
    remove(town.desk, connection)
    town.read_only(desk, on=False)

    with pytest.raises(NotFound, match="were revoked at Close"):
        await refresh(desk, connection.id)

    assert ([], {}) == (living(town), desk.unsaved)


async def test_a_close_that_revokes_refresh_tokens_only_has_taken_them_back(town: Town) -> None:
    """RFC 7009 §2.2.1: it may refuse the access token's revocation; that ends within the hour."""
    connection = town.connect()
    desk = await with_unsaved_tokens(town, connection)
    remove(town.desk, connection)
    town.read_only(desk, on=False)
    answers = iter([httpx.Response(200), httpx.Response(400, json={"error": "invalid_request"})])

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return next(answers)

    desk._close = None
    desk._transport = Meddling(after)

    with pytest.raises(NotFound, match="were revoked at Close"):
        await refresh(desk, connection.id)


@pytest.mark.parametrize("what", ["saved", "revoked"])
async def test_leaving_gives_unsaved_tokens_a_last_chance(town: Town, what: str) -> None:
    """With room again they are stored; of a connection that has ended, they are revoked."""
    connection = town.connect()
    desk = await with_unsaved_tokens(town, connection)
    if what == "revoked":
        await revoke(town.desk, connection.id)
    town.read_only(desk, on=False)

    (result,) = await desk.leave()

    if what == "saved":
        assert ("refreshed", 0) == (result.outcome, result.exit_code)
        assert [town.token(town.shown(connection.id))] == living(town)
    else:
        assert ("already_revoked", []) == (result.outcome, living(town))


async def test_leaving_says_what_is_lost(town: Town) -> None:
    """After the last chance the person is told to authorize again, and the status says why."""
    connection = await town.tested()
    desk = await with_unsaved_tokens(town, connection)

    (result,) = await desk.leave()

    assert isinstance(result.error, VaultError)
    assert "The new tokens of acme could not be saved and are lost." in result.detail
    assert result.advice.startswith("Authorize it again")
    town.clock.advance(41)
    assert "refresh_unknown" == town.status(connection)


async def test_leaving_with_nothing_unsaved_has_nothing_to_say(town: Town) -> None:
    """The usual case."""
    assert [] == await town.open_desk().leave()


async def test_authorizing_anew_ends_the_wait_of_unsaved_tokens(town: Town) -> None:
    """They belong to the authorization that was replaced: leaving has nothing to save or say."""
    connection = town.connect()
    desk = await with_unsaved_tokens(town, connection)
    town.read_only(desk, on=False)
    given = town.world.authorize_directly(town.registered, town.ada, town.acme)
    tokens = Tokens(Secret(given.access_token), Secret(given.refresh_token or ""), town.clock() + 9)
    grant = Grant(tokens, town.acme.id, town.ada.id)
    desk._close, desk._transport = None, None

    kept = await keep(
        desk, town.app, desk.vault.client(town.app), grant, name=None, organization_id=None
    )

    assert (connection.id, {}) == (kept.id, desk.unsaved)
    assert [] == await desk.leave()
    assert given.refresh_token == town.token(connection)


async def test_after_a_lost_answer_no_later_revocation_claims_a_proof(
    town: Town, policies: Policies
) -> None:
    """Close may have given a pair that nobody has seen; trying again does not change that."""
    policies.reuse = Reuse.PLAIN
    connection = town.connect()
    town.world.faults.add(faults.ANSWER_LOST, "refresh")
    await refresh(town.desk, connection.id)

    for _ in range(2):
        result = await revoke(town.desk, connection.id)

        assert ("accepted_not_proved", 8) == (result.outcome, result.exit_code)
        assert "newer tokens may exist" in result.detail
    assert 1 == len(living(town))


async def test_a_refused_refresh_token_proves_no_death(town: Town, policies: Policies) -> None:
    """Whoever has replaced it holds a pair that this revocation does not reach."""
    policies.reuse = Reuse.PLAIN
    connection = town.connect()
    town.world.spend(town.token(connection))
    assert "needs_authorization" == (await refresh(town.desk, connection.id)).outcome

    result = await revoke(town.desk, connection.id)

    assert ("accepted_not_proved", 8) == (result.outcome, result.exit_code)
    assert "its refresh token was refused before" in result.detail
    assert 1 == len(living(town))


async def test_who_is_in_a_hurry_gets_one_more_try(town: Town) -> None:
    """Without a time to wait, a vault that can be written has the tokens all the same."""
    connection = town.connect()
    desk = await with_unsaved_tokens(town, connection)
    town.read_only(desk, on=False)
    desk.pauses = desk.pauses._replace(rescue=0.0)

    (result,) = await desk.leave()

    assert "refreshed" == result.outcome
    assert [town.token(town.shown(connection.id))] == living(town)
