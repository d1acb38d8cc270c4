"""What was recognized in a leaked text, in sentences, each with the next step. Never a secret."""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote
from typing import Final

from close_tui.cli import words
from close_tui.leaks import Stranger, Trace
from close_tui.model import Connection, Kind
from close_tui.text import counted

_WHAT: Final = {
    "api_key": "API key",
    "key_id": "key ID",
    "access_token": "access token",
    "refresh_token": "refresh token",
    "client_id": "client id",
    "client_secret": "client secret",
}
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def head(trace: Trace) -> str:
    """Say what it is, how old, and whose."""
    if trace.other_secret:
        return f"This begins with the key ID of {_whose(trace)}, and is another key."
    return f"This is the {_what(trace)} {_whose(trace)}."


def state(trace: Trace, now: float) -> str:
    """Say how its owner is now; empty where that is all said."""
    if trace.connection is not None:
        return f"{trace.name}: {words.status(trace.connection, now).text}"
    if trace.app is not None:
        count = trace.app.connections
        return f"{trace.name}: {counted(count, 'connection')} not revoked"
    return ""


def where(found: Trace | Stranger) -> str:
    """Say on which lines it stands: the first of them, and how often in all."""
    lines = ", ".join(f"{line:,}" for line in found.lines)
    if found.times == 1:
        return f"line {lines}"
    more = " …" if found.times > len(found.lines) else ""
    return f"line{'s' if len(found.lines) > 1 else ''} {lines}{more} ({found.times:,} times)"


def step(trace: Trace, now: float) -> str:
    """Say what to do now, or that there is nothing to do."""
    if not trace.is_secret:
        return f"Safe to share, it opens nothing. What is around it may not be: {_look(trace)}"
    if trace.app is not None:
        return _step_of_app(trace)
    if trace.connection is None:
        return "It cannot be revoked from here any more. End it in Close: Settings → Developer."
    step = _step_of(trace, trace.connection, now)
    if trace.other_secret:
        return f"Its second half is not the one that is stored. Treat it as leaked. {step}"
    return step


def strange(stranger: Stranger) -> str:
    """Say that something looks like Close's and is not ours."""
    if stranger.hint.startswith("api_"):
        return f"{stranger.hint} looks like an API key of Close. It is not in this vault."
    return f"{stranger.hint} looks like a client id of Close. It is not in this vault."


def summary(traces: int, strangers: int, lines: int) -> str:
    """Count what was found and read."""
    ours = counted(traces, "find") if traces else "Nothing"
    strange = f", {counted(strangers, 'stranger')}" if strangers else ""
    return f"{ours} of this vault{strange}; {counted(lines, 'line')} read."


def all_at_once(traces: Iterable[Trace]) -> str:
    """Return the one command that revokes all of which a secret was found; empty for one or none.

    What is revoked already is left out, and what belongs to an app is said with the app.
    """
    names = dict.fromkeys(
        quote(trace.name)
        for trace in traces
        if trace.is_secret and trace.connection is not None and trace.connection.revoked_at is None
    )
    return f"All of them at once: close-tui revoke {' '.join(names)}" if len(names) > 1 else ""


def _what(trace: Trace) -> str:
    name = _WHAT.get(trace.what, words.spoken(trace.what))
    if trace.behind is None:
        return f"{name} of"
    if trace.behind:
        number = _NUMBERS[trace.behind] if trace.behind < len(_NUMBERS) else f"{trace.behind:,}"
        return f"{name}, {number} generation{'s' if trace.behind > 1 else ''} old, of"
    return f"current {name} of"


def _whose(trace: Trace) -> str:
    one = trace.connection
    if one is not None:
        way = "API key" if one.kind is Kind.API_KEY else one.app or "an app that was removed"
        return f"{words.whose(one)} / {way} / {words.person(one)}"
    if trace.app is not None:
        return f"the OAuth app {trace.app.name} ({trace.app.client_id})"
    return f"{trace.name or 'something'}, which was removed from this vault"


def _look(trace: Trace) -> str:
    if trace.connection is not None:
        return f"close-tui show {quote(trace.name)}"
    return "close-tui apps"


def _step_of_app(trace: Trace) -> str:
    kill = f"close-tui revoke --app {quote(trace.name)}"
    if trace.behind:
        return f"It was replaced here. If Close still takes it: {kill}"
    return f"Next: {kill}, then make a new client secret in Close."


def _step_of(trace: Trace, connection: Connection, now: float) -> str:
    if connection.revoked_at is not None:
        return _after_revoking(connection, now)
    kill = f"Next: close-tui revoke {quote(trace.name)}"
    if connection.frozen_at is not None:
        return f"It is frozen, and its revocation is not done. {kill}"
    if trace.what == "access_token" and trace.behind:
        return f"A refresh replaced it; it may live until its hour ends. {kill}"
    if trace.what == "refresh_token" and trace.behind:
        return f"A refresh has spent it; whoever had it may have been first. {kill}"
    return kill


def _after_revoking(connection: Connection, now: float) -> str:
    revoked = f"Revoked {words.moment(connection.revoked_at)}"
    if connection.proved_dead_at is not None:
        return (
            f"{revoked}, proved dead at {words.moment(connection.proved_dead_at)}: nothing to do."
        )
    if connection.expires_at is not None and connection.expires_at > now:
        return (
            f"{revoked}, not proved: it may live until {words.moment(connection.expires_at)}. "
            f"Next: close-tui revoke {connection.id}"
        )
    return f"{revoked}, not proved, and expired since: nothing to do."
