"""What Close's server says of itself (RFC 8414), looked at while a person is in the browser.

It warns and decides nothing: PKCE stays as the app has it, and no address is ever followed. It
never delays an authorization, and where it cannot be had nothing is said.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from close_tui.close.metadata import Metadata, moved
from close_tui.close.wire import Limits
from close_tui.errors import CloseError
from close_tui.model import App
from close_tui.operations.desk import Desk
from close_tui.settings import Settings
from close_tui.text import clean

LIMITS: Final = Limits(connect_s=3.0, whole_s=3.0, body_bytes=1 << 16, connections=1)
KEPT_S: Final = 24 * 3600.0
"""How old an answer may be to be used again."""

FILE: Final = "server-metadata.json"
NO_S256: Final = "The server does not say that it takes PKCE with S256."

_FILE_BYTES: Final = 1 << 16
_CHANGED: Final = "Close's server names other addresses than those that close-tui uses."
_STAYS: Final = (
    "close-tui goes on with those that it knows: see whether there is a newer one, or ask Close."
)


def concerns(found: Metadata, settings: Settings) -> str:
    """Say which addresses are not as they were when this close-tui was made; empty for none."""
    changed = moved(found, settings.api_url, settings.app_url) if found.is_metadata else []
    return f"{_CHANGED} {' '.join(changed)} {_STAYS}" if changed else ""


@asynccontextmanager
async def watched(desk: Desk, app: App, say: Callable[[str], None]) -> AsyncIterator[None]:
    """Look at the metadata while the block runs, and not a moment longer."""
    looking = asyncio.create_task(_look(desk, app, say), name="server metadata")
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait({looking})


async def _look(desk: Desk, app: App, say: Callable[[str], None]) -> None:
    found = _kept(desk) or await _asked(desk)
    if found is None:
        return
    if changed := concerns(found, desk.settings):
        say(changed)
    if app.pkce and "S256" not in found.pkce:
        say(f"{NO_S256} It is sent all the same, as the app's setting says.")


async def _asked(desk: Desk) -> Metadata | None:
    # Connections of its own: those of the calls that matter are left alone when it is given up.
    try:
        async with desk.another_close(LIMITS) as close:
            found = await close.metadata()
    except CloseError:
        return None
    if not found.is_metadata:
        return None
    _keep(desk, found)
    return found


def _kept(desk: Desk) -> Metadata | None:
    """Return the last answer, if it is of the same server and young enough; None otherwise."""
    try:
        with (desk.settings.home / FILE).open("rb") as file:
            text = file.read(_FILE_BYTES + 1)
        kept = json.loads(text if len(text) <= _FILE_BYTES else b"{}")
        at, pkce, endpoints = float(kept["at"]), kept["pkce"], kept["endpoints"]
        is_ours = kept["api_url"] == desk.settings.api_url
        consent, token, revocation = (clean(each, 500) for each in endpoints)
        methods = tuple(filter(None, map(clean, pkce[:20])))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    found = Metadata(200, True, methods, 0.0, (consent, token, revocation))
    return found if is_ours and 0 <= desk.clock() - at <= KEPT_S and found.is_metadata else None


def _keep(desk: Desk, found: Metadata) -> None:
    """Write it beside the vault; where that fails it is asked for again the next time."""
    kept = {
        "api_url": desk.settings.api_url,
        "at": desk.clock(),
        "pkce": found.pkce,
        "endpoints": found.endpoints,
    }
    goal = desk.settings.home / FILE
    new = goal.with_name(f".{FILE}.{os.getpid()}")
    try:
        _write(new, json.dumps(kept).encode())
        new.replace(goal)
    except OSError:
        with suppress(OSError):
            new.unlink()


def _write(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
