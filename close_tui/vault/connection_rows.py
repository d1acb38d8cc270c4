"""Connections out of the vault's file, quick enough for ten thousand.

Foreign text was cleaned when it was stored and is looked at again here: whoever can write the
file could otherwise write to the terminal.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from close_tui.model import Check, Connection, Intent, Kind, Organization, RateLimit, User
from close_tui.text import clean
from close_tui.vault.database import Database

# Taken apart by position: looking each column up by its name would double the time of a long list.
_SELECT: Final = """
SELECT c.name, c.description, c.organization_id, o.name AS organization_name, c.user_id, u.email,
       u.name, a.name, c.key_id, c.scope, c.fingerprint, c.check_outcome,
       c.id, c.kind, c.app_id, c.expires_at, c.generation, c.can_refresh, c.created_at,
       c.frozen_at, c.revoked_at, c.proved_dead_at, c.refused_at, c.auto_refresh, c.imported_at,
       c.incident_id,
       c.check_at, c.check_http_status, c.check_latency_ms, c.check_generation,
       c.rate_limit, c.rate_remaining, c.rate_reset,
       i.generation, i.attempts, i.started_at, i.lost_at
FROM connections c
JOIN organizations o ON o.id = c.organization_id
JOIN users u ON u.id = c.user_id
LEFT JOIN apps a ON a.id = c.app_id
LEFT JOIN intents i ON i.connection_id = c.id
"""
_TEXTS: Final = 12
_SHORT: Final = 400
"""Characters of all texts of a row together, up to which none can be too long."""

_KINDS: Final = {kind.value: kind for kind in Kind}


def connections(database: Database) -> list[Connection]:
    """Return every connection, by organization and name; revoked ones included."""
    found = database.rows(f"{_SELECT} ORDER BY organization_name, c.name, c.created_at")
    return [_connection(row) for row in found]


def connection(database: Database, connection_id: str) -> Connection | None:
    """Return one connection, or None when it was removed."""
    row = database.row(f"{_SELECT} WHERE c.id = ?", connection_id)
    return _connection(row) if row else None


def ending(database: Database, before: float) -> list[Connection]:
    """Return the live authorizations whose access token expires before a time, soonest first."""
    found = database.rows(
        f"{_SELECT} WHERE c.kind = 'oauth' AND c.revoked_at IS NULL AND c.expires_at <= ?"
        " ORDER BY c.expires_at, c.id",
        before,
    )
    return [_connection(row) for row in found]


def authorization(
    database: Database, client_id: str, organization_id: str, user_id: str
) -> Connection | None:
    """Return the authorization with this key that is not revoked."""
    row = database.row(
        f"{_SELECT} WHERE c.client_id = ? AND c.organization_id = ? AND c.user_id = ?"
        " AND c.kind = 'oauth' AND c.revoked_at IS NULL",
        client_id,
        organization_id,
        user_id,
    )
    return _connection(row) if row else None


def _connection(row: sqlite3.Row) -> Connection:
    (
        name, description, organization_id, organization, user_id, email, user, app, key_id, scope,
        fingerprint, outcome,
    ) = _cleaned(row[:_TEXTS])  # fmt: skip
    (
        id_, kind, app_id, expires_at, generation, can_refresh, created_at, frozen_at, revoked_at,
        proved_dead_at, refused_at, auto_refresh, imported_at, incident_id, check_at, http_status,
        latency_ms, check_generation, limit, remaining, reset, seen_generation, attempts,
        started_at, lost_at,
    ) = row[_TEXTS:]  # fmt: skip
    check = intent = None
    if check_at is not None:
        rate = None if limit is None else RateLimit(limit, remaining, reset)
        check = Check(check_at, outcome or "", http_status, latency_ms, rate, check_generation)
    if started_at is not None:
        intent = Intent(seen_generation, attempts, started_at, lost_at)
    return Connection(
        id=id_,
        name=name or "",
        description=description or "",
        kind=_KINDS[kind],
        organization=Organization(organization_id or "", organization or ""),
        user=User(user_id or "", email or "", user or ""),
        app=app,
        app_id=app_id,
        key_id=key_id or None,
        scope=scope or "",
        expires_at=expires_at,
        generation=generation,
        fingerprint=fingerprint or "",
        can_refresh=bool(can_refresh),
        created_at=created_at,
        frozen_at=frozen_at,
        revoked_at=revoked_at,
        proved_dead_at=proved_dead_at,
        refused_at=refused_at,
        intent=intent,
        last_check=check,
        auto_refresh=bool(auto_refresh),
        imported_at=imported_at,
        incident_id=incident_id,
    )


def _cleaned(texts: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Clean a row's texts; those that are harmless at a glance, as most are, stay as they are."""
    together = "".join([text for text in texts if text])
    if len(together) <= _SHORT and together.isprintable():
        return texts
    return tuple(None if text is None else clean(text, _SHORT) for text in texts)
