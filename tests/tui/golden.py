"""Screens known to the letter; ``UPDATE_GOLDENS=1`` writes them anew."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.tui.town import MARKER, Screen

FOLDER: Final = Path(__file__).with_name("goldens")
SIZES: Final = ((120, 40), (80, 24))

SHOWS: Final = {
    "add-app": "AddApp",
    "add-key": "AddKey",
    "apps": "Apps",
    "apps-none": "Apps",
    "bulk": "MainScreen",
    "certificate": "Certificate",
    "change-app": "ChangeApp",
    "choose": "Choose",
    "close-incident": "CloseIncident",
    "copy": "Copy",
    "detail": "DetailScreen or MainScreen",
    "doctor": "Doctor",
    "elsewhere": "KeepElsewhere",
    "expired": "MainScreen",
    "export": "ExportVault",
    "filter-refused": "MainScreen",
    "find": "Leak",
    "go-on": "GoOn",
    "help": "Help",
    "import": "Importing",
    "import-from": "ImportFrom",
    "incident": "OneIncident",
    "incidents": "Incidents",
    "leaving": "Leaving",
    "main": "MainScreen",
    "message": "Message",
    "move-key": "MoveKey",
    "new-passphrase": "NewPassphrase",
    "palette": "CommandPalette",
    "pending": "MainScreen",
    "plan": "Revoke",
    "plan-refused": "Revoke",
    "progress": "Revoking",
    "qr": "QrCode",
    "reconnect": "Reconnect",
    "rekey": "Rekey",
    "remove": "Remove",
    "remove-app": "RemoveApp",
    "remove-app-needed": "RemoveApp",
    "remove-frozen": "Remove",
    "removing": "MainScreen",
    "rename": "Rename",
    "results": "Results",
    "reveal": "Reveal",
    "rotate": "RotateKey",
    "settings": "ShowSettings",
    "still-alive": "StillAlive",
    "test": "Results",
    "unlock": "Unlock",
    "unsaved": "Unsaved",
    "vault": "ShowVault",
    "verdicts": "Revoking",
    "wait-desk": "Authorize",
    "wait-headless": "Authorize",
    "wait-paste-only": "Authorize",
    "wait-ssh": "Authorize",
    "wait-tunnel": "Authorize",
    "wait-unproven": "Authorize",
    "welcome": "MainScreen",
}
"""Each golden, and the screen that is on top in it."""

SETTLED_S: Final = 1.5
"""After so long nothing more comes by itself, the footer for one."""

_PORT: Final = re.compile(r"(http://127\.0\.0\.1):\d{5}")
_LATENCY: Final = re.compile(r"(HTTP \d{3}) · \d+ ms")
_ANSWERED_IN: Final = re.compile(r"(Latency +)(\d+) ms, (HTTP \d{3})( *)")
_INCIDENT: Final = re.compile(r"(inc-\d{8})-[0-9a-f]{4}")


async def looks_like(screen: Screen, name: str) -> None:
    """Show that a screen is its golden, but for ports, latencies and random incident ids."""
    golden = FOLDER / f"{name}-{screen.app.size.width}x{screen.app.size.height}.txt"
    assert type(screen.app.screen).__name__ in SHOWS[name].split(" or ")
    is_renewed = bool(os.environ.get("UPDATE_GOLDENS"))
    expected = "" if is_renewed else golden.read_text(encoding="utf-8")
    if not is_renewed:
        with suppress(AssertionError):  # the comparison below shows the difference
            await screen.until(lambda: expected == _fixed(screen.text))
    else:
        await screen.pilot.pause(SETTLED_S)
    seen = _fixed(screen.text)
    if is_renewed:
        golden.write_text(seen, encoding="utf-8")
        expected = seen

    assert MARKER not in seen
    assert expected == seen


def _fixed(text: str) -> str:
    text = _ANSWERED_IN.sub(lambda m: f"{m[1]}9 ms, {m[3]}{m[4]}{' ' * (len(m[2]) - 1)}", text)
    text = _LATENCY.sub(r"\1 · 9 ms", text)
    return _INCIDENT.sub(r"\1-0000", _PORT.sub(r"\1:00000", text)) + "\n"
