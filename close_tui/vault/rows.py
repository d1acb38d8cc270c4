"""Rows of the vault's file as nouns. Needs no key.

Foreign text was cleaned when it was stored and is cleaned again here: whoever can write the file
could otherwise write to the terminal.
"""

from __future__ import annotations

import sqlite3

from close_tui.model import (
    App,
    Check,
    Connection,
    Event,
    Intent,
    Kind,
    Organization,
    RateLimit,
    User,
)
from close_tui.text import clean
from close_tui.vault.database import Database

_CONNECTIONS = """
SELECT c.*, o.name AS organization_name, u.email, u.name AS user_name, a.name AS app_name,
       i.generation AS intent_generation, i.attempts, i.started_at, i.lost_at
FROM connections c
JOIN organizations o ON o.id = c.organization_id
JOIN users u ON u.id = c.user_id
LEFT JOIN apps a ON a.id = c.app_id
LEFT JOIN intents i ON i.connection_id = c.id
"""

_APPS = """
SELECT a.*, (SELECT COUNT(*) FROM connections c
             WHERE c.app_id = a.id AND c.revoked_at IS NULL) AS connections
FROM apps a
"""


def connections(database: Database) -> list[Connection]:
    """Return every connection, by organization and name; revoked ones included."""
    found = database.rows(f"{_CONNECTIONS} ORDER BY organization_name, c.name, c.created_at")
    return [_connection(row) for row in found]


def connection(database: Database, connection_id: str) -> Connection | None:
    """Return one connection, or None when it was removed."""
    row = database.row(f"{_CONNECTIONS} WHERE c.id = ?", connection_id)
    return _connection(row) if row else None


def authorization(
    database: Database, client_id: str, organization_id: str, user_id: str
) -> Connection | None:
    """Return the authorization with this key that is not revoked."""
    row = database.row(
        f"{_CONNECTIONS} WHERE c.client_id = ? AND c.organization_id = ? AND c.user_id = ?"
        " AND c.kind = 'oauth' AND c.revoked_at IS NULL",
        client_id,
        organization_id,
        user_id,
    )
    return _connection(row) if row else None


def apps(database: Database) -> list[App]:
    """Return every OAuth app, by name."""
    return [_app(row) for row in database.rows(f"{_APPS} ORDER BY a.name")]


def app(database: Database, app_id: str) -> App | None:
    """Return one OAuth app by its id."""
    row = database.row(f"{_APPS} WHERE a.id = ?", app_id)
    return _app(row) if row else None


def events(database: Database, connection_id: str | None, limit: int) -> list[Event]:
    """Return the newest events, newest first; of one connection, or of all."""
    where = "" if connection_id is None else "WHERE connection_id = ?"
    values = () if connection_id is None else (connection_id,)
    found = database.rows(
        f"SELECT * FROM events {where} ORDER BY number DESC LIMIT ?",  # noqa: S608
        *values,
        limit,
    )
    return [
        Event(
            at=row["at"],
            connection_id=row["connection_id"],
            connection=clean(row["connection"]),
            verb=clean(row["verb"]),
            outcome=clean(row["outcome"]),
            detail=clean(row["detail"], 400),
            http_status=row["http_status"],
            reason=clean(row["reason"], 400),
        )
        for row in found
    ]


def _app(row: sqlite3.Row) -> App:
    return App(
        id=row["id"],
        name=clean(row["name"]),
        client_id=clean(row["client_id"]),
        redirect_uri=clean(row["redirect_uri"], 2000),
        pkce=bool(row["pkce"]),
        connections=row["connections"],
    )


def _connection(row: sqlite3.Row) -> Connection:
    app_name = row["app_name"]
    return Connection(
        id=row["id"],
        name=clean(row["name"]),
        description=clean(row["description"], 400),
        kind=Kind(row["kind"]),
        organization=Organization(clean(row["organization_id"]), clean(row["organization_name"])),
        user=User(clean(row["user_id"]), clean(row["email"]), clean(row["user_name"])),
        app=clean(app_name) if app_name is not None else None,
        app_id=row["app_id"],
        key_id=clean(row["key_id"]) or None,
        scope=clean(row["scope"], 400),
        expires_at=row["expires_at"],
        generation=row["generation"],
        fingerprint=clean(row["fingerprint"]),
        can_refresh=bool(row["can_refresh"]),
        created_at=row["created_at"],
        frozen_at=row["frozen_at"],
        revoked_at=row["revoked_at"],
        proved_dead_at=row["proved_dead_at"],
        refused_at=row["refused_at"],
        intent=_intent(row),
        last_check=_check(row),
    )


def _intent(row: sqlite3.Row) -> Intent | None:
    if row["started_at"] is None:
        return None
    return Intent(row["intent_generation"], row["attempts"], row["started_at"], row["lost_at"])


def _check(row: sqlite3.Row) -> Check | None:
    if row["check_at"] is None:
        return None
    rate = None
    if row["rate_limit"] is not None:
        rate = RateLimit(row["rate_limit"], row["rate_remaining"], row["rate_reset"])
    return Check(
        at=row["check_at"],
        outcome=clean(row["check_outcome"]),
        http_status=row["check_http_status"],
        latency_ms=row["check_latency_ms"],
        rate_limit=rate,
        generation=row["check_generation"],
    )
