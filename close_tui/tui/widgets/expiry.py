"""The time that is left, in words and as a bar that drains over the last hour."""

from __future__ import annotations

import math
from typing import Final

from close_tui.model import EXPIRING_S, Connection
from close_tui.text import duration

HOUR_S: Final = 3600
"""The life of an access token, and so of a full bar."""

_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


def coarse(seconds: float) -> str:
    """Return a length of time that changes rarely: ``43m``, ``3h``, ``9d``; ``0m`` below one."""
    minutes = max(0, int(seconds)) // 60
    if minutes < 60:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // 1440}d"


def ago(seconds: float) -> str:
    """Return how long something is past: ``just now``, ``43m ago``, ``2h ago``."""
    return "just now" if seconds < 60 else f"{coarse(seconds)} ago"


def expiry_text(connection: Connection, now: float) -> str:
    """Say when the access token expires, to the second only in its last minutes.

    ``in 43m``, ``in 4m 12s``, ``expired 2h ago``; ``no expiry`` for an API key; a dash for what
    is revoked, where the time of expiry means nothing any more.
    """
    if connection.revoked_at is not None:
        return "–"
    if connection.expires_at is None:
        return "no expiry"
    left = math.ceil(connection.expires_at - now)
    if left <= 0:
        return f"expired {ago(-left)}"
    return f"in {duration(left) if left <= EXPIRING_S else coarse(left)}"


def expiry_bar(connection: Connection, now: float, width: int = 8) -> str:
    """Return the last hour of a token's life as a bar, in eighths of a cell.

    Always ``width`` cells: empty when expired, revoked or without expiry, and never quite empty
    before.
    """
    if connection.expires_at is None or connection.revoked_at is not None:
        return " " * width
    return bar((connection.expires_at - now) / HOUR_S, width)


def bar(share: float, width: int) -> str:
    """Return a bar of ``width`` cells of which a share from 0 to 1 is filled, in eighths."""
    steps = width * 8
    filled = min(steps, math.ceil(steps * share)) if share > 0 else 0
    full, part = divmod(filled, 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width)
