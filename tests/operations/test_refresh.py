"""Refresh: a refresh token is spent once, and what replaces it is stored before anything else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.errors import Busy, NotFound
from close_tui.model import Tokens
from close_tui.operations.add import set_app
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import freeze
from close_tui.sandbox import faults
from close_tui.sandbox.policies import Policies, Reuse
from close_tui.secret import Secret
from close_tui.vault import locks
from tests.operations.conftest import QUICK, Meddling

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_a_refresh_replaces_both_tokens(town: Town) -> None:
    """Generation, expiry, fingerprint and history move on; the old pair is destroyed."""
    before = await town.tested()
    spent = town.token(before)
    town.clock.advance(1800)

    result = await refresh(town.desk, before.id)

    after = town.shown(before.id)
    assert ("refreshed", 0, 200) == (result.outcome, result.exit_code, result.http_status)
    assert result.detail.startswith("Refreshed; the new access token expires in ")
    assert (2, None, None) == (after.generation, after.intent, after.refused_at)
    assert after.expires_at == pytest.approx(town.clock() + 3600, abs=30)
    assert before.fingerprint != after.fingerprint
    assert spent != town.token(after)
    assert town.is_alive(town.token(after))
    assert ("refresh", "refreshed") == town.told(before)[-1]


async def test_calls_at_the_same_time_share_one_request(town: Town) -> None:
    """Twenty callers at once get one result."""
    connection = town.connect()
    town.world.faults.add(faults.latency(0.1), "refresh")

    results = await asyncio.gather(*(refresh(town.desk, connection.id) for _ in range(20)))

    assert 1 == town.sent()
    assert {"refreshed"} == {result.outcome for result in results}
    assert {} == town.desk.flights


async def test_what_another_process_has_just_renewed_is_adopted(town: Town) -> None:
    """A caller who saw an older generation takes the winner's tokens, and nothing is sent."""
    connection = town.connect()
    other = town.open_desk()
    town.world.faults.add(faults.latency(0.2), "refresh")

    results = await asyncio.gather(refresh(town.desk, connection.id), refresh(other, connection.id))
    late = await refresh(other, connection.id, connection.generation)

    assert ["adopted", "refreshed"] == sorted(result.outcome for result in results)
    assert ("adopted", 0, 1) == (late.outcome, late.exit_code, town.sent())


async def test_a_refused_token_is_kept_and_not_sent_again(town: Town) -> None:
    """``invalid_grant`` asks for authorization and deletes nothing."""
    connection = town.connect()
    spent = town.token(connection)
    town.world.kill(spent)

    first = await refresh(town.desk, connection.id)
    again = await refresh(town.open_desk(), connection.id)

    assert ("needs_authorization", 4) == (first.outcome, first.exit_code)
    assert ("needs_authorization", 4, 1) == (again.outcome, again.exit_code, town.sent())
    assert "needs_authorization" == town.status(connection)
    assert spent == town.token(connection)
    assert None is town.shown(connection.id).intent


async def test_a_refusal_is_not_believed_when_newer_tokens_are_there(town: Town) -> None:
    """Whoever came past the lock has the pair: the loser adopts it."""
    connection = town.connect()
    grant = town.world.authorize_directly(town.registered, town.ada, town.acme)

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        town.desk.vault.replace_tokens(
            connection.id, 1, _tokens(grant.access_token, town.clock()), town.clock()
        )
        return httpx.Response(400, json={"error": "invalid_grant"})

    result = await refresh(town.open_desk(transport=Meddling(after)), connection.id)

    assert "adopted" == result.outcome
    assert None is town.shown(connection.id).refused_at


@pytest.mark.parametrize(
    "fault", [faults.ANSWER_LOST, faults.EMPTY.acting, faults.NON_JSON.acting, faults.DROPPED]
)
async def test_a_lost_answer_allows_exactly_one_more_try(
    town: Town, fault: faults.Fault, policies: Policies
) -> None:
    """The same token is sent twice at most, also after a restart; then only a person helps."""
    policies.reuse = Reuse.GRACE
    connection = await town.tested()
    town.world.faults.add(fault, "refresh", times=None)

    first = await refresh(town.desk, connection.id)
    assert ("refresh_unknown", 6) == (first.outcome, first.exit_code)
    assert "exactly one more time" in first.advice
    assert "refresh_unknown" == town.status(connection)

    second = await refresh(town.open_desk(), connection.id)
    assert "that answer was lost too: authorize again." in second.advice

    town.world.faults.clear()
    for desk in (town.desk, town.open_desk()):
        third = await refresh(desk, connection.id)
        assert ("refresh_unknown", 2) == (third.outcome, town.sent())
        assert "it is not sent again" in third.detail


async def test_a_refresh_whose_process_died_is_known_to_be_lost_at_once(town: Town) -> None:
    """Whoever holds the lock after it knows; the status does not wait for the call's time limit."""
    connection = await town.tested()
    for _ in range(2):
        town.desk.vault.begin_refresh(connection.id, 1, town.clock())
    assert "ok" == town.status(connection)

    result = await refresh(town.open_desk(), connection.id)

    assert ("refresh_unknown", 0) == (result.outcome, town.sent())
    assert "refresh_unknown" == town.status(connection)


async def test_the_one_more_try_brings_the_pair_where_close_repeats_it(
    town: Town, policies: Policies
) -> None:
    """With a grace period nothing was lost after all."""
    policies.reuse = Reuse.GRACE
    connection = await town.tested()
    town.world.faults.add(faults.ANSWER_LOST, "refresh")
    await refresh(town.desk, connection.id)

    result = await refresh(town.desk, connection.id)

    assert ("refreshed", "ok") == (result.outcome, town.status(connection))
    assert town.is_alive(town.token(connection))


async def test_a_token_that_was_replaced_unseen_is_explained(town: Town) -> None:
    """Where the second try is refused, the history says why: the first answer was lost."""
    connection = town.connect()
    town.world.faults.add(faults.ANSWER_LOST, "refresh")
    await refresh(town.desk, connection.id)

    result = await refresh(town.desk, connection.id)

    assert "needs_authorization" == result.outcome
    assert "The answer to an earlier refresh was lost" in result.detail


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (faults.UNAVAILABLE, "unavailable"),
        (faults.BAD_GATEWAY, "unavailable"),
        (faults.rate_limited(3), "rate_limited"),
        (None, "unreachable"),
    ],
)
async def test_trouble_on_the_way_leaves_the_token_as_it_was(
    town: Town, fault: faults.Fault | None, outcome: str
) -> None:
    """5xx, 429, and a connection that is refused: status and token stay, the next one works."""
    connection = await town.tested()
    desk = town.desk if fault else town.cut_off()
    if fault:
        town.world.faults.add(fault, "refresh")

    failed = await refresh(desk, connection.id)

    assert (outcome, 6) == (failed.outcome, failed.exit_code)
    assert ("ok", None) == (town.status(connection), town.shown(connection.id).intent)
    assert "refreshed" == (await refresh(town.desk, connection.id)).outcome


async def test_a_send_that_did_not_arrive_does_not_undo_an_earlier_loss(town: Town) -> None:
    """After a lost answer, trouble on the way neither uses the last try up nor forgets the loss."""
    connection = await town.tested()
    town.world.faults.add(faults.ANSWER_LOST, "refresh")
    await refresh(town.desk, connection.id)
    lost = town.shown(connection.id).intent
    town.world.faults.add(faults.UNAVAILABLE, "refresh")

    for desk in (town.cut_off(), town.desk):
        assert (await refresh(desk, connection.id)).error is not None
        assert ("refresh_unknown", lost) == (
            town.status(connection),
            town.shown(connection.id).intent,
        )


async def test_a_wrong_client_secret_is_not_the_connections_fault(town: Town) -> None:
    """``invalid_client`` leaves the token alone; with the right secret it is refreshed."""
    connection = await town.tested()
    await set_app(town.desk, town.app, client_secret=Secret("wrong"))

    failed = await refresh(town.desk, connection.id)
    assert ("failed", 1, "ok") == (failed.outcome, failed.exit_code, town.status(connection))

    await set_app(town.desk, town.app, client_secret=Secret(town.registered.client_secret))
    assert "refreshed" == (await refresh(town.desk, connection.id)).outcome


async def test_what_may_not_be_refreshed_is_not(town: Town) -> None:
    """Frozen, revoked, removed, without its app: nothing is sent. An API key has nothing to."""
    frozen = town.connect("frozen")
    freeze(town.desk, frozen, "")
    revoked = town.connect("revoked", user=town.bob)
    town.desk.vault.revoked(revoked.id, town.clock(), proved_dead_at=None)
    orphan = town.connect("orphan", organization=town.globex)
    town.desk.vault.remove_app(town.app.id)
    key, _ = await town.connect_key()

    outcomes = {
        each.name: (await refresh(town.desk, each.id)).outcome
        for each in (frozen, revoked, orphan, key)
    }

    assert {
        "frozen": "needs_authorization",
        "revoked": "already_revoked",
        "orphan": "needs_authorization",
        "key": "skipped",
    } == outcomes
    with pytest.raises(NotFound):
        await refresh(town.desk, "conn_none")
    assert 0 == town.sent()


async def test_a_refresh_token_that_is_not_replaced_stays_good(
    town: Town, policies: Policies
) -> None:
    """An answer without one keeps the old one, which the next refresh uses."""
    connection = town.connect()
    kept = town.token(connection)
    policies.omit_refresh_token = True

    first = await refresh(town.desk, connection.id)
    assert ("refreshed", kept) == (first.outcome, town.token(connection))
    assert town.shown(connection.id).can_refresh

    policies.omit_refresh_token = False
    assert "refreshed" == (await refresh(town.desk, connection.id)).outcome
    assert kept != town.token(connection)


async def test_an_authorization_without_refresh_token_says_so(
    town: Town, policies: Policies
) -> None:
    """Close gave none: only a person in a browser can renew it."""
    policies.omit_refresh_token = True
    connection = town.connect()

    result = await refresh(town.desk, connection.id)

    assert ("needs_authorization", 0) == (result.outcome, town.sent())
    assert "Close gave no refresh token" in result.detail


async def test_a_lock_held_elsewhere_says_only_that(town: Town) -> None:
    """Another close-tui is at work: nothing is said of the connection, nothing is changed."""
    connection = await town.tested()
    desk = town.open_desk(pauses=QUICK._replace(lock=0.1))
    async with locks.held(town.settings.home, connection.id, 1):
        result = await refresh(desk, connection.id)

    assert isinstance(result.error, Busy)
    assert ("skipped", 6, 0) == (result.outcome, result.exit_code, town.sent())
    assert "ok" == town.status(connection)


def _tokens(access_token: str, now: float) -> Tokens:
    return Tokens(Secret(access_token), Secret("refresh"), now + 3600)
