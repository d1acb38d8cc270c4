"""Connections out of the vault's file, quick enough for ten thousand.

Foreign text was cleaned when it was stored and is looked at again here: whoever can write the
file could otherwise write to the terminal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import chain
from typing import Any, Final, TypeVar

from close_tui.model import Check, Connection, Intent, Kind, Organization, RateLimit, User
from close_tui.text import clean
from close_tui.vault.database import Database

T = TypeVar("T")

# Taken apart by position: looking each column up by its name would double the time of a long list.
_SELECT: Final = """
SELECT c.name, c.description, c.key_id, c.scope, c.fingerprint, c.check_outcome,
       c.organization_id, c.user_id, c.app_id, c.id, c.kind, c.expires_at, c.generation,
       c.can_refresh, c.created_at, c.frozen_at, c.revoked_at, c.proved_dead_at, c.refused_at,
       c.auto_refresh, c.imported_at, c.incident_id, c.check_at, c.check_http_status,
       c.check_latency_ms, c.check_generation, c.rate_limit, c.rate_remaining, c.rate_reset
FROM connections c
"""
_INTENTS: Final = "SELECT connection_id, generation, attempts, started_at, lost_at FROM intents"
_TEXTS: Final = 6
_SHORT: Final = 400
"""Characters of all texts of a row together, up to which none can be too long."""

_KINDS: Final = {kind.value: kind for kind in Kind}


def connections(database: Database) -> list[Connection]:
    """Return every connection, by organization and name in any case; revoked ones included."""
    with database.reading():
        beside = _Beside(database)
        beside.read_all()
        made = [_connection(row, beside) for row in database.each_row(_SELECT)]
    return _in_order(made)


def connection(database: Database, connection_id: str) -> Connection | None:
    """Return one connection, or None when it was removed."""
    row = database.row(f"{_SELECT} WHERE c.id = ?", connection_id)
    return _connection(row, _Beside(database)) if row else None


def ending(database: Database, after: float, before: float) -> list[Connection]:
    """Return the live authorizations that can be refreshed and expire in a time, soonest first.

    Asked every second: what expired long ago, or can only expire, is not read again and again.
    """
    found = database.rows(
        f"{_SELECT} WHERE c.kind = 'oauth' AND c.revoked_at IS NULL AND c.can_refresh"
        " AND c.expires_at > ? AND c.expires_at <= ? ORDER BY c.expires_at, c.id",
        after,
        before,
    )
    beside = _Beside(database)
    return [_connection(row, beside) for row in found]


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
    return _connection(row, _Beside(database)) if row else None


def _in_order(made: list[Connection]) -> list[Connection]:
    """Sort by organization and name; organization for organization is twice as quick as at once."""
    shelves: dict[Organization, list[Connection]] = {}
    for each in made:
        shelves.setdefault(each.organization, []).append(each)
    for shelf in shelves.values():
        shelf.sort(key=lambda each: each.name.casefold())
    by_name = sorted(shelves, key=lambda organization: organization.name.casefold())
    return [each for organization in by_name for each in shelves[organization]]


class _Kept(dict[str, T]):
    """What was read, by its id; what is missing is read when it is asked for."""

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, id_: str) -> T:
        self[id_] = found = self._read(id_)
        return found


class _Beside:
    """What stands beside the connections, each read and cleaned once.

    Joining it in SQL would take twice as long.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.organizations = _Kept(self._organization)
        self.users = _Kept(self._user)
        self.apps = _Kept(self._app)
        self.intent: Callable[[str], Intent | None] = self._intent

    def read_all(self) -> None:
        """Read everything at once, for a long list that is read as of the same instant."""
        rows = self._database.each_row
        for row in rows("SELECT id, name FROM organizations"):
            self.organizations[row[0]] = Organization(*_cleaned(row))
        users = list(rows("SELECT id, email, name FROM users"))
        if _are_harmless(users):
            self.users.update({row[0]: User._make(row) for row in users})
        else:
            self.users.update({row[0]: User(*_cleaned(row)) for row in users})
        for row in rows("SELECT id, name FROM apps"):
            self.apps[row[0]] = clean(row[1])
        self.intent = {row[0]: Intent(*row[1:]) for row in rows(_INTENTS)}.get

    def _organization(self, id_: str) -> Organization:
        row = self._database.row("SELECT id, name FROM organizations WHERE id = ?", id_)
        return Organization(*_cleaned(row[:2])) if row else Organization(clean(id_), "")

    def _user(self, id_: str) -> User:
        row = self._database.row("SELECT id, email, name FROM users WHERE id = ?", id_)
        return User(*_cleaned(row[:3])) if row else User(clean(id_), "")

    def _app(self, id_: str) -> str | None:
        row = self._database.row("SELECT name FROM apps WHERE id = ?", id_)
        return clean(row[0]) if row else None

    def _intent(self, connection_id: str) -> Intent | None:
        row = self._database.row(f"{_INTENTS} WHERE connection_id = ?", connection_id)
        return Intent(*row[1:]) if row else None


def _connection(row: sqlite3.Row | tuple[Any, ...], beside: _Beside) -> Connection:
    name, description, key_id, scope, fingerprint, outcome = _cleaned(row[:_TEXTS])
    (
        organization_id, user_id, app_id, id_, kind, expires_at, generation, can_refresh,
        created_at, frozen_at, revoked_at, proved_dead_at, refused_at, auto_refresh, imported_at,
        incident_id, check_at, http_status, latency_ms, check_generation, limit, remaining, reset,
    ) = row[_TEXTS:]  # fmt: skip
    check = None
    if check_at is not None:
        rate = None if limit is None else RateLimit(limit, remaining, reset)
        check = Check(check_at, outcome, http_status, latency_ms, rate, check_generation)
    # Twice as quick as by keywords; the order is that of the fields.
    return Connection._make(
        (
            id_,
            name,
            description,
            _KINDS[kind],
            beside.organizations[organization_id],
            beside.users[user_id],
            None if app_id is None else beside.apps[app_id],
            app_id,
            key_id or None,
            scope,
            expires_at,
            generation,
            fingerprint,
            bool(can_refresh),
            created_at,
            frozen_at,
            revoked_at,
            proved_dead_at,
            refused_at,
            beside.intent(id_),
            check,
            bool(auto_refresh),
            imported_at,
            incident_id,
        )
    )


def _are_harmless(rows: list[tuple[Any, ...]]) -> bool:
    """Tell whether no text of so many rows needs to be cleaned, at a quarter of looking at each."""
    texts = list(chain.from_iterable(rows))
    return max(map(len, texts), default=0) <= _SHORT // 3 and "".join(texts).isprintable()


def _cleaned(texts: tuple[str | None, ...]) -> tuple[str, ...]:
    """Clean a row's texts; those that are harmless at a glance, as most are, stay as they are."""
    try:
        together = "".join(texts)  # type: ignore[arg-type]
    except TypeError:  # one of them is NULL
        texts = tuple([text or "" for text in texts])
        together = "".join(texts)  # type: ignore[arg-type]
    if len(together) <= _SHORT and together.isprintable():
        return texts  # type: ignore[return-value]
    return tuple([clean(text, _SHORT) for text in texts])
