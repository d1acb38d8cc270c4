"""The grant that a newer one replaces: revoked, proved dead, or kept to try again."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest

from close_tui.errors import NeedsAuthorization, OldGrantAlive
from close_tui.model import Connection, Result
from close_tui.operations.authorize import Authorization, authorize
from close_tui.operations.old_grant import old_grants, revoke_old_grant
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.test import test as call_me
from close_tui.sandbox import faults
from tests.operations.conftest import Meddling
from tests.operations.test_authorize import by_paste, paster

if TYPE_CHECKING:
    from close_tui.operations.desk import Desk
    from close_tui.sandbox.policies import Policies
    from tests.operations.conftest import Town


class Pair(NamedTuple):
    """An access and a refresh token."""

    access: str
    refresh: str


def pair(town: Town, connection: Connection) -> Pair:
    """Return the tokens that are stored."""
    return Pair(town.access_token(connection), town.token(connection))


def alive(town: Town, tokens: Pair) -> list[bool]:
    """Tell of each token whether the sandbox accepts it."""
    return [town.is_alive(token) for token in tokens]


async def again(town: Town, desk: Desk | None = None) -> Result:
    """Authorize the connection ``acme`` once more."""
    return await by_paste(town, name="acme", desk=desk)


@pytest.fixture
async def connection(town: Town) -> Connection:
    """An authorization that was tested."""
    return await town.tested()


async def test_the_old_grant_is_dead_and_the_new_one_answers(
    town: Town, connection: Connection
) -> None:
    """Refresh token, then access token: 200 before, 401 after; the new tokens 200 to the end."""
    old = pair(town, connection)

    result = await again(town)

    assert ("authorized", 0) == (result.outcome, result.exit_code)
    assert "Its old grant is dead, proved at 2027-01-15T08:00:00Z." in result.detail
    assert [False, False] == alive(town, old)
    assert [True, True] == alive(town, pair(town, connection))
    assert [] == town.desk.vault.superseded(connection)
    assert [] == old_grants(town.desk)
    assert "ok" == town.status(connection)


async def test_every_request_is_in_the_history(town: Town, connection: Connection) -> None:
    """What was sent, with which kind of token of which generation, and what came back."""
    await again(town)
    told = list(reversed(town.history(connection)))
    sent = [(json.loads(e.facts), e.http_status) for e in told if e.verb == "request"]

    assert [
        ("GET /api/v1/me/", "access_token", 1, 200),
        ("POST /oauth2/revoke/", "refresh_token", 1, 200),
        ("POST /oauth2/revoke/", "access_token", 1, 200),
        ("GET /api/v1/me/", "access_token", 1, 401),
        ("GET /api/v1/me/", "access_token", 2, 200),
    ] == [(f["request"], f["credential"], f["generation"], status) for f, status in sent]
    assert ("revoke", "dead_proved") in town.told(connection)


async def test_access_tokens_that_refreshes_replaced_die_with_the_old_grant(
    town: Town, connection: Connection
) -> None:
    """They have not expired, so each of them would still open the organization."""
    first = pair(town, connection)
    await refresh(town.desk, connection.id)
    second = pair(town, connection)

    result = await again(town)

    assert "dead, proved" in result.detail
    assert [False] * 4 == alive(town, first) + alive(town, second)
    assert [True, True] == alive(town, pair(town, connection))


async def test_what_could_not_be_revoked_is_kept_and_tried_again(
    town: Town, connection: Connection
) -> None:
    """The new tokens are good at once; the old ones die when Close can be reached."""
    old = pair(town, connection)
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)

    result = await again(town)

    assert ("authorized", 0) == (result.outcome, result.exit_code)
    assert "The old grant is still alive" in result.detail
    assert "revoke --pending" in result.advice
    assert [True, True] == alive(town, old)
    assert [connection.id] == [each.id for each in old_grants(town.desk)]
    assert ("revoke", "failed") == town.told(connection)[-1]

    town.world.faults.clear()
    # A refresh of the new grant in between leaves an access token that is not the old grant's.
    await refresh(town.desk, connection.id)
    (waiting,) = old_grants(town.desk)
    done = await revoke_old_grant(town.open_desk(), waiting)

    assert ("dead_proved", 0) == (done.outcome, done.exit_code)
    assert [False, False] == alive(town, old)
    assert [3] == [e.generation + 1 for e in town.desk.vault.superseded(connection)]
    assert "skipped" == (await revoke_old_grant(town.desk, waiting)).outcome


async def test_two_old_grants_die_together(town: Town, connection: Connection) -> None:
    """Authorized twice while nothing could be revoked."""
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)
    first = pair(town, connection)
    await again(town)
    second = pair(town, connection)
    await again(town)
    town.world.faults.clear()
    (waiting,) = old_grants(town.desk)

    assert "dead_proved" == (await revoke_old_grant(town.desk, waiting)).outcome
    assert [False] * 4 == alive(town, first) + alive(town, second)
    assert [True, True] == alive(town, pair(town, connection))


async def test_an_old_grant_that_goes_on_answering_is_not_called_dead(
    town: Town, connection: Connection, policies: Policies
) -> None:
    """A server that accepts and does nothing: it is kept, and the failure says 8."""
    policies.revoke_acts = False

    result = await again(town)
    (waiting,) = old_grants(town.desk)
    done = await revoke_old_grant(town.desk, waiting)

    assert "still answers to its access token" in result.detail
    assert ("failed", 8) == (done.outcome, done.exit_code)
    assert isinstance(done.error, OldGrantAlive)


async def test_a_server_that_ends_both_grants_is_said_loudly(
    town: Town, connection: Connection, policies: Policies
) -> None:
    """The new tokens are tried last; when they died too, a person must authorize again."""
    policies.revoke_ends_authorization = True

    result = await again(town)

    assert ("needs_authorization", 4) == (result.outcome, result.exit_code)
    assert "Close refuses the new tokens too" in result.detail
    assert "Authorize again" in result.advice
    assert isinstance(result.error, NeedsAuthorization)
    assert "rejected" == town.status(connection)
    assert [] == old_grants(town.desk)


async def test_a_refresh_in_between_is_not_mistaken_for_a_death(
    town: Town, connection: Connection, policies: Policies
) -> None:
    """The new access token was refused because another process had just replaced it."""
    policies.rotation_kills_access = True
    other = town.open_desk()
    flights: list[asyncio.Task[Result]] = []

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if "revoke" in request.url.path and not flights:
            town.world.faults.add(faults.late_answer(0.3), "refresh")
            flights.append(asyncio.create_task(refresh(other, connection.id)))
            await asyncio.sleep(0.15)
        return answer

    result = await again(town, town.open_desk(transport=Meddling(after)))

    assert ("authorized", "refreshed") == (result.outcome, (await flights[0]).outcome)
    assert ("ok", 3) == (town.status(connection), town.shown(connection.id).generation)


async def test_new_tokens_that_do_not_answer_spare_the_old_ones(
    town: Town, connection: Connection
) -> None:
    """Nothing is revoked before the new grant was seen to work."""
    town.world.faults.add(faults.UNAVAILABLE, "me", times=None)
    old = pair(town, connection)

    result = await again(town)

    assert "were not seen to answer" in result.detail
    assert (0, [True, True]) == (town.sent("revoke"), alive(town, old))
    town.world.faults.clear()
    assert "ok" == (await call_me(town.desk, connection.id)).outcome
    assert "dead_proved" == (await revoke_old_grant(town.desk, connection)).outcome


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ("expired", "Its access token has expired"),
        ("refused", "Its refresh token was refused before"),
        ("lost", "The answer to its last refresh was lost"),
    ],
)
async def test_a_death_that_cannot_be_proved_is_not_claimed(
    town: Town, connection: Connection, trouble: str, why: str
) -> None:
    """The doubt outlives the facts that it came from, which the new grant has cleared."""
    vault, now = town.desk.vault, town.clock()
    if trouble == "expired":
        town.clock.advance(3601)
    elif trouble == "refused":
        vault.refuse_refresh(connection.id, 1, now)
    else:
        vault.begin_refresh(connection.id, 1, now)
        vault.lost_refresh(connection.id, now)
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)
    await again(town)
    town.world.faults.clear()

    done = await revoke_old_grant(town.desk, connection)

    assert ("accepted_not_proved", 8) == (done.outcome, done.exit_code)
    assert why in done.detail
    assert [] == old_grants(town.desk)


async def test_an_imported_grant_is_left_to_the_machine_that_uses_it(
    town: Town, connection: Connection
) -> None:
    """Authorizing here must not end what another machine works with; unless that is wanted."""
    old = pair(town, connection)
    _import(town, connection)

    result = await again(town)

    assert "left alone" in result.detail
    assert (0, [True, True]) == (town.sent("revoke"), alive(town, old))
    assert [] == old_grants(town.desk)

    second = pair(town, connection)
    _import(town, connection)
    paste = paster(town)

    async def started(under_way: Authorization) -> None:
        under_way.revokes_imported = True
        await paste(under_way)

    wanted = await authorize(town.desk, town.app, started, name="acme", listen=False)

    assert "the machine that it came from may hold newer tokens" in wanted.detail
    assert [False, False] == alive(town, second)
    # What was granted here is nobody else's.
    assert "dead, proved" in (await again(town)).detail


async def test_the_same_refresh_token_again_is_not_revoked(
    town: Town, connection: Connection
) -> None:
    """A server may answer a second consent with the token that it gave before."""
    old = pair(town, connection)

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path != "/oauth2/token/":
            return answer
        return httpx.Response(200, json=answer.json() | {"refresh_token": old.refresh})

    result = await again(town, town.open_desk(transport=Meddling(after)))

    assert ("authorized", 0) == (result.outcome, town.sent("revoke"))
    assert old.refresh == town.token(connection)
    assert [] == old_grants(town.desk)


async def test_a_grant_without_a_refresh_token_is_revoked_too(
    town: Town, policies: Policies
) -> None:
    """Its access token is all there is."""
    policies.omit_refresh_token = True
    connection = await town.tested()
    old = town.access_token(connection)

    result = await again(town)

    assert "dead, proved" in result.detail
    assert (False, 1) == (town.is_alive(old), town.sent("revoke"))


async def test_revoking_the_connection_takes_what_is_left_of_its_old_grant(
    town: Town, connection: Connection
) -> None:
    """Then it is not tried again on its own."""
    town.world.faults.add(faults.UNAVAILABLE, "revoke", times=None)
    old = pair(town, connection)
    await again(town)
    town.world.faults.clear()

    assert "dead_proved" == (await revoke(town.desk, connection.id)).outcome
    assert [False, False] == alive(town, old)
    assert [] == old_grants(town.desk)
    assert "already_revoked" == (await revoke_old_grant(town.desk, connection)).outcome


async def test_a_new_connection_has_no_old_grant(town: Town) -> None:
    """Another user of the same organization is another connection."""
    connection = await town.tested()
    town.world.signed_in_user = town.bob

    result = await by_paste(town)

    assert connection.id != result.id
    assert 0 == town.sent("revoke")
    assert not [e for e in town.history(town.shown(result.id)) if e.verb == "revoke"]


def _import(town: Town, connection: Connection) -> None:
    """Let a connection be one that came from another machine's export."""
    town.desk.vault.database.change(
        "UPDATE connections SET imported_at = ? WHERE id = ?", town.clock(), connection.id
    )
