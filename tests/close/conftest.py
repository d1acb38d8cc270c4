"""A Close that is spoken to without a network, and one that misbehaves on a real socket."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

import httpx
import pytest

from close_tui.close.client import Close
from close_tui.close.wire import Limits

Talk: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve: TypeAlias = Callable[..., AbstractAsyncContextManager[int]]
Answering: TypeAlias = Callable[[httpx.Response], tuple[Close, list[httpx.Request]]]


@pytest.fixture
def answering() -> Answering:
    """Return a Close whose server gives one answer to everything, and what it was sent."""

    def make(response: httpx.Response) -> tuple[Close, list[httpx.Request]]:
        sent: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            # A body that was not read yet, as the network would give it.
            return httpx.Response(
                response.status_code,
                headers=response.headers,
                stream=response.stream,
            )

        close = Close(
            "https://api.close.com",
            version="9.9",
            transport=httpx.MockTransport(answer),
            clock=lambda: 1_000_000.0,
        )
        return close, sent

    return make


@pytest.fixture
def serve() -> Serve:
    """Run one conversation for each connection on a loopback port, and give the port."""

    @asynccontextmanager
    async def start(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
        tasks: set[asyncio.Task[None]] = set()

        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if task := asyncio.current_task():
                tasks.add(task)
            try:
                await talk(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()

    return start


@pytest.fixture
def hasty() -> Limits:
    """Deadlines for a server that never answers."""
    return Limits(connect_s=20.0, whole_s=1.0)
