"""Pasting the redirected address while the browser is waited for."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from typing import Final, TextIO

from close_tui.cli.console import Console
from close_tui.errors import CloseTuiError, RedirectRefused, UsageError
from close_tui.operations.authorize import Authorization

_AT_ONCE: Final = 64 * 1024
_LONGEST: Final = 64 * 1024


class Pasting:
    """Reads lines in a thread that never holds up the end of the program."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._authorization: Authorization | None = None
        self._alone = False
        self._refused: RedirectRefused | None = None
        self._at_end = False
        self._ended = False
        self._asked: asyncio.Future[str] | None = None

    def turn_to(self, authorization: Authorization, *, alone: bool) -> None:
        """Take what is pasted from now on for this authorization, on the running loop's behalf.

        ``alone`` means that nothing else can bring the answer: the wait ends with the input.
        """
        is_first, self._ended = self._authorization is None, False
        self._authorization, self._alone, self._refused = authorization, alone, None
        if is_first:
            self._start()
        elif self._at_end:
            self._end()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()

        def read() -> None:
            try:
                for line in lines(self._console.stdin):
                    loop.call_soon_threadsafe(self._take, line)
                loop.call_soon_threadsafe(self._end)
            except RuntimeError:
                return  # the loop has ended; nobody waits any more

        threading.Thread(target=read, name="pasted redirect", daemon=True).start()

    async def answer(self) -> str:
        """Return the next line, which answers a question in place of being a redirect.

        Empty where the input has ended.
        """
        self._asked = asyncio.get_running_loop().create_future()
        if self._at_end:
            self._asked.set_result("")
        try:
            return await self._asked
        finally:
            self._asked = None

    def why_ended(self) -> CloseTuiError | None:
        """Say why the input brought no answer; None while it has not ended."""
        if not self._ended:
            return None
        return self._refused or UsageError(
            "Standard input ended without the redirected address.",
            advice="Send the address that the browser shows after you allowed access.",
        )

    def _take(self, line: str) -> None:
        if self._asked is not None:
            if not self._asked.done():
                self._asked.set_result(line.strip())
            return
        if not line.strip() or self._authorization is None:
            return
        try:
            self._authorization.paste(line)
        except RedirectRefused as error:
            self._refused = error
            if not self._alone or self._console.stdin.isatty():  # else it is told at the end
                self._console.error(error)

    def _end(self) -> None:
        self._at_end = True
        if self._asked is not None:
            if not self._asked.done():
                self._asked.set_result("")
            return
        if self._alone and self._authorization is not None:
            self._ended = True
            self._authorization.cancel()


def lines(stream: TextIO) -> Iterator[str]:
    """Read lines without Python's own buffer, whose lock would hold up the end of the program."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        yield from stream
        return
    waiting = b""
    while chunk := os.read(descriptor, _AT_ONCE):
        *whole, waiting = (waiting + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        if len(waiting) > _LONGEST:
            return
    yield waiting.decode("utf-8", "replace")
