"""The sandbox on a socket: it begins, ends and leaves nothing behind."""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from close_tui.sandbox import faults
from close_tui.sandbox.server import running, serve

if TYPE_CHECKING:
    from tests.sandbox.conftest import Town


async def test_serving_leaves_no_task_and_frees_the_port(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    """After the block nobody listens, nothing runs, and nothing was printed."""
    before = asyncio.all_tasks()
    async with serve(town.world) as url, httpx.AsyncClient() as client:
        answer = await client.get(url + "/api/v1/me/")
    host, port = url.removeprefix("http://").split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))

    assert 401 == answer.status_code
    assert "date" in answer.headers
    assert before == asyncio.all_tasks()
    assert ("", "") == capfd.readouterr()


async def test_leaving_does_not_wait_for_an_answer_that_takes_for_ever(town: Town) -> None:
    """A request in flight is cut, not waited for."""
    town.world.faults.add(faults.latency(3600))
    async with httpx.AsyncClient(timeout=60) as client:
        async with serve(town.world) as url:
            asking = asyncio.create_task(client.get(url + "/api/v1/me/"))
            async with asyncio.timeout(30):
                while town.world.faults.waiting:
                    await asyncio.sleep(0.01)
        with pytest.raises(httpx.RemoteProtocolError):
            await asking

    assert asking.done()


def test_a_thread_serves_a_synchronous_program(town: Town) -> None:
    """Several threads may ask at once; exactly one of them spends the token."""
    grant = town.grant()
    form = town.credentials(grant_type="refresh_token", refresh_token=grant.refresh_token or "")
    before = threading.active_count()
    with running(town.world) as url, ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(httpx.post, url + "/oauth2/token/", data=form) for _ in range(8)]
        statuses = sorted(each.result().status_code for each in asked)

    assert [200] + [400] * 7 == statuses
    assert 1 == town.world.journal.count(route="refresh", outcome="rotated")
    assert before == threading.active_count()


def test_a_port_that_is_taken_is_an_error_at_once(town: Town) -> None:
    """OSError, from the thread as well."""
    with running(town.world) as url:
        port = urlsplit(url).port or 0
        with pytest.raises(OSError), running(town.world, port=port):  # noqa: PT011
            pytest.fail("two servers on one port")


def test_the_program_may_fail_while_the_sandbox_runs(town: Town) -> None:
    """An exception in the block goes through, and the thread ends."""
    with pytest.raises(KeyError), running(town.world):
        raise KeyError

    assert "close-tui sandbox" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
async def test_ipv6_works_and_answers_can_be_dropped_there(town: Town) -> None:
    """The URL has brackets."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    town.world.faults.add(faults.DROPPED, times=1)
    async with serve(town.world, "::1") as url, httpx.AsyncClient() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url + "/api/v1/me/")
        again = await client.get(url + "/api/v1/me/")

    assert url.startswith("http://[::1]:")
    assert 401 == again.status_code


async def test_the_date_is_the_worlds_and_can_be_wrong(town: Town) -> None:
    """Every answer has one; ``clock_ahead_s`` moves it away from the world's own time."""
    async with serve(town.world) as url, httpx.AsyncClient() as client:
        right = (await client.get(f"{url}/api/v1/me/")).headers["date"]
        town.world.policies.clock_ahead_s = -300
        wrong = (await client.get(f"{url}/nowhere")).headers["date"]

    assert formatdate(town.world.clock(), usegmt=True) == right
    assert formatdate(town.world.clock() - 300, usegmt=True) == wrong
