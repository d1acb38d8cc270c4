"""The listener against everything that may knock while the true redirect is on its way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.attempt import Attempt
from close_tui.callback.certificate import Certificate, ssl_context
from close_tui.callback.exchange import Limits, Request, Response
from close_tui.callback.listener import Listener
from close_tui.callback.waiting import Wait, waiting
from close_tui.secret import Secret

from .conftest import PATIENCE_S, Client

CODE = Secret("granted-1")


@pytest.fixture
async def wait(
    attempt: Attempt, certificate: Certificate, quick: Callable[..., Limits]
) -> AsyncIterator[Wait]:
    """A wait that listens."""
    async with waiting(attempt, certificate, limits=quick(close_s=0.25)) as wait:
        yield wait


async def succeeds(wait: Wait, client: Client, answer: str, **headers: str) -> None:
    """Show that the true redirect still gets through."""
    redirected = asyncio.create_task(client.get(answer, **headers))
    code = await wait.code(PATIENCE_S)
    wait.finish(success=True, sentence="Acme is connected.")
    reply = await redirected

    assert CODE == code
    assert (303, client.uri.origin + client.uri.done_path) == (
        reply.status,
        reply.headers["location"],
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_the_true_redirect_brings_the_code(
    wait: Wait, client: Client, answer: str, host: str
) -> None:
    """Whichever address the browser picks for localhost, it arrives."""
    raw = f"GET /callback?{answer} HTTP/1.1\r\nHost: {client.uri.authority}\r\n\r\n"
    redirected = asyncio.create_task(client.send(raw.encode(), host))

    assert CODE == await wait.code(PATIENCE_S)
    wait.finish(success=True, sentence="Acme is connected.")
    assert 303 == (await redirected).status


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (421, "GET /callback?{answer} HTTP/1.1\r\nHost: evil.example.com\r\n\r\n"),
        (421, "GET /callback?{answer} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (421, "GET /callback?{answer} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
        (421, "GET /callback?{answer} HTTP/1.0\r\n\r\n"),
        (400, "GET /callback?{answer} HTTP/1.1\r\n\r\n"),
        (400, "GET /callback?{answer} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"),
        (404, "GET /favicon.ico HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (404, "GET /callback/?{answer} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (404, "GET /callback/done HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (404, "GET https://{host}/callback?{answer} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (404, "GET //callback?{answer} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (405, "HEAD /callback?{answer} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (405, "OPTIONS /callback HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (
            405,
            "POST /callback?{answer} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\nhi",
        ),
        (400, "GET /callback HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "GET /callback?code=granted-1 HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "GET /callback?code=granted-1&state=wrong HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "GET /callback?code=granted-1&state=%C3%A4 HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "GET /callback?{answer}&code=other HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "GET /callback?{answer}&x={long} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "GET /callback?error=access_denied HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "GET /callback?error=x&state=wrong HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "nonsense\r\n\r\n"),
        (400, "GET /callback?\xe4 HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        (400, "GET /callback HTTP/1.1\r\nHost: {host}\r\nbroken header\r\n\r\n"),
        (403, "GET /callback?{answer} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Mode: cors\r\n\r\n"),
        (403, "GET /callback?{answer} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Mode: no-cors\r\n\r\n"),
        (403, "GET /callback?{answer} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Dest: iframe\r\n\r\n"),
        (403, "GET /callback?{answer} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Dest: image\r\n\r\n"),
    ],
)
async def test_what_is_wrong_is_refused_and_the_wait_goes_on(
    wait: Wait, client: Client, answer: str, status: int, raw: str
) -> None:
    """Each mistake gets its status, repeats nothing, and the true redirect still succeeds."""
    filled = raw.format(
        answer=answer,
        host=client.uri.authority,
        port=client.uri.port,
        long="x" * 13_000,
    )
    reply = await client.send(filled.encode("latin-1"))

    assert status == reply.status
    assert "granted-1" not in reply.body
    assert "evil" not in reply.body
    await succeeds(wait, client, answer)


async def test_every_page_is_locked_down(wait: Wait, client: Client) -> None:
    """No cache, no referrer, no sniffing, no frames; nothing is loaded but the page's own style."""
    headers = (await client.get("state=wrong")).headers

    assert "no-store" == headers["cache-control"]
    assert "no-referrer" == headers["referrer-policy"]
    assert "nosniff" == headers["x-content-type-options"]
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize("head", ["GET /callback HTTP/1.1\r\nX: ", "GET /callback?"])
@pytest.mark.parametrize("size", [16_384, 1_000_000])
async def test_a_head_beyond_16_kib_is_refused_unread(
    wait: Wait, client: Client, answer: str, head: str, size: int
) -> None:
    """The end of the head is not waited for."""
    reply = await client.send(f"{head}{'x' * size}".encode())

    # A client that is still sending when it is answered may lose the answer to a reset.
    assert reply.status in ({431} if size < 20_000 else {431, 0})
    await succeeds(wait, client, answer)


async def test_the_oldest_idle_connection_gives_way(
    attempt: Attempt, certificate: Certificate, uri: RedirectURI, quick: Callable[..., Limits]
) -> None:
    """The newest may be the browser's."""
    async with waiting(attempt, certificate, limits=quick(connections=2, handshake_s=600.0)):
        first, second, third = [
            await asyncio.open_connection("127.0.0.1", uri.port) for _ in range(3)
        ]

        assert b"" == await asyncio.wait_for(first[0].read(), PATIENCE_S)
        assert not second[0].at_eof()
        assert not third[0].at_eof()
    for _, writer in (first, second, third):
        writer.transport.abort()


async def test_a_connection_that_was_never_looked_at_is_closed(
    uri: RedirectURI, certificate: Certificate
) -> None:
    """The end may come between accepting a connection and its first step."""

    async def respond(request: Request) -> Response:
        pytest.fail("nothing was asked")

    accepted, other = socket.socketpair()
    async with Listener(uri, ssl_context(certificate), respond, Limits()) as listener:
        listener._admit(accepted)
    other.close()

    assert -1 == accepted.fileno()


async def test_a_hundred_idle_clients_do_not_delay_the_redirect(
    wait: Wait, client: Client, answer: str
) -> None:
    """The oldest idle connections give way."""
    idle = [await client.connect() for _ in range(100)]

    await succeeds(wait, client, answer)
    for _, writer in idle:
        writer.transport.abort()


async def test_clients_that_never_speak_tls_give_way_too(
    wait: Wait, client: Client, answer: str
) -> None:
    """A connection counts from the moment that it is accepted."""
    idle = [
        await asyncio.open_connection("127.0.0.1", client.uri.port, limit=1024) for _ in range(100)
    ]

    await succeeds(wait, client, answer)
    for _, writer in idle:
        writer.transport.abort()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_plain_http_is_told_to_use_https(
    wait: Wait, client: Client, answer: str, method: str
) -> None:
    """A page in plain words, the same for every request: none is looked at."""
    request = f"{method} /callback?{answer} HTTP/1.1\r\nHost: {client.uri.authority}\r\n\r\n"
    received = await unencrypted(client, request.encode())

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n")
    assert b"Write https:// in front of the address" in received
    assert b"granted-1" not in received
    await succeeds(wait, client, answer)


@pytest.mark.parametrize(
    "noise",
    [b"\x00" * 4096, b"\x16\x03", b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"SSH-2.0-x\r\n"],
)
async def test_what_is_not_tls_is_dropped(
    wait: Wait, client: Client, answer: str, noise: bytes
) -> None:
    """Without an answer in HTTP, which it did not speak."""
    received = await unencrypted(client, noise)

    assert b"HTTP" not in received
    await succeeds(wait, client, answer)


async def unencrypted(client: Client, raw: bytes) -> bytes:
    """Send bytes without TLS, and read to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.uri.port)
    try:
        writer.write(raw)
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), PATIENCE_S)
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


async def test_deadlines_end_slow_handshakes_and_dripping_heads(
    attempt: Attempt,
    certificate: Certificate,
    client: Client,
    answer: str,
    quick: Callable[..., Limits],
) -> None:
    """Each byte does not buy more time: the whole head has one deadline, the handshake another."""
    limits = quick(handshake_s=1.0, head_s=0.5)
    async with waiting(attempt, certificate, limits=limits) as wait:
        silent, silent_writer = await asyncio.open_connection("127.0.0.1", client.uri.port)
        reader, writer = await client.connect()
        received = b""

        async def drip() -> None:
            for byte in b"GET /callback HTTP/1.1\r\nX: " + b"x" * 1000:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        received = await asyncio.wait_for(reader.read(), PATIENCE_S)
        dripping.cancel()
        writer.transport.abort()
        unheard = await asyncio.wait_for(silent.read(), PATIENCE_S)
        silent_writer.transport.abort()

        assert received.startswith(b"HTTP/1.1 408 ")
        assert b"" == unheard
        await succeeds(wait, client, answer)


async def test_a_held_redirect_never_gives_way(
    attempt: Attempt,
    certificate: Certificate,
    client: Client,
    answer: str,
    quick: Callable[..., Limits],
) -> None:
    """While the code is being exchanged, a flood cannot throw the true tab out."""
    async with waiting(attempt, certificate, limits=quick(connections=4)) as wait:
        redirected = asyncio.create_task(client.get(answer))
        await wait.code(PATIENCE_S)
        idle = [
            await asyncio.open_connection("127.0.0.1", client.uri.port, limit=1024)
            for _ in range(20)
        ]
        wait.finish(success=True, sentence="Acme is connected.")

        assert 303 == (await redirected).status
    for _, writer in idle:
        writer.transport.abort()


async def test_when_every_connection_is_held_the_next_is_turned_away(
    attempt: Attempt,
    certificate: Certificate,
    client: Client,
    answer: str,
    quick: Callable[..., Limits],
) -> None:
    """The cap holds, and a proven answer is worth more than a newcomer."""
    async with waiting(
        attempt, certificate, limits=quick(connections=1, handshake_s=600.0)
    ) as wait:
        redirected = asyncio.create_task(client.get(answer))
        await wait.code(PATIENCE_S)
        reader, writer = await asyncio.open_connection("127.0.0.1", client.uri.port)
        turned_away = await asyncio.wait_for(reader.read(), PATIENCE_S)
        writer.transport.abort()
        wait.finish(success=True, sentence="Acme is connected.")

        assert b"" == turned_away
        assert 303 == (await redirected).status


async def test_a_client_that_vanishes_while_held_hurts_nobody(
    wait: Wait, client: Client, answer: str
) -> None:
    """The tab may be closed while the code is exchanged."""
    _, writer = await client.connect()
    writer.write(
        f"GET /callback?{answer} HTTP/1.1\r\nHost: {client.uri.authority}\r\n\r\n".encode()
    )

    assert CODE == await wait.code(PATIENCE_S)
    writer.transport.abort()
    wait.finish(success=True, sentence="Acme is connected.")


async def test_the_port_is_free_again_after_every_end(
    certificate: Certificate, uri: RedirectURI, client: Client, quick: Callable[..., Limits]
) -> None:
    """Success or exception, the next attempt can listen on the same port at once."""
    for _ in range(2):
        attempt = Attempt.begin(uri.text)
        async with waiting(attempt, certificate, limits=quick()) as wait:
            answer = f"code=granted-1&state={attempt.state.reveal()}"
            await succeeds(wait, client, answer)
    with suppress(ZeroDivisionError):
        async with waiting(Attempt.begin(uri.text), certificate, limits=quick()):
            _, writer = await client.connect()
            raise ZeroDivisionError
    writer.transport.abort()

    with socket.socket() as probe:
        assert 0 != probe.connect_ex(("127.0.0.1", uri.port))
