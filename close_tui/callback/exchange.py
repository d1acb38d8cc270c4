"""One HTTP exchange: a request head read within its limits, one response, good-bye."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import h11

from close_tui.callback import pages


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may take, and how many there may be.

    Attributes:
        handshake_s: seconds for the TLS handshake.
        head_s: seconds for the whole request head.
        head_bytes: size of the whole request head.
        close_s: seconds for the client to take the response and leave.
        connections: how many at once; the oldest idle one gives way to the next.
        linger_s: seconds that the last page is served for.

    """

    handshake_s: float = 3.0
    head_s: float = 3.0
    head_bytes: int = 16 * 1024
    close_s: float = 1.0
    connections: int = 32
    linger_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request head. The query stays out of ``repr``: it may hold a code."""

    method: str
    path: str
    query: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)

    def values(self, name: str) -> list[str]:
        """Every value of a header, whose name is given in lower case."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Response:
    """A status and a page, or a place to go on to."""

    status: HTTPStatus
    page: pages.Page | None = None
    location: str | None = None
    allow: str | None = None


class Refusal(Exception):
    """The request is not one that is answered; ``response`` says so."""

    def __init__(self, status: HTTPStatus, *, allow: str | None = None) -> None:
        super().__init__(status.phrase)
        self.response = Response(status, pages.refused(status), allow=allow)


SECURITY_HEADERS: Final = (
    ("Connection", "close"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Content-Security-Policy", pages.CONTENT_SECURITY_POLICY),
)


class Exchange:
    """One request and its response over a stream pair that TLS has been agreed on."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)

    async def request(self) -> Request | None:
        """Read the request head; None when the client leaves without one.

        A head that is malformed, too long or too slow is a Refusal.
        """
        try:
            async with asyncio.timeout(self._limits.head_s):
                return await self._head()
        except TimeoutError:
            if self._http.trailing_data[0]:
                raise Refusal(HTTPStatus.REQUEST_TIMEOUT) from None
            return None
        except h11.RemoteProtocolError as error:
            too_long = error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise Refusal(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if too_long else HTTPStatus.BAD_REQUEST
            ) from None

    async def _head(self) -> Request | None:
        room = self._limits.head_bytes
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                return _request(event)
            if event is not h11.NEED_DATA:
                return None
            if not room:
                raise Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            received = await self._reader.read(room)
            room -= len(received)
            self._http.receive_data(received)

    async def respond(self, response: Response) -> None:
        """Send the response; a client that does not take it within ``close_s`` goes without."""
        head, body = _head_and_body(response)
        self._send(head)
        # To HEAD, the length is told and nothing follows (RFC 9110 §9.3.2).
        with suppress(h11.LocalProtocolError):
            self._send(h11.Data(data=body))
            self._send(h11.EndOfMessage())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.close_s):
                await self._writer.drain()

    def _send(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")


def to_plain_http() -> bytes:
    """The whole answer to a client that speaks http where https is spoken.

    What it asked has not been looked at.
    """
    head, body = _head_and_body(Response(HTTPStatus.BAD_REQUEST, pages.plain_http()))
    http = h11.Connection(h11.SERVER)
    return b"".join(http.send(event) or b"" for event in (head, h11.Data(data=body)))


def _head_and_body(response: Response) -> tuple[h11.Response, bytes]:
    body = response.page.html if response.page else b""
    headers = [*SECURITY_HEADERS, ("Content-Length", str(len(body)))]
    if body:
        headers.append(("Content-Type", "text/html; charset=utf-8"))
    if response.location:
        headers.append(("Location", response.location))
    if response.allow:
        headers.append(("Allow", response.allow))
    head = h11.Response(
        status_code=response.status,
        reason=response.status.phrase.encode("ascii"),
        headers=_encoded(headers),
    )
    return head, body


def _request(event: h11.Request) -> Request:
    target, _, query = event.target.decode("ascii").partition("?")
    headers = tuple(
        (name.decode("ascii"), value.decode("latin-1")) for name, value in event.headers
    )
    return Request(event.method.decode("ascii"), target, query, headers)


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
