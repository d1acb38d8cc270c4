"""The first and last to touch a request: it plays the faults and keeps the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from close_tui.sandbox.calls import SCOPE_KEY, Call, identify
from close_tui.sandbox.faults import Fault, FaultKind
from close_tui.sandbox.journal import Entry
from close_tui.sandbox.state import World

Cut = Callable[[tuple[str, int]], bool]
"""Drops the connection of the client with this address and port; False when it is not known."""

_BODY_LIMIT: Final = 64 * 1024
_CHUNK: Final = 64 * 1024
_PROXY_PAGE: Final = "<!doctype html><title>Sign in</title><p>Sign in to this network."


class NothingToDrop(RuntimeError):
    """A fault drops connections, and there is none: serve the sandbox over a socket."""


@dataclass(slots=True)
class _Answer:
    """An answer held back until it is known what becomes of it."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


class Front:
    """ASGI middleware around the sandbox's routes."""

    def __init__(self, app: ASGIApp, world: World, cut: Cut | None = None) -> None:
        self._app = app
        self._world = world
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            await Response(status_code=413)(scope, receive, send)
            return
        call = identify(self._world, scope, body)
        faults = self._world.faults.take(
            call.route, organization_id=call.organization_id, client_id=call.client_id
        )
        scope[SCOPE_KEY] = call
        client = asyncio.ensure_future(_gone(receive))
        try:
            await self._serve(scope, body, call, faults, client, send)
        finally:
            client.cancel()
            with suppress(asyncio.CancelledError):
                await client

    async def _serve(
        self,
        scope: Scope,
        body: bytes,
        call: Call,
        faults: tuple[Fault, ...],
        client: asyncio.Future[None],
        send: Send,
    ) -> None:
        for fault in faults:
            if fault.kind is FaultKind.LATENCY:
                await _pause(fault.seconds, client)
        answer = _Answer()
        if all(fault.acts for fault in faults):
            await self._app(scope, _replay(body), answer.send)
        for fault in faults:
            if fault.kind is FaultKind.LATE_ANSWER:
                await _pause(fault.seconds, client)
        ending = next((fault for fault in faults if fault.kind not in _DELAYS), None)
        if ending:
            answer = await self._spoil(ending, answer)
        answer.headers.append((b"date", self._date()))
        dropped = ending is not None and ending.kind in _DROPS
        self._record(call, None if dropped else answer.status, faults)
        if ending is not None and ending.kind in _DROPS:
            await self._drop(scope, client)
        else:
            await _deliver(answer, ending, client, send)

    def _date(self) -> bytes:
        at = self._world.clock() + self._world.policies.clock_ahead_s
        return formatdate(at, usegmt=True).encode("ascii")

    async def _spoil(self, fault: Fault, answer: _Answer) -> _Answer:
        """Return what is sent in place of the true answer."""
        replaced: Response
        match fault.kind:
            case FaultKind.STATUS:
                replaced = Response(status_code=fault.status)
            case FaultKind.EMPTY | FaultKind.HUGE:
                replaced = Response(media_type="application/json")
            case FaultKind.NON_JSON:
                replaced = Response(_PROXY_PAGE, media_type="text/html")
            case FaultKind.RATE_LIMITED:
                standing = self._world.limiter.forced(fault.seconds)
                documented = self._world.policies.documented_rate_header
                headers = standing.headers(documented=documented)
                replaced = JSONResponse({"error": "Too Many Requests"}, 429, headers)
            case _:
                return answer
        headers_ = replaced.raw_headers
        if fault.kind is FaultKind.HUGE:
            headers_ = [(name, value) for name, value in headers_ if name != b"content-length"]
        return _Answer(replaced.status_code, headers_, bytes(replaced.body))

    def _record(self, call: Call, status: int | None, faults: tuple[Fault, ...]) -> None:
        self._world.journal.append(
            Entry(
                self._world.clock(),
                call.route,
                call.client_id,
                call.organization_id,
                call.family,
                call.presented,
                call.outcome,
                status,
                " ".join(fault.kind for fault in faults),
            )
        )

    async def _drop(self, scope: Scope, client: asyncio.Future[None]) -> None:
        host, port = (scope.get("client") or ("", 0))[:2]
        if self._cut is None or not self._cut((host, port)):
            raise NothingToDrop("faults that drop connections need a sandbox on a socket")
        await client


_DELAYS: Final = frozenset({FaultKind.LATENCY, FaultKind.LATE_ANSWER})
_DROPS: Final = frozenset({FaultKind.DROPPED, FaultKind.ANSWER_LOST})


async def _deliver(
    answer: _Answer, ending: Fault | None, client: asyncio.Future[None], send: Send
) -> None:
    start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    await send(start)
    if ending and ending.kind is FaultKind.SLOW:
        for byte in answer.body:
            await _pause(ending.seconds, client)
            if client.done():
                return
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    elif ending and ending.kind is FaultKind.HUGE:
        left = ending.size
        while left > 0 and not client.done():
            body = b" " * min(_CHUNK, left)
            await send({"type": "http.response.body", "body": body, "more_body": True})
            left -= len(body)
            await asyncio.sleep(0)
        if not client.done():
            await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": answer.body})


async def _read(receive: Receive) -> bytes | None:
    """Return the whole body, None when it is too long."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > _BODY_LIMIT:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return body


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _pause(seconds: float, client: asyncio.Future[None]) -> None:
    """Wait, but not for a client that has hung up."""
    await asyncio.wait({client}, timeout=seconds)
