"""What a status means and what to do about it, in one sentence each."""

from __future__ import annotations

from typing import Final

from close_tui.model import Check, Connection, Kind, Status
from close_tui.text import duration

CHECK_WORDS: Final = {
    "ok": "answered",
    "rejected": "refused the credential",
    "forbidden": "credential valid, not allowed",
    "rate_limited": "asked to slow down",
    "unavailable": "no proper answer from Close",
    "unreachable": "Close was not reached",
}
"""What a test call showed. Only ``rejected`` speaks against the connection."""

_AGAIN: Final = "Authorize again (a)."


def meaning(connection: Connection, now: float) -> str:
    """Say what a connection's status means, and what to do about it."""
    match connection.status(now):
        case Status.OK:
            return "Close accepted it when it was last tested."
        case Status.UNTESTED:
            return "It was stored and never tried. Test it (t)."
        case Status.EXPIRING:
            ends = "The access token ends in a few minutes."
            return f"{ends} {_renewal(connection, 'Refresh it (r), or let it be.')}"
        case Status.EXPIRED:
            renewed = "Nothing is wrong: it is renewed when it is needed, or now (r)."
            return f"The access token has ended. {_renewal(connection, renewed)}"
        case Status.REJECTED:
            return _rejected(connection)
        case Status.NEEDS_AUTHORIZATION:
            return f"Close does not accept its refresh token any more. {_AGAIN}"
        case Status.REFRESH_UNKNOWN:
            return _unknown(connection)
        case Status.REVOKING:
            return "It is frozen, and Close has not confirmed its end yet. Revoke it again (X)."
        case Status.REVOKED:
            return _revoked(connection)


def check_words(check: Check) -> str:
    """Say what the last test call showed: outcome, HTTP status, latency."""
    words = [CHECK_WORDS.get(check.outcome, check.outcome)]
    if check.http_status is not None:
        words.append(f"HTTP {check.http_status}")
    if check.latency_ms is not None:
        words.append(f"{check.latency_ms:.0f} ms")
    return " · ".join(words)


def _renewal(connection: Connection, possible: str) -> str:
    return possible if connection.can_refresh else f"There is no refresh token. {_AGAIN}"


def _rejected(connection: Connection) -> str:
    if connection.kind is Kind.API_KEY:
        return "Close answers 401: the key was deleted. Add a new one (A), then remove this (D)."
    return f"Close answers 401 to its access token. {_renewal(connection, 'Refresh it (r).')}"


def _unknown(connection: Connection) -> str:
    lost = "The answer to the last refresh was lost: the refresh token may be spent."
    if connection.intent and connection.intent.attempts > 1:
        return f"{lost} {_AGAIN}"
    return f"{lost} One more try is left (r); then authorize again (a)."


def _revoked(connection: Connection) -> str:
    if connection.proved_dead_at is None or connection.frozen_at is None:
        return "Close accepted the revocation; that it is dead was not proved."
    took = connection.proved_dead_at - connection.frozen_at
    said = duration(took) if took >= 1 else "less than a second"
    return f"Dead, and proved: Close answers 401 to it. It took {said}."
