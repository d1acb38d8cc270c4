"""The far end of a tunnel: an https server that hands each connection on to a plain http port.

It stands for ngrok and cloudflared: TLS ends here, the ``Host`` is passed on or replaced, and a few
headers are added that nobody asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from close_tui.callback.certificate import Certificate, ssl_context


@dataclass
class FarEnd:
    """A running far end.

    Attributes:
        port: where it listens, with TLS.
        seen: the ``Host`` of each request as it was handed on.

    """

    near: tuple[str, int]
    host_header: str | None
    port: int = 0
    seen: list[str] = field(default_factory=list)

    async def hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request head to the near end, and everything that comes back to the browser."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            lines = [self._rewritten(line) for line in head[:-2]]
            lines += ["X-Forwarded-Proto: https", "X-Forwarded-For: 198.51.100.7", "", ""]
            near_reader, near_writer = await asyncio.open_connection(*self.near)
            near_writer.write("\r\n".join(lines).encode("latin-1"))
            while chunk := await near_reader.read(65536):
                writer.write(chunk)
                await writer.drain()
            near_writer.close()
        writer.close()

    def _rewritten(self, line: str) -> str:
        name, colon, value = line.partition(":")
        if name.lower() != "host" or not colon:
            return line
        self.seen.append(self.host_header or value.strip())
        return f"Host: {self.seen[-1]}"


@asynccontextmanager
async def far_end(
    near: tuple[str, int], certificate: Certificate, host_header: str | None = None
) -> AsyncIterator[FarEnd]:
    """Serve until the block is left; ``host_header`` takes the place of what the browser sent."""
    context = ssl_context(certificate)
    running = FarEnd(near, host_header)
    server = await asyncio.start_server(running.hand_on, "127.0.0.1", 0, ssl=context)
    running.port = server.sockets[0].getsockname()[1]
    async with server:
        yield running
