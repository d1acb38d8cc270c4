"""Canaries: after every verb, no secret stands in a file, a log, a repr or a traceback."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.errors import CloseTuiError
from close_tui.leaks import Operator
from close_tui.model import Result
from close_tui.operations import test as testing
from close_tui.operations.add import add_key, set_app
from close_tui.operations.authorize import Authorization, authorize
from close_tui.operations.incident import incidents
from close_tui.operations.incident_text import markdown
from close_tui.operations.kill import begin, kill
from close_tui.operations.refresh import refresh
from close_tui.operations.revoke import revoke
from close_tui.operations.token import token
from close_tui.sandbox import faults
from close_tui.secret import Secret
from tests.operations.conftest import MARKER
from tests.operations.test_authorize import consent

if TYPE_CHECKING:
    from tests.operations.conftest import Town

FORMS = [
    MARKER.encode(),
    # In a Basic header the marker stands at one of three places of base64's groups.
    *(base64.b64encode(b"x" * n + MARKER.encode())[4:-4] for n in range(3)),
]


def assert_clean(text: str | bytes, where: object) -> None:
    """Fail when a text holds a secret, without showing it."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    assert not any(form in raw for form in FORMS), f"a secret is in {where}"


def assert_files_are_clean(folder: Path) -> None:
    """Fail when any file in a folder holds a secret."""
    for path in folder.rglob("*"):
        if path.is_file():
            assert_clean(path.read_bytes(), path)


def trace(error: BaseException) -> str:
    """Return a traceback with every local variable, as a crash screen may show it."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(found.format())


async def run(seen: list[object], work: Awaitable[Any]) -> Any:
    """Keep what a verb returns or raises."""
    try:
        result = await work
    except CloseTuiError as error:
        seen += [error, trace(error)]
        return None
    if isinstance(result, Result) and result.error is not None:
        seen.append(trace(result.error))
    seen.append(result)
    return result


async def test_no_verb_leaks_a_secret(
    town: Town, caplog: pytest.LogCaptureFixture, tmp_path: Path, guarded: Path
) -> None:
    """Add, authorize, refresh, test, token, revoke, and each of them failing."""
    caplog.set_level(logging.DEBUG)
    seen: list[object] = []
    desk = town.desk

    async def started(under_way: Authorization) -> None:
        seen.append(under_way)
        # The browser's own log is not ours: it holds the address that it was sent back to.
        quiet = caplog.at_level
        with quiet(logging.WARNING, "httpx"), quiet(logging.WARNING, "httpcore"):
            under_way.paste(await consent(town, under_way.url))

    key = town.world.add_api_key(town.ada, town.acme)
    done = await run(seen, authorize(desk, town.app, started, listen=False, seconds=60))
    assert done is not None
    for work in (
        add_key(desk, "key", Secret(key.text)),
        add_key(desk, "again", Secret(key.text)),
        add_key(desk, "bad", Secret(f"{MARKER}.{MARKER}")),
        add_key(desk, "bad", Secret(f"api_{MARKER}.{MARKER}")),
        set_app(desk, town.app, client_secret=Secret(f"{MARKER} {MARKER}")),
        testing.test(desk, done.id),
        refresh(desk, done.id),
        token(desk, done.id),
        set_app(desk, town.app, client_secret=Secret(f"wrong{MARKER}")),
        refresh(desk, done.id),
        set_app(desk, town.app, client_secret=Secret(town.registered.client_secret)),
    ):
        await run(seen, work)
    for fault in (faults.UNAVAILABLE, faults.NON_JSON, faults.DROPPED):
        town.world.faults.add(fault, "refresh")
        town.world.faults.add(fault, "me")
        await run(seen, testing.test(desk, done.id))
        await run(seen, refresh(desk, done.id))
    targets = desk.vault.connections()
    incident = begin(desk, targets, f"in a log: {key.text}", Operator("ada", "laptop"))
    await run(seen, kill(desk, targets, incident, seen.append))
    for target in targets:
        await run(seen, revoke(desk, target.id, reason="leaked"))
    (night,) = incidents(desk)
    seen += [night, markdown(night, "")]
    seen.extend([desk, *desk.vault.connections(), *desk.vault.apps(), *desk.vault.history()])

    assert len(seen) > 25
    assert MARKER in key.text
    for each in seen:
        assert_clean(each if isinstance(each, str) else repr(each), type(each))
    for record in caplog.records:
        assert_clean(f"{record.getMessage()} {record.args!r} {record.exc_text}", record.name)
    assert_files_are_clean(tmp_path)
    assert_files_are_clean(guarded)
    assert (town.settings.home / "vault.db-wal").exists()
