"""How soon the first revocation leaves after the confirming key, against a key press's paint."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Final

from close_tui.sandbox.policies import Policies
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World
from tests.bench.killing import DESCRIBED, Close, make_vault
from tests.bench.timing import Timed

RUNS: Final = 15
_CONNECTIONS: Final = 2 * (RUNS + 2)
_PATIENCE_S: Final = 30.0


class _Screen:
    """The app on a terminal of 120×40."""

    def __init__(self, environment: dict[str, str]) -> None:
        child, self._terminal = pty.fork()
        if child == 0:
            os.execve(sys.executable, [sys.executable, "-m", "close_tui"], environment)
        self._child = child
        ioctl(self._terminal, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def press(self, key: str) -> float:
        """Press a key; return when."""
        at = time.perf_counter()
        os.write(self._terminal, key.encode())
        return at

    def shows(self, words: str) -> float:
        """Wait until these words were painted, in one style; return when."""
        seen, end = b"", time.perf_counter() + _PATIENCE_S
        while words.encode() not in seen:
            ready, _, _ = select.select([self._terminal], [], [], max(0, end - time.perf_counter()))
            assert ready, f"{words!r} was not shown; last: {seen[-3000:]!r}"
            seen += os.read(self._terminal, 65536)
        return time.perf_counter()

    def rest(self, seconds: float = 0.4) -> None:
        """Read until nothing is painted for a while."""
        while select.select([self._terminal], [], [], seconds)[0]:
            os.read(self._terminal, 65536)

    def close(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._terminal)


@contextmanager
def confirmed(folder: Path) -> Iterator[tuple[Timed, Timed]]:
    """Time confirming key → first request to revoke, and ``j`` → the next one's details painted.

    Before that request Close is asked whether the token answers: without that, no death is proved.
    """
    world = World(policies=Policies(rate_limit=10**9))
    acme = world.add_organization("Acme")
    ada = world.add_user("ada@acme.example", "Ada Byron", [acme])
    app = world.add_app("Reports", "https://localhost:25673/callback")
    pairs = []
    for _ in range(_CONNECTIONS):
        granted = world.authorize_directly(app, ada, acme)
        pairs.append((granted.access_token, granted.refresh_token or ""))
    with running(world) as url:
        close = Close(url, app.client_id, app.client_secret, ada.id, [acme.id] * 10, pairs)
        settings = make_vault(folder, close, pairs)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CLOSE_TUI", "TEXTUAL"))}
        environment = kept | {
            "CLOSE_TUI_HOME": str(settings.home),
            "CLOSE_TUI_API_URL": url,
            "CLOSE_TUI_APP_URL": url,
            "CLOSE_TUI_IDENTITY_FILE": str(settings.identity_file),
            "HOME": str(folder),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }

        def to_first_request() -> float:
            screen = _Screen(environment)
            try:
                screen.shows("connection-")
                screen.rest(0.8)
                screen.press("X")
                screen.shows("Cancel")
                screen.rest()
                screen.press("\t")
                screen.rest()
                before = world.journal.count(route="revoke")
                pressed = screen.press("\r")
                while world.journal.count(route="revoke") == before:
                    assert time.perf_counter() - pressed < _PATIENCE_S, "nothing was sent"
                    time.sleep(0.0002)
                took = time.perf_counter() - pressed
                screen.shows("All dead")
            finally:
                screen.close()
            return took

        def to_paint() -> float:
            screen = _Screen(environment)
            try:
                screen.shows("connection-")
                screen.rest(0.8)
                return -screen.press("j") + screen.shows(DESCRIBED)
            finally:
                screen.close()

        yield to_first_request, to_paint
