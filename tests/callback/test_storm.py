"""A storm of broken clients at once, and what is left of it: nothing."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from close_tui.callback.attempt import Attempt
from close_tui.callback.certificate import Certificate
from close_tui.callback.exchange import Limits
from close_tui.callback.waiting import waiting

from .conftest import PATIENCE_S, Client

SOAK = os.environ.get("CLOSE_TUI_SOAK") == "1"
ROUNDS = 50 if SOAK else 2
AT_ONCE = 100
DESCRIPTORS = Path("/proc/self/fd")
ROOM = 512 * 1024
"""Bytes that may be left of a storm, however long: less than one of its hundred large heads."""

HELLO = bytes.fromhex("16030100c8010000c40303")  # a ClientHello that says it is longer


async def raw(client: Client, words: bytes, *, leaves: bool) -> None:
    """Send bytes without TLS, then hang up, or wait to be thrown out."""
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", client.uri.port)
        try:
            writer.write(words)
            await writer.drain()
            if not leaves:
                await reader.read()
        finally:
            writer.transport.abort()


async def encrypted(client: Client, words: bytes, *, drips: bool) -> None:
    """Send bytes after a handshake, at once or one by one, and read what there is."""
    with suppress(OSError):
        reader, writer = await client.connect()
        try:
            for piece in (bytes([each]) for each in words) if drips else (words,):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            await reader.read()
        finally:
            writer.transport.abort()


def broken(client: Client, chance: random.Random) -> list[asyncio.Task[None]]:
    """Begin a hundred clients, each broken in a way of its own."""
    tasks = []
    for number in range(AT_ONCE):
        noise = chance.randbytes(chance.randrange(1, 5000))
        kinds = (
            raw(client, noise, leaves=chance.random() < 0.5),
            raw(client, HELLO + noise[:50], leaves=chance.random() < 0.5),
            encrypted(client, noise, drips=False),
            encrypted(client, b"GET /callback?" + noise[:40].hex().encode(), drips=True),
            encrypted(client, b"GET / HTTP/1.1\r\nX: " + b"x" * 1_000_000, drips=False),
        )
        for index, kind in enumerate(kinds):
            if index == number % len(kinds):
                tasks.append(asyncio.create_task(kind))
            else:
                kind.close()
    return tasks


def descriptors() -> int:
    """Count the open files and sockets of this process."""
    return len(list(DESCRIPTORS.iterdir()))


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="descriptors are counted in /proc")
async def test_a_storm_leaves_nothing_behind_and_the_redirect_succeeds_in_it(
    attempt: Attempt,
    certificate: Certificate,
    client: Client,
    answer: str,
    quick: Callable[..., Limits],
) -> None:
    """No descriptor, no task and no memory stays; the true redirect succeeds while it rages."""
    chance = random.Random(8)
    async with waiting(attempt, certificate, limits=quick(handshake_s=1.0, head_s=1.0)) as wait:
        await asyncio.gather(*broken(client, chance))  # what is imported once is there by now
        await asyncio.sleep(1.5)
        gc.collect()
        before = descriptors(), len(asyncio.all_tasks())
        tracemalloc.start()
        at_rest, _ = tracemalloc.get_traced_memory()
        for _ in range(ROUNDS):
            await asyncio.wait(broken(client, chance), timeout=PATIENCE_S)
        await asyncio.sleep(1.5)
        gc.collect()
        after = descriptors(), len(asyncio.all_tasks())
        left, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        storm = broken(client, chance)
        redirected = asyncio.create_task(client.get(answer))
        await wait.code(PATIENCE_S)
        wait.finish(success=True, sentence="Acme is connected.")
        reply = await redirected
        await asyncio.wait(storm, timeout=PATIENCE_S)

    assert before == after
    assert left - at_rest < ROOM
    assert 303 == reply.status
