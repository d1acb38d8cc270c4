"""A secret in the clipboard: how it gets there, and out of it again."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from typing import Final

from close_tui.operations.clipboard import KEPT_S, Clipboard, system_clipboard
from close_tui.operations.desk import Desk, in_daemon_thread
from close_tui.secret import Secret
from close_tui.tui.verbs import Verbs

CLEAR: Final = "\x1b]52;c;!\a"
"""What is not base64 empties a terminal's clipboard (xterm, Control Sequences, OSC 52)."""

_TMUX: Final = " tmux may keep a copy among its buffers: tmux delete-buffer takes it out."


class Copied:
    """One secret that was copied. Knows its SHA-256 and nothing more.

    Textual's own ``copy_to_clipboard`` would keep the text.

    Args:
        verbs: where programs are run, the clock, and the way to the terminal.
        say: tells the person what was done.

    """

    def __init__(self, verbs: Verbs, say: Callable[[str], object]) -> None:
        self._verbs = verbs
        self._say = say
        self._system: Clipboard | None = None
        self._sha256: bytes | None = None
        self._until = 0.0

    async def put(self, secret: Secret) -> str:
        """Copy a secret every way there is, and say which way it went and what happens next."""
        encoded = base64.b64encode(secret.reveal().encode("utf-8")).decode("ascii")
        self._verbs.send(f"\x1b]52;c;{encoded}\a")
        self._sha256 = secret.sha256
        self._until = self._verbs.clock() + KEPT_S
        self._system = await self._verbs.run(_put, secret)
        after = f"in {KEPT_S:.0f} s, or when close-tui is left"
        if self._system is not None:
            way = f"Copied with {self._system.name}, and sent to the terminal (OSC 52)."
            return f"{way} Cleared {after}, if it is still there.{_beside()}"
        return (
            "Sent to the terminal's clipboard (OSC 52); whether it took it cannot be checked. "
            f"It is told to clear it {after}, whatever is in it by then.{_beside()}"
        )

    async def clear_when_due(self) -> None:
        """Clear it once it has been there long enough, and say what was done."""
        left = self._until - self._verbs.clock()
        if self._sha256 is not None and not 0 < left <= KEPT_S:
            self._say(await self.clear())

    async def clear(self) -> str:
        """Take the secret out of the clipboard if it is still there; returns what was done."""
        return await self._verbs.run(_in_thread, self.clear_here)

    def clear_here(self) -> str:
        """Do so at once, in this thread; empty when there is nothing to do."""
        sha256, self._sha256 = self._sha256, None
        if sha256 is None:
            return ""
        if self._system is None:
            self._verbs.send(CLEAR)
            return (
                "The terminal was told to clear its clipboard (OSC 52); whether it did cannot be "
                "checked."
            )
        if not self._system.holds(sha256):
            return "The clipboard holds something else by now; it was left alone."
        self._verbs.send(CLEAR)
        if self._system.clear():
            return "The secret was cleared from the clipboard."
        return f"{self._system.name} could not clear the clipboard: copy something else now."


def _beside() -> str:
    return _TMUX if os.environ.get("TMUX") else ""


async def _put(_: Desk, secret: Secret) -> Clipboard | None:
    def put() -> Clipboard | None:
        found = system_clipboard()
        if found is not None and not found.put(secret):
            found.clear()  # it may have got there all the same
            return None
        return found

    return await in_daemon_thread(put)


async def _in_thread(_: Desk, work: Callable[[], str]) -> str:
    return await in_daemon_thread(work)
