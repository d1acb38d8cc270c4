"""Faults over a real socket, where they are true."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
import pytest

from close_tui.sandbox import faults
from close_tui.sandbox.faults import Fault
from close_tui.sandbox.front import NothingToDrop
from close_tui.sandbox.server import serve

if TYPE_CHECKING:
    from tests.sandbox.conftest import Town


@pytest.fixture
async def wired(town: Town) -> AsyncIterator[Town]:
    """Give the town over a real loopback socket."""
    in_process = town.client
    async with (
        serve(town.world) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        town.client = client
        yield town
    town.client = in_process


async def test_an_answer_is_lost_after_the_refresh_was_carried_out(wired: Town) -> None:
    """The client sees the connection end without an answer; the token is spent all the same."""
    grant = wired.grant()
    wired.world.faults.add(faults.ANSWER_LOST, "refresh")
    with pytest.raises(httpx.RemoteProtocolError):
        await wired.refresh(grant.refresh_token)

    assert not wired.world.is_alive(grant.refresh_token or "")
    assert [("rotated", None, "answer_lost")] == [
        (entry.outcome, entry.status, entry.fault) for entry in wired.world.journal.entries()
    ]
    assert 400 == (await wired.refresh(grant.refresh_token)).status_code


async def test_a_connection_is_dropped_before_anything_is_done(wired: Town) -> None:
    """The client sees the same, but the token is good and the next try works."""
    grant = wired.grant()
    wired.world.faults.add(faults.DROPPED, "refresh")
    with pytest.raises(httpx.RemoteProtocolError):
        await wired.refresh(grant.refresh_token)

    assert wired.world.is_alive(grant.refresh_token or "")
    assert 200 == (await wired.refresh(grant.refresh_token)).status_code


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (faults.UNAVAILABLE, 503, b""),
        (faults.BAD_GATEWAY, 502, b""),
        (faults.server_error(504), 504, b""),
        (faults.EMPTY, 200, b""),
        (faults.NON_JSON, 200, b"<!doctype html>"),
        (faults.rate_limited(1.5), 429, b'{"error"'),
    ],
)
@pytest.mark.parametrize("acts", [False, True])
async def test_wrong_answers_hide_whether_the_request_was_carried_out(
    wired: Town, fault: Fault, status: int, body: bytes, acts: bool
) -> None:
    """Not by default; ``acting`` turns it on. Only the next request is affected."""
    grant = wired.grant()
    wired.world.faults.add(fault.acting if acts else fault, "refresh")
    response = await wired.refresh(grant.refresh_token)

    assert status == response.status_code
    assert response.content.startswith(body)
    assert bool(response.content) == bool(body)
    assert acts is not wired.world.is_alive(grant.refresh_token or "")


async def test_a_forced_429_says_how_long_to_wait(wired: Town) -> None:
    """Seconds may be a decimal in ``reset``; ``retry-after`` is a whole number."""
    wired.world.faults.add(faults.rate_limited(1.5), "me")
    headers = (await wired.me(wired.grant().access_token)).headers

    assert "limit=100; remaining=0; reset=1.5" == headers["ratelimit"]
    assert "2" == headers["retry-after"]
    assert "date" in headers


async def test_latency_comes_before_acting_and_a_late_answer_after(wired: Town) -> None:
    """A client that gives up has not, or has, spent its token."""
    early, late = wired.grant(), wired.world.authorize_directly(wired.app, wired.ada, wired.globex)
    add = wired.world.faults.add
    add(faults.latency(3600), "refresh", organization_id=wired.acme.id)
    add(faults.late_answer(3600), "refresh", organization_id=wired.globex.id)
    calls = [
        asyncio.create_task(wired.refresh(grant.refresh_token), name="a call that waits")
        for grant in (early, late)
    ]
    async with asyncio.timeout(30):
        while wired.world.faults.waiting or wired.world.is_alive(late.refresh_token or ""):
            await asyncio.sleep(0.01)
    unanswered = [not call.done() for call in calls]
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)

    assert [True, True] == unanswered
    assert wired.world.is_alive(early.refresh_token or "")


async def test_a_short_latency_only_delays(wired: Town) -> None:
    """The answer is the true one."""
    wired.world.faults.add(faults.latency(0.2), "me")
    started = time.monotonic()
    response = await wired.me(wired.grant().access_token)

    assert 200 == response.status_code
    assert time.monotonic() - started >= 0.2


async def test_a_slow_answer_comes_byte_by_byte_and_is_true(wired: Town) -> None:
    """Whole in the end, in as many pieces as it has bytes."""
    wired.world.faults.add(faults.slow(0.0005), "me")
    headers = {"authorization": f"Bearer {wired.grant().access_token}"}
    async with wired.client.stream("GET", "/api/v1/me/?_fields=id", headers=headers) as response:
        pieces = [piece async for piece in response.aiter_raw()]

    assert b"".join(pieces) == b'{"id":"%s"}' % wired.ada.id.encode()
    assert len(pieces) > 5


async def test_a_huge_answer_can_be_left_half_read(wired: Town) -> None:
    """Nobody has to read it all, and the server goes on serving."""
    wired.world.faults.add(faults.huge(), "me")
    grant = wired.grant()
    headers = {"authorization": f"Bearer {grant.access_token}"}
    read = 0
    async with wired.client.stream("GET", "/api/v1/me/", headers=headers) as response:
        async for piece in response.aiter_raw():
            read += len(piece)
            if read > 1_000_000:
                break

    assert "content-length" not in response.headers
    assert read > 1_000_000
    assert 200 == (await wired.me(grant.access_token)).status_code


async def test_a_fault_can_be_meant_for_one_route_organization_or_app(town: Town) -> None:
    """Everybody else goes on as usual; ``times=None`` stays until it is cleared."""
    acme = town.grant()
    globex = town.world.authorize_directly(town.app, town.ada, town.globex)
    importer = town.world.authorize_directly(town.other_app, town.ada, town.acme)
    town.world.faults.add(faults.UNAVAILABLE, times=None, organization_id=town.globex.id)
    town.world.faults.add(faults.BAD_GATEWAY, "revoke", client_id=town.other_app.client_id)
    hit = [(await town.me(globex.access_token)).status_code for _ in range(3)]
    missed = [
        (await town.me(acme.access_token)).status_code,
        (await town.me(importer.access_token)).status_code,
        (await town.revoke(acme.access_token)).status_code,
    ]
    town.world.faults.clear()

    assert [503, 503, 503] == hit
    assert [200, 200, 200] == missed
    assert 200 == (await town.me(globex.access_token)).status_code


async def test_faults_are_played_in_order_and_counted_down(town: Town) -> None:
    """Two of one kind, then the next, then none."""
    town.world.faults.add(faults.UNAVAILABLE, "me", times=2)
    town.world.faults.add(faults.BAD_GATEWAY, "me")
    grant = town.grant()
    statuses = [(await town.me(grant.access_token)).status_code for _ in range(4)]

    assert [503, 503, 502, 200] == statuses


async def test_dropping_needs_a_socket(town: Town) -> None:
    """In-process there is no connection, and the sandbox says so."""
    town.world.faults.add(faults.DROPPED, "me")
    with pytest.raises(NothingToDrop):
        await town.me(town.grant().access_token)
