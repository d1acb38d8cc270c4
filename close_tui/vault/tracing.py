"""From a fingerprint to whose secret it was, current or superseded. Needs no key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from close_tui.text import clean

if TYPE_CHECKING:
    from close_tui.leaks import Held
    from close_tui.vault.database import Database

_AT_ONCE: Final = 10_000


class Tracing:
    """The part of the store that remembers every secret it ever held; see the protocol."""

    if TYPE_CHECKING:
        database: Database

    def fingerprints(self) -> Iterator[bytes]:
        """Return the SHA-256 of every secret ever held, in any order."""
        last = -1
        while found := self.database.rows(
            "SELECT rowid, sha256 FROM fingerprints WHERE rowid > ? ORDER BY rowid LIMIT ?",
            last,
            _AT_ONCE,
        ):
            yield from (row[1] for row in found)
            last = found[-1][0]

    def held(self, sha256: bytes) -> list[Held]:
        """Return whose secret has this fingerprint, the newest owner first."""
        from close_tui.leaks import Held

        found = self.database.rows(
            "SELECT f.owner, f.owner_name, f.kind, f.generation,"
            " COALESCE(c.generation, a.secret_generation) AS current"
            " FROM fingerprints f LEFT JOIN connections c ON c.id = f.owner"
            " LEFT JOIN apps a ON a.id = f.owner WHERE f.sha256 = ?"
            " ORDER BY f.at DESC, f.rowid DESC",
            sha256,
        )
        return [
            Held(
                owner=row["owner"],
                name=clean(row["owner_name"]),
                kind=clean(row["kind"]),
                generation=row["generation"],
                current=row["current"],
            )
            for row in found
        ]
