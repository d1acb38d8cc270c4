"""What an authorization costs from the browser's redirect to the stored connection, by itself."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from close_tui.callback import certificate
from close_tui.model import App
from close_tui.operations.authorize import authorization
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from tests.bench.timing import Timed

RUNS: Final = 15
"""Few: each takes two seconds more, in which the browser's last page stays."""

_BODY: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class _Answering(httpx.AsyncBaseTransport):
    """A Close that takes no time: each code is exchanged at once, for another user."""

    def __init__(self) -> None:
        self._numbers = count()
        self._user = ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer at once."""
        if request.url.path == "/oauth2/token/":
            number = next(self._numbers)
            self._user = f"user_{number}"
            answer: dict[str, object] = {
                "token_type": "Bearer",
                "access_token": f"access{number:037}",
                "expires_in": 3600,
                "refresh_token": f"refresh{number:036}",
                "scope": "all.full_access offline_access",
                "organization_id": "orga_0",
                "user_id": self._user,
            }
        elif request.url.path == "/api/v1/me/":
            organizations = [{"id": "orga_0", "name": "Acme"}]
            answer = {"id": self._user, "email": "ada@acme.example", "organizations": organizations}
        else:
            answer = {}
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(answer).encode()))


@contextmanager
def returned(folder: Path) -> Iterator[tuple[Timed, Timed]]:
    """Time a redirect until its connection is stored, and a bare TLS GET with the same key."""
    folder.mkdir(mode=0o700)
    nowhere = "https://127.0.0.1:9"
    settings = Settings(folder / "vault", nowhere, nowhere, folder / "identity.txt")
    vault = Vault.make(settings, at=time.time())
    app = App("app_0", "reports", "oa2client_bench", f"https://127.0.0.1:{_port()}/callback")
    vault.add_app(app, Secret("secret"), time.time())
    vault.close()
    desk = Desk(settings, transport=_Answering())
    context = certificate.ssl_context(certificate.ensure(settings.home))
    with asyncio.Runner() as runner:
        runner.run(desk.unlock())
        yield (
            lambda: runner.run(_authorize(desk, app)),
            lambda: runner.run(_get_bare(context)),
        )
        runner.run(desk.leave())


async def _authorize(desk: Desk, app: App) -> float:
    loop = asyncio.get_running_loop()
    async with authorization(desk, app, seconds=30) as under_way:
        (state,) = parse_qs(urlsplit(under_way.url).query)["state"]
        waiting = asyncio.create_task(under_way.result())
        await asyncio.sleep(0.05)  # what is done while the person is in the browser
        port = urlsplit(app.redirect_uri).port or 0
        begin = time.perf_counter()
        visit = loop.run_in_executor(None, _get, port, f"/callback?code=granted&state={state}")
        done = await waiting
        took = time.perf_counter() - begin
        await visit
    assert "authorized" == done.outcome, done
    return took


async def _get_bare(context: ssl.SSLContext) -> float:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_BODY)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        begin = time.perf_counter()
        await asyncio.get_running_loop().run_in_executor(None, _get, port, "/")
        return time.perf_counter() - begin


def _get(port: int, target: str) -> None:
    """GET over a TLS connection of its own, as a browser would that has just been sent there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain) as tls,
    ):
        tls.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as browsers do
        tls.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        while tls.recv(65536):
            pass


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
