"""The sandbox on a real loopback socket, embedded in this process."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final
from weakref import WeakValueDictionary

from hypercorn.asyncio.run import worker_serve
from hypercorn.config import Config, Sockets
from hypercorn.utils import wrap_app

from close_tui.sandbox.app import create_app
from close_tui.sandbox.state import World

_LOGGER: Final = logging.getLogger(__name__)
_LOGGER.addHandler(logging.NullHandler())

_BODY_LIMIT: Final = 1024 * 1024


class Listener(socket.socket):
    """A listening socket that can cut the connections it has accepted.

    ASGI has no word for dropping a connection without an answer; the socket itself has.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # With its protocol named, asyncio sets TCP_NODELAY; without it an answer waits 40 ms.
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._open: WeakValueDictionary[tuple[str, int], socket.socket] = WeakValueDictionary()
        try:
            self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.bind((host, port))
            self.listen(100)
            self.setblocking(False)
        except OSError:
            self.close()
            raise

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection and remember it for as long as it lives."""
        connection, address = super().accept()
        self._open[address[:2]] = connection
        return connection, address

    def cut(self, client: tuple[str, int]) -> bool:
        """Drop the connection of a client; False when there is none."""
        connection = self._open.get(client)
        if connection is None:
            return False
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        return True

    def cut_all(self) -> None:
        """Drop every connection."""
        for client in list(self._open):
            self.cut(client)


@asynccontextmanager
async def serve(world: World, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve a world on this event loop while the block runs; gives the base URL.

    Port 0 takes a free one. OSError when the address is taken. Leaving the block drops what is
    still open and returns when the server has ended.
    """
    listener = Listener(host, port)
    config = Config()
    config.errorlog = _LOGGER
    config.include_server_header = False
    config.include_date_header = False  # the front's, by the world's clock
    app = wrap_app(create_app(world, listener.cut), _BODY_LIMIT, "asgi")  # type: ignore[arg-type]
    stop = asyncio.Event()
    sockets = Sockets([], [listener], [])
    server = asyncio.create_task(
        worker_serve(app, config, sockets=sockets, shutdown_trigger=stop.wait),
        name="close-tui sandbox",
    )
    try:
        yield _url(listener)
    finally:
        stop.set()
        listener.cut_all()
        await server


@contextmanager
def running(world: World, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve a world in a thread of its own while the block runs; gives the base URL."""
    ready = threading.Event()
    started: list[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = []
    failed: list[BaseException] = []

    async def main() -> None:
        stop = asyncio.Event()
        async with serve(world, host, port) as url:
            started.append((url, asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - raised again where it can be seen
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="close-tui sandbox", daemon=True)
    thread.start()
    ready.wait()
    if not started:
        thread.join()
        raise failed[0]
    url, loop, stop = started[0]
    try:
        yield url
    finally:
        with suppress(RuntimeError):  # the loop has ended by itself; `failed` says why
            loop.call_soon_threadsafe(stop.set)
        thread.join()
    if failed:
        raise failed[0]


def _url(listener: Listener) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
