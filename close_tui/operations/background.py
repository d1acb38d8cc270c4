"""A thread in which the verbs run, so that nothing of theirs can block a front end.

SQLite waiting for another program, a keyring that thinks, scrypt: all of it happens there. A verb
that was begun is never cancelled from outside; leaving waits for refreshes (bounded).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Concatenate, Final, ParamSpec, TypeVar

from close_tui.operations.desk import LEAVE_WAIT_S, Desk

P = ParamSpec("P")
T = TypeVar("T")

_START_WAIT_S: Final = 30.0


class Background:
    """One :class:`Desk` in one daemon thread. ``make_desk`` is called there."""

    def __init__(self, make_desk: Callable[[], Desk]) -> None:
        self._make_desk = make_desk
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._desk: Desk | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="verbs", daemon=True)

    def start(self) -> None:
        """Start the thread; verbs may be submitted at once."""
        self._thread.start()

    def submit(
        self,
        verb: Callable[Concatenate[Desk, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Future[T]:
        """Start a verb with the desk and return its future."""
        self._ready.wait(_START_WAIT_S)
        assert self._loop is not None
        assert self._desk is not None
        desk = self._desk

        async def run() -> T:
            return await verb(desk, *args, **kwargs)

        return asyncio.run_coroutine_threadsafe(run(), self._loop)

    async def run(
        self,
        verb: Callable[Concatenate[Desk, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb and wait for its result; cancelling the wait does not cancel the verb."""
        return await asyncio.shield(asyncio.wrap_future(self.submit(verb, *args, **kwargs)))

    def call(self, work: Callable[[], object]) -> None:
        """Run a short call in the thread, without waiting for it."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def stop(self, wait_s: float = LEAVE_WAIT_S) -> None:
        """Leave: wait (bounded) for refreshes under way, close the vault, end the thread."""
        if not self._thread.is_alive():
            return
        self._ready.wait(_START_WAIT_S)
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(wait_s + 1)

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with self._make_desk() as desk:
            self._desk = desk
            self._ready.set()
            await self._stop.wait()
