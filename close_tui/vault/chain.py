"""The history as a chain: each event carries the hash of the one before.

The hash of an event is SHA-256 over a JSON array in ASCII: its ``previous`` in hex, then its
columns in the order of :data:`COLUMNS`, without ``process`` where that is empty: as in events that
were written before there was such a column. The vault keeps the hash of the last one. So what was
altered, inserted or taken out, at the end as well, no longer fits what follows. Whoever can write
the file could compute all of it anew: an incident's export therefore names its own last hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import sqlite3

    from close_tui.model import Event
    from close_tui.vault.database import Database

COLUMNS: Final = (
    "at", "connection_id", "connection", "verb", "outcome", "detail", "http_status", "reason",
    "incident", "facts", "process",
)  # fmt: skip
_INSERT: Final = (
    f"INSERT INTO events (previous, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"  # noqa: S608
)
_READ: Final = f"SELECT number, previous, {', '.join(COLUMNS)} FROM events ORDER BY number"  # noqa: S608
_UNLINKED: Final = _READ.replace(", process", "")
"""The columns that there were when the chain was made."""


class Break(NamedTuple):
    """A place where the chain does not hold: the number of the event that does not fit."""

    number: int
    sentence: str


def append(database: Database, event: Event) -> None:
    """Add an event as the last link."""
    # REAL columns give back floats, and 1 and 1.0 do not read alike.
    values = tuple(event._replace(at=float(event.at)))
    with database.transaction():
        last = database.row("SELECT last_event FROM vault")
        previous = last["last_event"] if last else b""
        database.change(_INSERT, previous, *values)
        database.change("UPDATE vault SET last_event = ?", _hash(previous, values))


def link_all(sqlite: sqlite3.Connection) -> None:
    """Make a chain of events that were written before there was one; their trigger is off."""
    previous = b""
    for number, _, *values in sqlite.execute(_UNLINKED).fetchall():
        sqlite.execute("UPDATE events SET previous = ? WHERE number = ?", (previous, number))
        previous = _hash(previous, [*values, ""])
    sqlite.execute("UPDATE vault SET last_event = ?", (previous,))


def breaks(database: Database) -> Iterator[Break]:
    """Walk along the chain and yield every place where it does not hold."""
    previous, number = b"", 0
    for row in database.rows(_READ):
        number, said, *values = tuple(row)
        if said != previous:
            yield Break(number, f"What stood before event {number} is not what it was.")
        previous = _hash(said, values)
    head = database.row("SELECT last_event FROM vault")
    if head is not None and head["last_event"] != previous:
        yield Break(number, f"Event {number} is not the last one, or is not what it was.")


def hash_of_last(database: Database, incident_id: str) -> str:
    """Return the hash of an incident's last event, 64 hex digits; empty when it has none."""
    row = database.row(
        f"SELECT previous, {', '.join(COLUMNS)} FROM events WHERE incident = ?"  # noqa: S608
        " AND incident <> '' ORDER BY number DESC LIMIT 1",
        incident_id,
    )
    if row is None:
        return ""
    previous, *values = tuple(row)
    return _hash(previous, values).hex()


def _hash(previous: bytes, values: Iterable[object]) -> bytes:
    import hashlib
    import json

    *columns, process = values
    link = json.dumps(
        [previous.hex(), *columns, *([process] if process else [])], separators=(",", ":")
    )
    return hashlib.sha256(link.encode("ascii")).digest()
