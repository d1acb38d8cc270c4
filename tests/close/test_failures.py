"""No answer, half an answer, too much of an answer: over real sockets."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from close_tui.close.client import Close
from close_tui.close.credential import Bearer
from close_tui.close.wire import Limits
from close_tui.errors import Unavailable, Unreachable
from close_tui.model import Client
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.close.conftest import Serve, Talk

TOKEN = Bearer(Secret("t"))
CLIENT = Client("id", Secret("s"))


async def head(reader: asyncio.StreamReader) -> bytes:
    """Read a request's head."""
    return await reader.readuntil(b"\r\n\r\n")


def saying(raw: bytes) -> Talk:
    """Return a conversation that reads a request, says this, and hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(raw)
        await writer.drain()

    return talk


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read, and never say a word."""
    while await reader.read(1000):
        pass


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the request and reset the connection."""
    await head(reader)
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def failure(url: str, limits: Limits | None = None) -> Unreachable:
    """Return how a refresh at this address fails."""
    async with Close(url, version="1", limits=limits or Limits()) as close:
        with pytest.raises(Unreachable) as caught:
            await close.refresh(CLIENT, Secret("r"))
    return caught.value


def expect(sent: bool, words: str, error: Unreachable) -> None:
    """Assert what a failure says, and whether the request may have arrived."""
    ending = "The request may have arrived all the same." if sent else "Nothing was sent."

    assert sent is error.sent
    assert words in str(error)
    assert str(error).endswith(ending)


async def test_a_refused_connection_sent_nothing() -> None:
    """Nobody listens: it is safe to try again."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"

        expect(False, "127.0.0.1: connection refused.", await failure(url))


async def test_an_unknown_name_sent_nothing() -> None:
    """A host that DNS does not know is named."""
    error = await failure("https://close.invalid", Limits(connect_s=60, whole_s=60))

    expect(False, "DNS name not found: close.invalid.", error)


async def test_a_connection_that_never_comes_about_sent_nothing(serve: Serve) -> None:
    """A handshake that is not answered runs into the connect deadline."""
    async with serve(silence) as port:
        error = await failure(f"https://127.0.0.1:{port}", Limits(connect_s=0.2))

    expect(False, "127.0.0.1: no connection within 0.2 s.", error)


async def test_the_whole_deadline_during_a_handshake_sent_nothing(
    serve: Serve, hasty: Limits
) -> None:
    """The overall time-out may strike before the request has left, and the socket is closed."""
    ended = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silence(reader, writer)
        ended.set()

    async with serve(wait) as port:
        error = await failure(f"https://127.0.0.1:{port}", hasty)
        await asyncio.wait_for(ended.wait(), 20)

    expect(False, "no answer within 1 s.", error)


async def test_tls_with_a_server_that_speaks_none_sent_nothing(serve: Serve) -> None:
    """Https to a plain http port fails before anything is said."""

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serve(plain) as port:
        error = await failure(f"https://127.0.0.1:{port}")

    expect(False, "127.0.0.1: TLS could not be set up.", error)


async def test_an_untrusted_certificate_sent_nothing(serve: Serve, tmp_path: Path) -> None:
    """A certificate that nobody vouches for gets no secret."""
    async with serve(silence, self_signed(tmp_path)) as port:
        error = await failure(f"https://127.0.0.1:{port}")

    expect(False, "(self-signed certificate).", error)
    assert str(error).startswith("127.0.0.1: TLS certificate not trusted: it is signed by “127.")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access_token": "a"',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"SSH-2.0-OpenSSH_9\r\n\r\n",
    ],
)
async def test_a_broken_answer_may_have_been_acted_on(serve: Serve, answer: bytes) -> None:
    """None, half or a foreign one: the request was sent, so the token may be spent."""
    async with serve(saying(answer)) as port:
        error = await failure(f"http://127.0.0.1:{port}")

    expect(True, "127.0.0.1: the connection broke before the answer was complete.", error)


async def test_a_reset_after_the_request_may_have_been_acted_on(serve: Serve) -> None:
    """A reset is not a promise that nothing happened."""
    async with serve(reset) as port:
        error = await failure(f"http://127.0.0.1:{port}")

    expect(True, "the connection broke", error)


async def test_a_silent_server_may_have_acted(serve: Serve, hasty: Limits) -> None:
    """The whole call has a deadline, and says which."""
    async with serve(silence) as port:
        error = await failure(f"http://127.0.0.1:{port}", hasty)

    expect(True, "127.0.0.1: no answer within 1 s.", error)


async def test_a_dripping_answer_ends_at_the_same_deadline(serve: Serve, hasty: Limits) -> None:
    """Bytes that keep coming do not extend the call."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serve(drip) as port:
        error = await failure(f"http://127.0.0.1:{port}", hasty)

    expect(True, "no answer within 1 s.", error)


async def test_a_second_call_after_a_lost_answer_uses_a_new_socket(serve: Serve) -> None:
    """The first socket is closed before anything else is sent."""
    ends: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        ends.append(await reader.read())

    async with serve(once) as port:
        limits = Limits(whole_s=0.3)
        async with Close(f"http://127.0.0.1:{port}", version="1", limits=limits) as close:
            for _ in range(2):
                with pytest.raises(Unreachable):
                    await close.me(TOKEN)
        while len(ends) < 2:
            await asyncio.sleep(0.01)

    assert [b"", b""] == ends


async def test_an_oversized_answer_is_not_read_to_its_end(serve: Serve) -> None:
    """Reading stops at the cap, whatever the server goes on to send."""
    given = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal given
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            given += 65536

    async with (
        serve(flood) as port,
        Close(f"http://127.0.0.1:{port}", version="1", limits=Limits(body_bytes=100_000)) as close,
    ):
        with pytest.raises(Unavailable, match="more than an answer can hold"):
            await close.me(TOKEN)

    assert given < 50_000_000


async def test_a_redirect_is_not_followed(serve: Serve) -> None:
    """A form with secrets goes to one address only."""
    seen: list[bytes] = []

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await head(reader))
        writer.write(b"HTTP/1.1 307 X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
        await silence(reader, writer)

    async with (
        serve(redirect) as port,
        Close(f"http://127.0.0.1:{port}", version="1") as close,
    ):
        with pytest.raises(Unavailable, match="307"):
            await close.refresh(CLIENT, Secret("r"))

    assert [b"POST /oauth2/token/ HTTP/1.1"] == [one.splitlines()[0] for one in seen]


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (saying(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), "The proxy"),
        (saying(b""), "the connection broke"),
        (silence, "no answer within 1 s."),
    ],
)
async def test_trouble_with_a_proxy_sent_nothing(
    serve: Serve, hasty: Limits, monkeypatch: pytest.MonkeyPatch, talk: Talk, words: str
) -> None:
    """What a proxy is told before the tunnel stands holds nothing of ours."""
    async with serve(talk) as port:
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "")
        error = await failure("https://close.invalid", hasty)

    expect(False, words, error)


async def test_this_machine_is_never_reached_through_a_proxy(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox on loopback works behind a company's proxy settings."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    body = b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"id": "user_1"}'

    async with (
        serve(saying(body)) as port,
        Close(f"http://127.0.0.1:{port}", version="1") as close,
    ):
        assert "user_1" == (await close.me(TOKEN)).user.id


@pytest.mark.parametrize(
    ("trouble", "sent"),
    [
        (httpx.ConnectError("x"), False),
        (httpx.ConnectTimeout("x"), False),
        (httpx.PoolTimeout("x"), False),
        (httpx.ReadTimeout("x"), True),
        (httpx.WriteError("x"), True),
        (httpx.RemoteProtocolError("x"), True),
        (TimeoutError(), True),
    ],
)
async def test_a_transport_without_events_is_judged_by_the_trouble(
    trouble: Exception, sent: bool
) -> None:
    """Where nothing tells what happened, only a failure to connect sent nothing."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise trouble

    async with Close("https://x", version="1", transport=httpx.MockTransport(fail)) as close:
        with pytest.raises(Unreachable) as caught:
            await close.me(TOKEN)

    assert sent is caught.value.sent


async def test_cancelling_leaves_nothing_behind(serve: Serve) -> None:
    """A cancelled call is cancelled, not reported as trouble, and its socket closes."""
    started, ended = asyncio.Event(), asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        started.set()
        await reader.read()
        ended.set()

    async with serve(wait) as port, Close(f"http://127.0.0.1:{port}", version="1") as close:
        call = asyncio.create_task(close.me(TOKEN))
        await started.wait()
        call.cancel()

        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(ended.wait(), 20)


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return a server's TLS settings with a certificate that nobody knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "both.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
