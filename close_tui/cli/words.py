"""Statuses, outcomes and times in words for people. Colour is never the only sign."""

from __future__ import annotations

from typing import Final

from close_tui.cli.columns import Cell
from close_tui.model import Connection, Kind, Result, Status
from close_tui.text import duration, rfc3339

GREEN: Final = "32"
YELLOW: Final = "33"
RED: Final = "31"
DIM: Final = "2"
BOLD: Final = "1"

_STATUS: Final = {
    Status.OK: ("●", GREEN),
    Status.EXPIRING: ("◐", YELLOW),
    Status.EXPIRED: ("○", DIM),
    Status.UNTESTED: ("◌", DIM),
    Status.REJECTED: ("✕", RED),
    Status.NEEDS_AUTHORIZATION: ("!", RED),
    Status.REFRESH_UNKNOWN: ("?", RED),
    Status.REVOKING: ("□", RED),
    Status.REVOKED: ("■", DIM),
}

_LEVEL: Final = {"ok": ("✓", GREEN), "warning": ("!", YELLOW), "problem": ("✕", RED)}

_REVOCABILITY: Final = {"not_provable": YELLOW, "by_hand": YELLOW, "impossible": RED}


def status(connection: Connection, now: float) -> Cell:
    """Return a connection's status as a glyph and a word."""
    found = connection.status(now)
    glyph, paint = _STATUS[found]
    return Cell(f"{glyph} {spoken(found.value)}", paint)


def revocability(word: str) -> Cell:
    """Return what a revocation would come to, in two words; a dash where it is done."""
    return Cell("–" if word == "settled" else spoken(word), _REVOCABILITY.get(word, ""))


def outcome(result: Result) -> Cell:
    """Return what a verb did to one target as a glyph and a word."""
    code = result.exit_code
    glyph, paint = ("✓", GREEN) if code == 0 else ("!", YELLOW) if code == 8 else ("✕", RED)
    return Cell(f"{glyph} {spoken(result.outcome)}", paint)


def level(word: str) -> Cell:
    """Return how a finding is: ``ok``, ``warning`` or ``problem``."""
    glyph, paint = _LEVEL[word]
    return Cell(f"{glyph} {word}", paint)


def spoken(word: str) -> str:
    """Return a fixed word as it is said: ``needs_authorization`` → ``needs authorization``."""
    return word.replace("_", " ")


def kind(connection: Connection) -> str:
    """Return how a connection proves itself."""
    return "API key" if connection.kind is Kind.API_KEY else "OAuth"


def expiry(connection: Connection, now: float) -> str:
    """Return when the access token expires: from now, and on the clock."""
    if connection.expires_at is None:
        return "does not expire"
    left = connection.expires_at - now
    said = f"in {duration(left)}" if left > 0 else f"{duration(-left)} ago"
    return f"{said} ({moment(connection.expires_at)})"


def auto_refresh(connection: Connection, *, keeps_fresh: bool) -> str:
    """Return whether a token is renewed without being asked; empty where there is none to renew."""
    if not connection.can_refresh or connection.revoked_at is not None:
        return ""
    if not connection.auto_refresh:
        return "off"
    return "on" if keeps_fresh else "on, but switched off for all"


def moment(at: float | None) -> str:
    """Return a time as people read it, in UTC: ``2027-01-15 08:00:00Z``; a dash for never."""
    return (rfc3339(at) or "–").replace("T", " ")


def whose(connection: Connection) -> str:
    """Return an organization's name, or its id."""
    return connection.organization.name or connection.organization.id or "–"


def person(connection: Connection) -> str:
    """Return a user's email address, or the id."""
    return connection.user.email or connection.user.id or "–"


def sentence(connection: Connection) -> str:
    """Return a connection as it is named in a question."""
    return f"{connection.name} ({kind(connection)}, {whose(connection)}, {person(connection)})"
