"""Test: who answers, and what trouble on the way does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.errors import Frozen, NeedsAuthorization, NotFound, Tampered
from close_tui.operations import test as verb
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import freeze
from close_tui.sandbox import faults
from tests.operations.conftest import Meddling

if TYPE_CHECKING:
    from tests.operations.conftest import Town

TROUBLE = [
    (faults.rate_limited(7), "rate_limited", 6),
    (faults.UNAVAILABLE, "unavailable", 6),
    (faults.NON_JSON, "unavailable", 6),
    (faults.ANSWER_LOST, "unreachable", 6),
]


async def test_an_answer_says_who_where_how_fast_and_how_much_is_left(town: Town) -> None:
    """It is given, described, stored as the last check, and written into the history."""
    connection = town.connect()

    result = await verb.test(town.desk, connection.id)

    answer, stored = result.answer, town.shown(connection.id)
    assert answer is not None
    assert ("ok", 0, 200) == (result.outcome, result.exit_code, result.http_status)
    assert (town.ada.id, "ada@acme.example", "Ada Byron") == answer.user
    assert [(town.acme.id, "Acme")] == [tuple(o) for o in answer.organizations]
    assert answer.latency_ms > 0
    assert answer.rate_limit is not None
    assert "ada@acme.example at Acme" in result.detail
    assert "999999 of 1e+06 requests left" in result.detail
    assert stored.last_check is not None
    assert ("ok", 200, answer.rate_limit, 1) == (
        stored.last_check.outcome,
        stored.last_check.http_status,
        stored.last_check.rate_limit,
        stored.last_check.generation,
    )
    assert (answer.user, "ok", [("test", "ok")]) == (
        stored.user,
        town.status(stored),
        town.told(stored),
    )


async def test_an_expired_token_is_refreshed_first(town: Town) -> None:
    """One refresh, then the call with the new token."""
    connection = town.connect()
    town.clock.advance(3600)

    result = await verb.test(town.desk, connection.id)

    assert ("ok", 1, 1) == (result.outcome, town.sent("refresh"), town.sent("me"))
    assert ("ok", 2) == (town.status(connection), town.shown(connection.id).generation)


async def test_an_expired_token_that_cannot_be_refreshed_is_not_tried(town: Town) -> None:
    """The refresh's trouble is the answer; ``/me/`` is not asked."""
    connection = town.connect()
    town.clock.advance(3600)
    town.world.kill(town.token(connection))

    result = await verb.test(town.desk, connection.id)

    assert ("test", "needs_authorization", 4) == (result.verb, result.outcome, result.exit_code)
    assert 0 == town.sent("me")


async def test_a_refused_token_is_rejected_until_it_is_replaced(town: Town) -> None:
    """401 changes the status, and advises a refresh; the next generation is not rejected."""
    connection = await town.tested()
    town.world.kill(town.access_token(connection))

    result = await verb.test(town.desk, connection.id)

    assert ("rejected", 1, 401) == (result.outcome, result.exit_code, result.http_status)
    assert result.advice.startswith("Refresh it")
    assert "rejected" == town.status(connection)
    await refresh(town.desk, connection.id)
    assert "ok" == (await verb.test(town.desk, connection.id)).outcome
    assert "ok" == town.status(connection)


async def test_a_deleted_key_is_rejected(town: Town) -> None:
    """A key has nothing to refresh, and the advice does not say so."""
    connection, key = await town.connect_key()
    town.world.kill(key.text)

    result = await verb.test(town.desk, connection.id)

    assert ("rejected", "rejected") == (result.outcome, town.status(connection))
    assert "Refresh" not in result.advice


@pytest.mark.parametrize(("fault", "outcome", "code"), TROUBLE)
async def test_trouble_on_the_way_changes_no_status(
    town: Town, fault: faults.Fault, outcome: str, code: int
) -> None:
    """It is shown beside the status: what was ok stays ok."""
    connection = await town.tested()
    town.world.faults.add(fault, "me")

    result = await verb.test(town.desk, connection.id)

    check = town.shown(connection.id).last_check
    assert check is not None
    assert (outcome, code, "ok") == (result.outcome, result.exit_code, town.status(connection))
    assert outcome == check.outcome
    assert ("test", outcome) == town.told(connection)[-1]


@pytest.mark.parametrize(("fault", "outcome", "code"), TROUBLE)
async def test_trouble_on_the_way_is_no_answer_either(
    town: Town, fault: faults.Fault, outcome: str, code: int
) -> None:
    """What was never answered stays untested, and what was refused stays rejected."""
    untested, rejected = town.connect("untested"), town.connect("rejected", user=town.bob)
    town.world.kill(town.access_token(rejected))
    await verb.test(town.desk, rejected.id)
    town.world.faults.add(fault, "me", times=None)

    results = [await verb.test(town.desk, each.id) for each in (untested, rejected)]

    assert [outcome, outcome] == [result.outcome for result in results]
    assert ("untested", "rejected") == (town.status(untested), town.status(rejected))
    assert ("test", outcome) == town.told(rejected)[-1]


async def test_forbidden_is_no_refusal(town: Town) -> None:
    """403 means that the credential is valid."""
    connection = await town.tested()

    async def forbidden(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(403, json={"error": "no"})

    result = await verb.test(town.open_desk(transport=Meddling(forbidden)), connection.id)

    assert ("forbidden", 1, "ok") == (result.outcome, result.exit_code, town.status(connection))


async def test_nothing_is_asked_with_what_may_not_be_used(town: Town) -> None:
    """Frozen and revoked say so; a removed one is not found; no check is stored."""
    frozen, revoked = town.connect("frozen"), town.connect("revoked", user=town.bob)
    freeze(town.desk, frozen, "")
    town.desk.vault.revoked(revoked.id, town.clock(), proved_dead_at=None)

    first, second = [await verb.test(town.desk, each.id) for each in (frozen, revoked)]

    assert isinstance(first.error, Frozen)
    assert "already_revoked" == second.outcome
    with pytest.raises(NotFound):
        await verb.test(town.desk, "conn_none")
    assert 0 == town.sent("me")


async def test_a_damaged_or_missing_secret_is_no_answer_of_close(town: Town) -> None:
    """The trouble is named, and no test call is recorded."""
    damaged, empty = town.connect("damaged"), town.connect("empty", user=town.bob)
    database = town.desk.vault.database
    database.change("UPDATE secrets SET sealed = x'00' WHERE owner = ?", damaged.id)
    database.change("DELETE FROM secrets WHERE owner = ?", empty.id)

    first, second = [await verb.test(town.desk, each.id) for each in (damaged, empty)]

    assert isinstance(first.error, Tampered)
    assert isinstance(second.error, NeedsAuthorization)
    assert ("untested", "untested") == (town.status(damaged), town.status(empty))
