"""A certificate, a free port, and a client that can send what no browser would."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.attempt import Attempt
from close_tui.callback.certificate import Certificate, ensure
from close_tui.callback.exchange import Limits

PATIENCE_S = 60


@dataclass(frozen=True)
class Reply:
    """What a raw client was answered; status 0 when the connection ended without an answer."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Client:
    """Speaks to one redirect URI, byte by byte, trusting only our certificate; or plain http."""

    uri: RedirectURI
    context: ssl.SSLContext
    plain: bool = False

    async def connect(
        self, host: str = "127.0.0.1"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open one TLS connection; the certificate must be good for ``localhost``."""
        if self.plain:
            return await asyncio.wait_for(asyncio.open_connection(host, self.uri.port), PATIENCE_S)
        return await asyncio.wait_for(
            asyncio.open_connection(
                host, self.uri.port, ssl=self.context, server_hostname="localhost"
            ),
            PATIENCE_S,
        )

    async def send(self, raw: bytes, host: str = "127.0.0.1") -> Reply:
        """Send bytes on a fresh connection and read to its end."""
        reader, writer = await self.connect(host)
        received = b""
        try:
            writer.write(raw)
            while chunk := await asyncio.wait_for(reader.read(65536), PATIENCE_S):
                received += chunk
        except OSError:
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return _reply(received)

    async def get(self, query: str, *, path: str | None = None, **headers: str) -> Reply:
        """Send what a browser's tab sends; keyword arguments replace or add headers."""
        wanted = {
            "Host": self.uri.authority,
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in wanted.items())
        target = f"{path or self.uri.path}{'?' if query else ''}{query}"
        return await self.send(f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode())


def _reply(received: bytes) -> Reply:
    head, _, body = received.partition(b"\r\n\r\n")
    if not head:
        return Reply(0, {}, "")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Reply(int(first.split()[1]), headers, body.decode())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The certificate of one installation."""
    return ensure(tmp_path_factory.mktemp("home"))


@pytest.fixture
def uri() -> RedirectURI:
    """A redirect URI whose port was free a moment ago."""
    with ExitStack() as held:
        first = held.enter_context(socket.socket())
        first.bind(("127.0.0.1", 0))
        port = first.getsockname()[1]
    return RedirectURI.parse(f"https://localhost:{port}/callback")


@pytest.fixture
def attempt(uri: RedirectURI) -> Attempt:
    """A fresh attempt on that URI."""
    return Attempt.begin(uri.text, organization_id="orga_1")


@pytest.fixture
def answer(attempt: Attempt) -> str:
    """The query that the consent screen sends when access was allowed."""
    return f"code=granted-1&state={attempt.state.reveal()}"


@pytest.fixture
def client(uri: RedirectURI, certificate: Certificate) -> Client:
    """A client for that URI."""
    return Client(uri, ssl.create_default_context(cadata=certificate.pem))


@pytest.fixture
def quick() -> Callable[..., Limits]:
    """Limits whose last page does not hold up the tests."""

    def limits(**changed: float) -> Limits:
        return Limits(**({"linger_s": 0.0} | changed))  # type: ignore[arg-type]

    return limits


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder that does not exist yet."""
    return tmp_path / "home"
