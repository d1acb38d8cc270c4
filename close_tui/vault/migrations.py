"""The shape of the vault's file, step by step; ``PRAGMA user_version`` counts the steps done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from close_tui.errors import VaultTooNew
from close_tui.vault import chain

_FIRST: Final = """
CREATE TABLE vault (
    id TEXT NOT NULL PRIMARY KEY,
    created_at REAL NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('keyring', 'passphrase', 'file')),
    place_detail TEXT NOT NULL,
    sealed_mark BLOB NOT NULL,
    write_probe INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE organizations (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL) STRICT;

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL
) STRICT;

CREATE TABLE apps (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL UNIQUE,
    redirect_uri TEXT NOT NULL,
    pkce INTEGER NOT NULL,
    secret_generation INTEGER NOT NULL,
    created_at REAL NOT NULL
) STRICT;

CREATE TABLE connections (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('oauth', 'api_key')),
    organization_id TEXT NOT NULL REFERENCES organizations,
    user_id TEXT NOT NULL REFERENCES users,
    app_id TEXT REFERENCES apps ON DELETE SET NULL,
    client_id TEXT,
    key_id TEXT,
    scope TEXT NOT NULL,
    expires_at REAL,
    generation INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    can_refresh INTEGER NOT NULL,
    created_at REAL NOT NULL,
    frozen_at REAL,
    revoked_at REAL,
    proved_dead_at REAL,
    refused_at REAL,
    check_at REAL,
    check_outcome TEXT,
    check_http_status INTEGER,
    check_latency_ms REAL,
    check_generation INTEGER,
    rate_limit REAL,
    rate_remaining REAL,
    rate_reset REAL
) STRICT;
CREATE UNIQUE INDEX live_name ON connections (name) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX live_authorization ON connections (client_id, organization_id, user_id)
    WHERE revoked_at IS NULL AND kind = 'oauth';

CREATE TABLE intents (
    connection_id TEXT NOT NULL PRIMARY KEY REFERENCES connections ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    started_at REAL NOT NULL,
    lost_at REAL
) STRICT;

-- owner is a connection or an app; no foreign key, so that one table serves both.
CREATE TABLE secrets (
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (owner, kind)
) STRICT;

-- What was ever held. Outlives the owner: a leak is often found long after.
CREATE TABLE fingerprints (
    sha256 BLOB NOT NULL,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL,
    owner_name TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (sha256, owner, kind)
) STRICT;

CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    connection_id TEXT,
    connection TEXT NOT NULL,
    verb TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    http_status INTEGER,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_connection ON events (connection_id, number);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
"""

_SECOND: Final = """
ALTER TABLE connections ADD COLUMN auto_refresh INTEGER NOT NULL DEFAULT 1;
ALTER TABLE connections ADD COLUMN imported_at REAL;
ALTER TABLE vault ADD COLUMN auto_refresh INTEGER NOT NULL DEFAULT 1;
ALTER TABLE vault ADD COLUMN clock_skew_s REAL;
ALTER TABLE vault ADD COLUMN clock_seen_at REAL;
"""

_THIRD: Final = """
DROP TRIGGER events_are_not_changed;
ALTER TABLE events ADD COLUMN incident TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN facts TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN previous BLOB NOT NULL DEFAULT x'';
CREATE INDEX events_of_incident ON events (incident, number) WHERE incident <> '';
ALTER TABLE connections ADD COLUMN incident_id TEXT;
ALTER TABLE vault ADD COLUMN last_event BLOB NOT NULL DEFAULT x'';

-- What a newer pair has replaced and Close may still accept: access tokens until they expire,
-- refresh tokens of an older grant until they are revoked.
CREATE TABLE superseded (
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    expires_at REAL,
    PRIMARY KEY (owner, kind, generation)
) STRICT;
"""

_THIRD_END: Final = """
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
"""

_FOURTH: Final = """
ALTER TABLE apps ADD COLUMN listen TEXT NOT NULL DEFAULT '';
"""

_FIFTH: Final = """
ALTER TABLE events ADD COLUMN process TEXT NOT NULL DEFAULT '';
"""

Step: TypeAlias = str | tuple[str | Callable[[sqlite3.Connection], None], ...]
"""A script, or scripts and calls one after another."""

STEPS: Final[tuple[Step, ...]] = (
    _FIRST,
    _SECOND,
    (_THIRD, chain.link_all, _THIRD_END),
    _FOURTH,
    _FIFTH,
)
"""Step n takes a file from ``user_version`` n to n + 1. A step that has shipped never changes."""


def apply(
    sqlite: sqlite3.Connection,
    steps: Sequence[Step] = STEPS,
    before: Callable[[], object] = lambda: None,
) -> None:
    """Bring the file to the newest shape in one transaction; VaultTooNew beyond it.

    ``before`` is called once the file cannot change any more and will be changed by a step.
    """
    if check(sqlite, steps) == len(steps):
        return
    sqlite.execute("BEGIN IMMEDIATE")
    try:
        done = check(sqlite, steps)  # another process may have been quicker
        if done < len(steps):
            before()
        for number in range(done, len(steps)):
            _take(sqlite, steps[number])
            sqlite.execute(f"PRAGMA user_version = {number + 1}")
        sqlite.execute("COMMIT")
    except BaseException:
        if sqlite.in_transaction:
            sqlite.execute("ROLLBACK")
        raise


def check(sqlite: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> int:
    """Return how many steps the file has seen; VaultTooNew when more than we know."""
    done = int(sqlite.execute("PRAGMA user_version").fetchone()[0])
    if done > len(steps):
        raise VaultTooNew(f"Its shape is {done}; this close-tui knows shapes up to {len(steps)}.")
    return done


def _take(sqlite: sqlite3.Connection, step: Step) -> None:
    for part in (step,) if isinstance(step, str) else step:
        if isinstance(part, str):
            for statement in _statements(part):
                sqlite.execute(statement)
        else:
            part(sqlite)


def _statements(script: str) -> list[str]:
    """Split a script; ``executescript`` would commit in between."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
