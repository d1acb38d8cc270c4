"""From what a person types to a connection or an app."""

from __future__ import annotations

from close_tui.errors import Ambiguous, NotFound, UsageError
from close_tui.model import App, Connection, Kind
from close_tui.text import clean, numbered
from close_tui.vault.protocol import Store

NAME_LIMIT = 64


def connection(vault: Store, name: str) -> Connection:
    """Return the connection with this name or id; a live one before a revoked one."""
    everything = vault.connections()
    by_id = [c for c in everything if c.id == name]
    named = [c for c in everything if c.name == name]
    live = [c for c in named if c.revoked_at is None]
    found = by_id or live or named
    if not found:
        raise NotFound(f"There is no connection named {clean(name)!r}.")
    if len(found) > 1:
        raise Ambiguous(f"{len(found)} revoked connections were named {clean(name)!r}.")
    return found[0]


def app(vault: Store, name: str) -> App:
    """Return the OAuth app with this name, id or client id."""
    for candidate in vault.apps():
        if name in (candidate.name, candidate.id, candidate.client_id):
            return candidate
    raise NotFound(
        f"There is no OAuth app named {clean(name)!r}.",
        advice="close-tui apps lists them; close-tui add app NAME adds one.",
    )


def checked(name: str) -> str:
    """Return a new name if it may be one: 1 to 64 visible characters, no leading dash or slash."""
    if len(name) > NAME_LIMIT:
        raise UsageError(f"A name has at most {NAME_LIMIT} characters.")
    if name != clean(name) or not name:
        raise UsageError("A name is one line of visible characters, without spaces at its ends.")
    if name.startswith("-") or "/" in name:
        raise UsageError("A name does not begin with a dash and has no slash.")
    return name


def default_name(vault: Store, wanted: str, own_id: str = "") -> str:
    """Return a name that is free: the wanted one, or with the first number that is.

    What the connection with ``own_id`` is called counts as free.
    """
    taken = {c.name for c in vault.connections() if c.revoked_at is None and c.id != own_id}
    return numbered(wanted, taken)


def oauth_only(found: Connection) -> bool:
    """Tell whether a connection is an authorization; an API key has nothing to refresh."""
    return found.kind is Kind.OAUTH
