"""Sending: each request of a revocation is patient, and written down with what came back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from close_tui.operations.kill import begin, kill
from close_tui.sandbox import faults
from tests.operations.conftest import Meddling
from tests.operations.test_kill import ADA, facts, ignore, killed

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_every_request_is_written_down(town: Town) -> None:
    """What was asked, of which generation, with which status, how long it took; and the verdict."""
    connection = town.connect()

    result = (await killed(town, town.desk, [connection]))["acme"]

    _, _, *requests, verdict = town.desk.vault.incident_events()
    me, revocation = "GET /api/v1/me/", "POST /oauth2/revoke/"
    assert [
        (me, "access_token", 1, 200, "ok"),
        (revocation, "refresh_token", 1, 200, "ok"),
        (revocation, "access_token", 1, 200, "ok"),
        (me, "access_token", 1, 401, "rejected"),
    ] == [
        (f["request"], f["credential"], f["generation"], event.http_status, event.outcome)
        for event in requests
        if (f := facts(event))
    ]
    assert all("request" == event.verb for event in requests)
    assert all(0 <= float(str(facts(event)["seconds"])) < 5 for event in requests)
    assert ("revoke", "dead_proved", "leaked") == (verdict.verb, verdict.outcome, verdict.reason)
    assert {"seconds": 0.0} == facts(verdict)
    assert result.outcome == verdict.outcome


async def test_a_request_without_an_answer_is_written_down_too(town: Town) -> None:
    """No status, and the word for it."""
    connection = town.connect()

    await killed(town, town.cut_off(), [connection])

    _, _, *requests, verdict = town.desk.vault.incident_events()
    assert [(None, "unreachable")] * 3 == [(e.http_status, e.outcome) for e in requests]
    assert "failed" == verdict.outcome
    assert "revoking" == town.status(connection)


async def test_a_rate_limit_is_waited_for_by_all_whom_it_concerns(town: Town) -> None:
    """Those of the same organization wait; those of another go on meanwhile."""
    acme = [town.connect("acme-1"), town.connect("acme-2", user=town.bob)]
    globex = town.connect("globex", organization=town.globex)
    organizations = {town.access_token(each): each.organization.name for each in (*acme, globex)}
    asked: list[tuple[str, float]] = []
    loop = asyncio.get_running_loop()

    async def after(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.url.path == "/api/v1/me/":
            asked.append((organizations[token], loop.time()))
            if organizations[token] == "Acme" and not limited:
                limited.append(loop.time())
                return httpx.Response(429, headers={"retry-after": "0.4"})
        return answer

    limited: list[float] = []
    desk = town.open_desk(transport=Meddling(after))
    incident = begin(desk, [*acme, globex], "", ADA)
    results = await kill(desk, [*acme, globex], incident, ignore, at_once=3)

    assert ["dead_proved"] * 3 == [each.outcome for each in results]
    (at,) = limited
    # The second of the two was on its way already when the first was told to wait.
    waiting = [when for name, when in asked if name == "Acme" and when > at + 0.1]
    assert min(waiting) >= at + 0.4
    assert any(at < when < at + 0.4 for name, when in asked if name == "Globex")


async def test_a_rate_limit_beyond_patience_leaves_it_pending(town: Town) -> None:
    """It is not waited for, and not hammered at: one request of each kind, then it is pending."""
    connection = town.connect()
    town.world.faults.add(faults.rate_limited(60), times=None)

    result = (await killed(town, town.desk, [connection]))["acme"]

    assert ("failed", 8, "revoking") == (
        result.outcome,
        result.exit_code,
        town.status(connection),
    )
    assert (1, 2) == (town.sent("me"), town.sent("revoke"))
