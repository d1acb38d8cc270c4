"""How soon the first revocation leaves after the confirming key, against a key press's paint."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from close_tui.sandbox.policies import Policies
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World
from tests.bench.killing import DESCRIBED, Close, make_vault
from tests.bench.terminal import PATIENCE_S, Screen
from tests.bench.timing import Timed

RUNS: Final = 15
_CONNECTIONS: Final = 2 * (RUNS + 2)


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
            screen = Screen(environment)
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
                    assert time.perf_counter() - pressed < PATIENCE_S, "nothing was sent"
                    time.sleep(0.0002)
                took = time.perf_counter() - pressed
                screen.shows("All dead")
            finally:
                screen.close()
            return took

        def to_paint() -> float:
            screen = Screen(environment)
            try:
                screen.shows("connection-")
                screen.rest(0.8)
                return -screen.press("j") + screen.shows(DESCRIBED)
            finally:
                screen.close()

        yield to_first_request, to_paint
