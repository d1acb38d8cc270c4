"""The listener, https or behind a tunnel: connections that cannot hurt each other."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.binding import bind
from close_tui.callback.exchange import (
    Exchange,
    Limits,
    Refusal,
    Request,
    Response,
    to_plain_http,
)
from close_tui.callback.tunnel import Tunnel

_BREATH_S: Final = 0.1

Respond = Callable[[Request], Awaitable[Response]]
"""Answers a request. While it waits, its connection is busy and is never made to give way."""


class Listener:
    """Serves the loopback addresses of a redirect URI or a tunnel, for as long as it is entered.

    https, or plain http without a context: for a tunnel, whose far end has the TLS. Entering
    binds (PortBusy when that fails). Each connection brings one request and has its own
    deadlines; trouble on it ends that connection and nothing else.
    """

    def __init__(
        self,
        place: RedirectURI | Tunnel,
        context: ssl.SSLContext | None,
        respond: Respond,
        limits: Limits,
    ) -> None:
        self._place = place
        self._context = context
        self._respond = respond
        self._limits = limits
        self._sockets: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._connections: set[asyncio.Task[None]] = set()
        # In the order they came in: the first is the oldest.
        self._idle: dict[asyncio.Task[None], None] = {}

    async def __aenter__(self) -> Self:
        self._sockets = bind(self._place.endpoints)
        self._accepting = [asyncio.create_task(self._accept(one)) for one in self._sockets]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        tasks = [*self._accepting, *self._connections]
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for listening in self._sockets:
                listening.close()

    async def settle(self) -> None:
        """Wait until the busy connections have their responses, within the limit for closing."""
        if busy := self._connections - self._idle.keys():
            await asyncio.wait(busy, timeout=self._limits.close_s)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(listening)
            except OSError:  # out of file descriptors, or the client has gone again
                await asyncio.sleep(_BREATH_S)
                continue
            if self._make_room():
                self._admit(accepted)
            else:
                accepted.close()
            # A flood must not keep the connections that are already here from being served.
            await asyncio.sleep(0)

    def _admit(self, accepted: socket.socket) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            self._forget(task)
            accepted.close()  # a task that is cancelled before it began has not looked at it

        task = asyncio.create_task(self._serve(accepted))
        self._connections.add(task)
        self._idle[task] = None
        task.add_done_callback(ended)

    def _make_room(self) -> bool:
        """Let the oldest idle connection give way when the house is full."""
        if len(self._connections) < self._limits.connections:
            return True
        if not self._idle:
            return False
        oldest = next(iter(self._idle))
        self._forget(oldest)
        oldest.cancel()
        return True

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._connections.discard(task)
        self._idle.pop(task, None)

    async def _serve(self, accepted: socket.socket) -> None:
        """Take one connection from handshake to close, whatever it does."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=self._limits.head_bytes)
        try:
            # A handshake that fails closes the socket, also on those who can be told why.
            spare = accepted.dup()
        except OSError:  # out of file descriptors
            return
        try:
            transport, protocol = await loop.connect_accepted_socket(
                lambda: asyncio.StreamReaderProtocol(reader),
                accepted,
                ssl=self._context,
                ssl_handshake_timeout=self._limits.handshake_s if self._context else None,
                ssl_shutdown_timeout=self._limits.close_s if self._context else None,
            )
        except ssl.SSLError as error:  # not TLS, or the certificate was not accepted
            if error.reason == "HTTP_REQUEST":
                _say(spare, to_plain_http())
            return
        except OSError:  # too slow, or gone again
            return
        finally:
            spare.close()
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            await self._converse(Exchange(reader, writer, self._limits))
            writer.close()
            await writer.wait_closed()
        except OSError:
            pass
        finally:
            transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, exchange: Exchange) -> None:
        try:
            request = await exchange.request()
            if request is None:
                return
            response = await self._answer(request)
        except Refusal as refusal:
            response = refusal.response
        await exchange.respond(response)

    async def _answer(self, request: Request) -> Response:
        """Ask for the response; meanwhile this connection does not count as idle."""
        task = asyncio.current_task()
        assert task is not None
        self._idle.pop(task, None)
        response = await self._respond(request)
        if task in self._connections:
            self._idle[task] = None
        return response


def _say(client: socket.socket, words: bytes) -> None:
    """Send what fits into the client's empty buffer, and no more words after it."""
    with suppress(OSError):
        client.send(words)
        client.shutdown(socket.SHUT_WR)
