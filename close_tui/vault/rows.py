"""Apps and events out of the vault's file. Needs no key; foreign text is cleaned again."""

from __future__ import annotations

import sqlite3

from close_tui.model import App, Event
from close_tui.text import clean
from close_tui.vault.database import Database

_APPS = """
SELECT a.*, (SELECT COUNT(*) FROM connections c
             WHERE c.app_id = a.id AND c.revoked_at IS NULL) AS connections
FROM apps a
"""


def apps(database: Database) -> list[App]:
    """Return every OAuth app, by name."""
    return [_app(row) for row in database.rows(f"{_APPS} ORDER BY a.name")]


def app(database: Database, app_id: str) -> App | None:
    """Return one OAuth app by its id."""
    row = database.row(f"{_APPS} WHERE a.id = ?", app_id)
    return _app(row) if row else None


def apps_with_secret(database: Database) -> frozenset[str]:
    """Return the ids of the OAuth apps whose client secret is sealed."""
    found = database.rows(
        "SELECT a.id FROM apps a JOIN secrets s ON s.owner = a.id AND s.kind = 'client_secret'"
    )
    return frozenset(row[0] for row in found)


def events(database: Database, connection_id: str | None, limit: int) -> list[Event]:
    """Return the newest events, newest first; of one connection, or of all."""
    where = "" if connection_id is None else "WHERE connection_id = ?"
    values = () if connection_id is None else (connection_id,)
    found = database.rows(
        f"SELECT * FROM events {where} ORDER BY number DESC LIMIT ?",  # noqa: S608
        *values,
        limit,
    )
    return [_event(row) for row in found]


def incident_events(database: Database, incident_id: str | None) -> list[Event]:
    """Return the events of one incident, or of all incidents together, oldest first."""
    # Spelled so that the partial index serves both.
    which, values = ("= ?", (incident_id,)) if incident_id else ("<> ''", ())
    found = database.rows(
        f"SELECT * FROM events WHERE incident {which} AND incident <> '' ORDER BY number",  # noqa: S608
        *values,
    )
    return [_event(row) for row in found]


def _event(row: sqlite3.Row) -> Event:
    return Event(
        at=row["at"],
        connection_id=row["connection_id"],
        connection=clean(row["connection"]),
        verb=clean(row["verb"]),
        outcome=clean(row["outcome"]),
        detail=clean(row["detail"], 400),
        http_status=row["http_status"],
        reason=clean(row["reason"], 400),
        incident=clean(row["incident"]),
        facts=clean(row["facts"], 4000),
        process=clean(row["process"]),
    )


def _app(row: sqlite3.Row) -> App:
    return App(
        id=row["id"],
        name=clean(row["name"]),
        client_id=clean(row["client_id"]),
        redirect_uri=clean(row["redirect_uri"], 2000),
        pkce=bool(row["pkce"]),
        connections=row["connections"],
        listen=clean(row["listen"]),
    )
