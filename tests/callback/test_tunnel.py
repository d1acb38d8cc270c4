"""A tunnel: where it may deliver, and that what it delivers is held to the same rules."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.attempt import Attempt
from close_tui.callback.certificate import Certificate
from close_tui.callback.exchange import Limits
from close_tui.callback.tunnel import Tunnel, validate_listen
from close_tui.callback.waiting import Wait, waiting
from close_tui.errors import PortBusy, UsageError
from close_tui.secret import Secret

from .conftest import PATIENCE_S, Client
from .far_end import FarEnd, far_end

CODE = Secret("granted-1")
PUBLIC = "https://acme.ngrok.app/callback"


@pytest.mark.parametrize(
    ("text", "host", "port", "authority"),
    [
        ("http://127.0.0.1:8400", "127.0.0.1", 8400, "127.0.0.1:8400"),
        (" http://localhost:8400/ ", "localhost", 8400, "localhost:8400"),
        ("HTTP://LOCALHOST:8400", "localhost", 8400, "localhost:8400"),
        ("http://[::1]:8400", "::1", 8400, "[::1]:8400"),
        ("http://127.0.0.1:80", "127.0.0.1", 80, "127.0.0.1"),
    ],
)
def test_an_address_of_this_machine_is_taken(
    text: str, host: str, port: int, authority: str
) -> None:
    """Host, port, and how a tunnel would write them as ``Host``."""
    tunnel = Tunnel.parse(text)

    assert (host, port, authority) == (tunnel.host, tunnel.port, tunnel.authority)
    assert text.strip().rstrip("/") == validate_listen(text, PUBLIC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not an address"),
        ("8400", "is not an address"),
        ("127.0.0.1:8400", "is not an address"),
        ("localhost:8400", "must begin with http://"),
        ("https://127.0.0.1:8400", "must begin with http://"),
        ("http://0.0.0.0:8400", "must be this machine itself"),
        ("http://[::]:8400", "must be this machine itself"),
        ("http://:8400", "must be this machine itself"),
        ("http://192.168.1.5:8400", "must be this machine itself"),
        ("http://acme.example:8400", "must be this machine itself"),
        ("http://127.0.0.1.evil.example:8400", "must be this machine itself"),
        ("http://127.0.0.1", "needs the port"),
        ("http://127.0.0.1:0", "needs the port"),
        ("http://127.0.0.1:99999", "is not an address"),
        ("http://127.0.0.1:8400/callback", "host and port only"),
        ("http://127.0.0.1:8400?x", "host and port only"),
        ("http://ada@127.0.0.1:8400", "host and port only"),
        ("http://127.0.0.1:84 00", "is not an address"),
        ("http://127.0.0.1:8400\x1b[2J", "is not an address"),
        ("http://127.0.0.1:8400" + "0" * 200, "is not an address"),
        ("http://[::1", "is not an address"),
    ],
)
def test_everything_else_is_refused_with_the_reason(text: str, says: str) -> None:
    """Only loopback is ever bound."""
    with pytest.raises(UsageError, match=says) as refused:
        Tunnel.parse(text)

    assert "http://127.0.0.1:8400" in refused.value.advice


def test_plain_http_needs_a_far_end() -> None:
    """A redirect URI on this machine itself is answered over https, by us."""
    with pytest.raises(UsageError, match="this machine itself"):
        validate_listen("http://127.0.0.1:8400", "https://localhost:25673/callback")


@dataclass
class Stage:
    """A wait behind a far end, and a browser in front of it."""

    wait: Wait
    browser: Client
    far: FarEnd
    near: Client
    answer: str


@asynccontextmanager
async def stage(
    certificate: Certificate, limits: Limits, *, rewrites: bool, near: str = "127.0.0.1"
) -> AsyncIterator[Stage]:
    """Set the stage; the far end ``rewrites`` the Host or passes it on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    tunnel = Tunnel.parse(f"http://{near}:{port}")
    host_header = tunnel.authority if rewrites else None
    context = ssl.create_default_context(cadata=certificate.pem)
    async with far_end(("127.0.0.1", port), certificate, host_header) as far:
        uri = RedirectURI.parse(f"https://tunnel.example:{far.port}/callback")
        attempt = Attempt.begin(uri.text)
        answer = f"code=granted-1&state={attempt.state.reveal()}"
        async with waiting(attempt, tunnel=tunnel, limits=limits) as wait:
            yield Stage(
                wait,
                Client(uri, context),
                far,
                Client(replace(uri, port=port), context, plain=True),
                answer,
            )


@pytest.mark.parametrize("rewrites", [False, True])
@pytest.mark.parametrize("near", ["127.0.0.1", "localhost"])
async def test_the_answer_comes_through_either_kind_of_tunnel(
    rewrites: bool, near: str, certificate: Certificate, quick: Callable[..., Limits]
) -> None:
    """One passes the browser's Host on, the other puts the near end's in its place."""
    async with stage(certificate, quick(), rewrites=rewrites, near=near) as on:
        redirected = asyncio.create_task(on.browser.get(on.answer))
        code = await on.wait.code(PATIENCE_S)
        on.wait.finish(success=True, sentence="Acme is connected.")
        reply = await redirected
        done = await on.browser.get("", path="/callback/done")

        assert CODE == code
        assert f"{on.browser.uri.origin}/callback/done" == reply.headers["location"]
        assert (303, 200) == (reply.status, done.status)
        assert "Acme is connected." in done.body
        assert on.wait.listening
        wanted = f"{near}:{on.near.uri.port}" if rewrites else on.browser.uri.authority
        assert [wanted] * 2 == on.far.seen


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost", "tunnel.example", "tunnel.example.evil.example", "", "::1"],
)
async def test_no_other_host_is_answered(
    host: str, certificate: Certificate, quick: Callable[..., Limits]
) -> None:
    """Neither through the tunnel nor at the near end, to which local pages can speak."""
    async with stage(certificate, quick(), rewrites=False) as on:
        through = await on.browser.get(on.answer, Host=host)
        directly = await on.near.get(on.answer, Host=host)

        assert [421, 421] == [through.status, directly.status]
        assert not on.wait.attempt.answered


async def test_the_rules_of_the_listener_hold_behind_a_tunnel(
    certificate: Certificate, quick: Callable[..., Limits]
) -> None:
    """What a page does by itself is refused, another path, method or state too; then it works."""
    async with stage(certificate, quick(), rewrites=False) as on:
        refused = [
            await on.browser.get(on.answer, Sec_Fetch_Mode="cors"),
            await on.browser.get(on.answer, Sec_Fetch_Dest="image"),
            await on.browser.get(on.answer, path="/"),
            await on.browser.get("code=x&state=y"),
            await on.near.get(on.answer, Host=f"{on.near.uri.host}:1"),
            await on.near.send(b"POST /callback HTTP/1.1\r\nHost: tunnel.example\r\n\r\n"),
            await on.near.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64),
        ]
        redirected = asyncio.create_task(on.browser.get(on.answer))
        code = await on.wait.code(PATIENCE_S)
        on.wait.finish(success=True, sentence="Acme is connected.")

        assert [403, 403, 404, 400, 421, 421, 400] == [each.status for each in refused]
        assert CODE == code
        assert 303 == (await redirected).status


async def test_idle_connections_give_way_behind_a_tunnel(
    certificate: Certificate, quick: Callable[..., Limits]
) -> None:
    """The cap and the deadlines do not need TLS."""
    limits = quick(connections=4, head_s=600.0)
    async with stage(certificate, limits, rewrites=False) as on:
        idle = [await asyncio.open_connection("127.0.0.1", on.near.uri.port) for _ in range(12)]
        redirected = asyncio.create_task(on.browser.get(on.answer))
        code = await asyncio.wait_for(on.wait.code(PATIENCE_S), PATIENCE_S)
        on.wait.finish(success=True, sentence="Acme is connected.")

        assert CODE == code
        assert 303 == (await redirected).status
        for _, writer in idle:
            writer.close()


async def test_only_loopback_is_bound(quick: Callable[..., Limits]) -> None:
    """Another address of this machine finds nobody at the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        tunnel = Tunnel.parse(f"http://127.0.0.1:{port}")
        with pytest.raises(PortBusy):
            async with waiting(Attempt.begin(PUBLIC), tunnel=tunnel, limits=quick()):
                pass
    async with waiting(Attempt.begin(PUBLIC), tunnel=tunnel, limits=quick()):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        with pytest.raises(OSError, match="Connect"):
            await asyncio.open_connection("127.0.0.2", port)


async def test_a_local_redirect_uri_is_never_served_in_plain_http(
    attempt: Attempt, quick: Callable[..., Limits]
) -> None:
    """Not even when a caller asks for it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        tunnel = Tunnel.parse(f"http://127.0.0.1:{taken.getsockname()[1]}")
    async with waiting(attempt, tunnel=tunnel, limits=quick()) as wait:
        assert not wait.listening
