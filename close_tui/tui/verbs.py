"""How screens call the verbs: in the background thread, with the time and browser of this run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from close_tui.operations.background import Background
from close_tui.operations.desk import LEAVE_WAIT_S, Desk
from close_tui.operations.overview import Overview, overview
from close_tui.settings import Settings

if TYPE_CHECKING:
    from close_tui.callback.surroundings import Surroundings
    from close_tui.tui.clipboard import Copied  # nothing is copied before the first paint

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE: Final = 8
"""How many connections are refreshed, tested or revoked at the same time."""


class Verbs:
    """The one desk of this run of the app, and what its verbs are told from outside.

    Attributes:
        settings: where things are.
        clock: wall clock, Unix seconds.
        opener: opens a URL in a browser and tells whether it did; None for the system's.
        here: where a browser would be seen, and how one elsewhere comes back.
        send: writes a control sequence to the terminal.
        copied: the secret that was copied last; None before the first.

    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        make_desk: Callable[[], Desk] | None = None,
        opener: Callable[[str], bool] | None = None,
        surroundings: Surroundings | None = None,
        send: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.opener = opener
        self._surroundings = surroundings
        self._background = Background(
            make_desk or (lambda: Desk(settings, clock=clock, program="app"))
        )
        self.send = send
        self.copied: Copied | None = None
        self._first_look: Future[Overview] | None = None

    @property
    def here(self) -> Surroundings:
        """Look around, once; an opener of one's own is meant to be used."""
        if self._surroundings is None:
            from close_tui.callback.surroundings import DESK, look

            self._surroundings = DESK if self.opener else look()
        return self._surroundings

    def start(self) -> None:
        """Start the background thread; it looks at the vault while Textual gets ready."""
        self._background.start()
        self._first_look = self._background.submit(_look)

    async def first_look(self, wait_s: float) -> Overview | None:
        """Return what the first look showed, if it is there within so many seconds."""
        if self._first_look is None:
            return None
        looking = asyncio.wrap_future(self._first_look)
        await asyncio.wait({looking}, timeout=wait_s)
        if not looking.done():
            return None
        self._first_look = None  # what is seen is the screen's, and is not held twice
        return looking.result()

    async def look(self, before: Overview) -> Overview:
        """Look at the vault again; while the first look is under way, wait for that."""
        first, self._first_look = self._first_look, None
        if first is not None:
            return await asyncio.wrap_future(first)
        return await self.ask(overview, before)

    def stop(self, wait_s: float = LEAVE_WAIT_S) -> None:
        """Leave: wait (bounded) for refreshes under way, then end the background thread.

        A secret that was copied is taken out of the clipboard first.
        """
        if self.copied is not None:
            self.copied.clear_here()
        self._background.stop(wait_s)

    async def run(
        self,
        verb: Callable[Concatenate[Desk, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb and wait for it; cancelling the wait does not cancel the verb."""
        return await self._background.run(verb, *args, **kwargs)

    def submit(
        self,
        verb: Callable[Concatenate[Desk, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Future[T]:
        """Begin a verb at once, whether or not anybody waits for it."""
        return self._background.submit(verb, *args, **kwargs)

    async def run_while_waited_for(
        self,
        verb: Callable[Concatenate[Desk, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a verb that may be given up; cancelling the wait cancels it."""
        return await asyncio.wrap_future(self._background.submit(verb, *args, **kwargs))

    async def ask(
        self,
        question: Callable[Concatenate[Desk, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call something short with the desk, in its thread, and wait for the answer."""

        async def verb(desk: Desk) -> T:
            return question(desk, *args, **kwargs)

        return await self._background.run(verb)


async def _look(desk: Desk) -> Overview:
    return overview(desk)
