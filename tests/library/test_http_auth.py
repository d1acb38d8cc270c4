"""close_tui.auth: each request carries what its connection is to be used with now."""

from __future__ import annotations

import asyncio
import pickle
from base64 import b64encode
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

import close_tui
from close_tui.errors import (
    Frozen,
    NeedsAuthorization,
    NotFound,
    Unavailable,
)
from close_tui.sandbox.faults import UNAVAILABLE, latency
from close_tui.vault.vault import Vault
from tests.library.conftest import (
    ENDED,
    EXPIRED,
    EXPIRING,
    FRESH,
    FROZEN,
    KEY,
    PATIENCE_S,
    Reading,
    body,
)

if TYPE_CHECKING:
    from tests.library.conftest import Town

MANY = 24


def test_an_api_key_goes_as_basic(town: Town) -> None:
    """The key as user name, no password (RFC 7617)."""
    with httpx.Client(auth=close_tui.auth(KEY)) as client:
        answer = town.me(client)

    key = town.demo.api_keys[0].text
    assert 200 == answer.status_code
    expected = f"Basic {b64encode(f'{key}:'.encode()).decode()}"
    assert expected == answer.request.headers["Authorization"]


def test_a_fresh_token_goes_as_bearer_and_is_opened_once(town: Town) -> None:
    """Ten requests: no refresh, and one line of history that says where it went."""
    before = town.refreshes
    with httpx.Client() as client:
        for _ in range(10):
            answer = client.get(
                f"{town.settings.api_url}/api/v1/me/", auth=close_tui.auth(FRESH)
            ).raise_for_status()

    assert f"Bearer {town.token(FRESH)}" == answer.request.headers["Authorization"]
    assert (0, 1) == (town.refreshes - before, town.times_handed_out(FRESH))


@pytest.mark.parametrize("name", [EXPIRING, EXPIRED])
def test_many_threads_refresh_a_token_that_is_due_once(town: Town, name: str) -> None:
    """Of a Close that kills the family of a token spent twice; every request gets its answer."""
    town.world.faults.add(latency(0.3), "refresh")
    before = town.refreshes
    with (
        httpx.Client(auth=close_tui.auth(name)) as client,
        ThreadPoolExecutor(MANY) as pool,
    ):
        answers = list(pool.map(lambda _: town.me(client).status_code, range(MANY)))

    assert [200] * MANY == answers
    assert (1, 1) == (town.refreshes - before, town.times_handed_out(name))


def test_many_tasks_refresh_a_token_that_is_due_once(town: Town) -> None:
    """In one event loop, which goes on meanwhile, and in the next one."""
    town.world.faults.add(latency(0.3), "refresh")
    before = town.refreshes

    async def ask() -> tuple[list[int], int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.create_task(tick())
        async with httpx.AsyncClient(auth=close_tui.auth(EXPIRED), timeout=PATIENCE_S) as client:
            url = f"{town.settings.api_url}/api/v1/me/"
            answers = await asyncio.gather(*(client.get(url) for _ in range(MANY)))
        ticking.cancel()
        return [answer.status_code for answer in answers], ticks

    first, ticks = asyncio.run(ask())
    second, _ = asyncio.run(ask())

    assert [200] * MANY == first == second
    assert ticks > 5
    assert 1 == town.refreshes - before


async def body_of_a_task() -> AsyncIterator[bytes]:
    """The same in an event loop."""
    for part in body():
        yield part


def test_an_unexpected_401_is_refreshed_once_and_the_request_sent_again(town: Town) -> None:
    """Whole, with the new token; the caller sees the second answer."""
    town.refuse(FRESH)
    before, seen = town.refreshes, list[httpx.Request]()
    service = Reading(town.answers(seen))
    with httpx.Client(auth=close_tui.auth(FRESH), transport=service) as client:
        answer = client.post(f"{town.settings.api_url}/api/v1/activity/note/", content=body())

    assert (200, [401]) == (answer.status_code, [each.status_code for each in answer.history])
    assert [b'{"note": "hello"}'] * 2 == service.bodies
    assert f"Bearer {town.token(FRESH)}" == seen[-1].headers["Authorization"]
    assert 1 == town.refreshes - before


async def test_an_unexpected_401_in_an_event_loop(town: Town) -> None:
    """Many tasks meet it at once: one refresh, and every body arrives whole."""
    town.refuse(FRESH)
    before = town.refreshes
    service = Reading(town.answers([]))
    url = f"{town.settings.api_url}/api/v1/activity/note/"
    async with httpx.AsyncClient(auth=close_tui.auth(FRESH), transport=service) as client:
        asked = (client.post(url, content=body_of_a_task()) for _ in range(MANY))
        answers = await asyncio.gather(*asked)

    assert [200] * MANY == [answer.status_code for answer in answers]
    assert {b'{"note": "hello"}'} == set(service.bodies)
    assert 1 == town.refreshes - before


def test_threads_that_meet_a_401_adopt_one_new_token(town: Town) -> None:
    """Whoever comes after the refresh sends nothing for another."""
    town.refuse(FRESH)
    before = town.refreshes
    with (
        httpx.Client(auth=close_tui.auth(FRESH)) as client,
        ThreadPoolExecutor(MANY) as pool,
    ):
        answers = list(pool.map(lambda _: town.me(client).status_code, range(MANY)))

    assert [200] * MANY == answers
    assert (1, 2) == (town.refreshes - before, town.times_handed_out(FRESH))


def test_a_place_that_always_answers_401_costs_one_refresh(town: Town) -> None:
    """The answer to the second request is the answer, and so is every later 401."""
    before, seen = town.refreshes, list[httpx.Request]()

    def refuse(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(401)

    transport = httpx.MockTransport(refuse)
    with httpx.Client(auth=close_tui.auth(FRESH), transport=transport) as client:
        answers = [town.me(client).status_code for _ in range(3)]

    assert [401] * 3 == answers
    assert 4 == len(seen)
    assert 1 == town.refreshes - before


def test_a_401_to_an_api_key_is_the_answer(town: Town) -> None:
    """Nothing can make it another."""
    town.world.delete_api_key(town.demo.api_keys[0].id)
    town.world.journal.clear()
    with httpx.Client(auth=close_tui.auth(KEY)) as client:
        answer = town.me(client)

    assert (401, []) == (answer.status_code, answer.history)
    assert 1 == town.world.journal.count()


def test_a_401_that_no_refresh_can_mend_says_why(town: Town) -> None:
    """The refresh token is refused as well: a person has to authorize again."""
    town.world.kill_family(town.token(FRESH))
    with httpx.Client(auth=close_tui.auth(FRESH)) as client, pytest.raises(NeedsAuthorization):
        town.me(client)


def test_what_another_process_did_counts_for_the_next_request(town: Town) -> None:
    """A newer token is adopted without a refresh; a frozen connection is not used any more."""
    with httpx.Client(auth=close_tui.auth(FRESH)) as client:
        old = town.me(client).request.headers["Authorization"]
        town.close_tui("refresh", FRESH)
        before = town.refreshes
        new = town.me(client).request.headers["Authorization"]
        after = town.refreshes
        with closing(Vault.open(town.settings)) as vault:
            vault.freeze(town.look(FRESH).id, 0)
        town.world.journal.clear()
        with pytest.raises(Frozen):
            town.me(client)

    assert old != new == f"Bearer {town.token(FRESH)}"
    assert before == after
    assert 0 == town.world.journal.count()


def test_a_name_that_was_given_to_another_connection_goes_on(town: Town) -> None:
    """Whoever replaces one that was removed or frozen need not start the program again."""
    with (
        httpx.Client(auth=close_tui.auth(FRESH)) as client,
        closing(Vault.open(town.settings)) as vault,
    ):
        town.me(client)
        first, second = town.look(FRESH).id, town.look(KEY).id
        vault.freeze(first, 0)
        with pytest.raises(Frozen):
            town.me(client)
        vault.remove(first)
        with pytest.raises(NotFound):
            town.me(client)
        vault.rename(second, FRESH)
        answer = town.me(client)

    assert answer.request.headers["Authorization"].startswith("Basic ")


def test_a_token_that_cannot_be_refreshed_is_used_while_it_lives(town: Town) -> None:
    """And not every request tries again; an expired one is never used."""
    town.world.faults.add(UNAVAILABLE, "refresh", times=None)
    before = town.refreshes
    with httpx.Client(auth=close_tui.auth(EXPIRING)) as client:
        answers = [town.me(client).status_code for _ in range(3)]
    with httpx.Client(auth=close_tui.auth(EXPIRED)) as client, pytest.raises(Unavailable):
        town.me(client)

    assert [200] * 3 == answers
    assert 2 == town.refreshes - before


@pytest.mark.parametrize(
    ("name", "error"),
    [(FROZEN, Frozen), (ENDED, NeedsAuthorization), ("nobody", NotFound)],
)
def test_what_cannot_be_used_raises_before_anything_is_sent(
    town: Town, name: str, error: type[Exception]
) -> None:
    """The same errors as those of ``close-tui token``."""
    town.world.journal.clear()
    with httpx.Client(auth=close_tui.auth(name)) as client, pytest.raises(error):
        town.me(client)

    assert 0 == town.world.journal.count(route="me")


def test_it_shows_its_name_and_nothing_else(town: Town) -> None:
    """Also pickled, after it was used: another process reads the vault for itself."""
    auth = close_tui.auth(FRESH)
    with httpx.Client(auth=auth) as client:
        town.me(client)
    pickled = pickle.dumps(auth)

    assert "close_tui.auth('northwind-reports')" == repr(auth) == f"{auth}"
    assert b"CANARY" not in pickled
    assert auth is pickle.loads(pickled)
    assert auth is close_tui.auth(FRESH)
    assert auth is not close_tui.auth(FRESH, settings=town.settings._replace(api_url="https://x"))
