"""The facts that decide whether a connection may be used: intents, refusals, freezes, deaths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_tui.model import Intent
from close_tui.vault.database import Database


class Life:
    """The part of the store that refresh and revocation write; see the protocol."""

    database: Database

    if TYPE_CHECKING:

        def check_key(self) -> None: ...

        def destroy(self, connection_id: str) -> None: ...

        def forget_superseded(self, at: float) -> int: ...

    def begin_refresh(self, connection_id: str, generation: int, at: float) -> Intent | None:
        # The check for a freeze is part of the transaction: a freeze takes no lock, so this is
        # where it stops every refresh that has not begun.
        database = self.database
        with database.transaction():
            self.check_key()
            usable = database.row(
                "SELECT 1 FROM connections WHERE id = ? AND generation = ?"
                " AND frozen_at IS NULL AND revoked_at IS NULL",
                connection_id,
                generation,
            )
            if not usable:
                return None
            database.change(
                "INSERT INTO intents (connection_id, generation, attempts, started_at)"
                " VALUES (?, ?, 1, ?) ON CONFLICT (connection_id) DO UPDATE SET"
                " attempts = CASE generation WHEN excluded.generation THEN attempts + 1 ELSE 1 END,"
                " generation = excluded.generation, started_at = excluded.started_at,"
                " lost_at = NULL",
                connection_id,
                generation,
                at,
            )
            row = database.row("SELECT * FROM intents WHERE connection_id = ?", connection_id)
            assert row is not None
        return Intent(row["generation"], row["attempts"], row["started_at"], row["lost_at"])

    def end_refresh(self, connection_id: str, before: Intent | None = None) -> None:
        if before is None:
            self.database.change("DELETE FROM intents WHERE connection_id = ?", connection_id)
            return
        # An earlier answer that was lost stays lost: a send that did not arrive proves nothing.
        self.database.change(
            "UPDATE intents SET generation = ?, attempts = ?, started_at = ?, lost_at = ?"
            " WHERE connection_id = ?",
            *before,
            connection_id,
        )

    def lost_refresh(self, connection_id: str, at: float) -> None:
        self.database.change(
            "UPDATE intents SET lost_at = ? WHERE connection_id = ?", at, connection_id
        )

    def refuse_refresh(self, connection_id: str, generation: int, at: float) -> bool:
        with self.database.transaction():
            marked = self.database.change(
                "UPDATE connections SET refused_at = ? WHERE id = ? AND generation = ?",
                at,
                connection_id,
                generation,
            )
            if marked:
                self.end_refresh(connection_id)
        return bool(marked)

    def freeze(self, connection_id: str, at: float, incident: str = "") -> bool:
        with self.database.transaction():
            frozen = self.database.change(
                "UPDATE connections SET frozen_at = ?"
                " WHERE id = ? AND frozen_at IS NULL AND revoked_at IS NULL",
                at,
                connection_id,
            )
            if incident:
                self.database.change(
                    "UPDATE connections SET incident_id = ? WHERE id = ?", incident, connection_id
                )
        return bool(frozen)

    def revoked(self, connection_id: str, at: float, *, proved_dead_at: float | None) -> None:
        # Without proof the secrets stay sealed until the access token has expired: until then
        # they are the only means to try again.
        with self.database.transaction():
            self.database.change(
                "UPDATE connections SET frozen_at = COALESCE(frozen_at, ?),"
                " revoked_at = COALESCE(revoked_at, ?),"
                " proved_dead_at = COALESCE(proved_dead_at, ?) WHERE id = ?",
                at,
                at,
                proved_dead_at,
                connection_id,
            )
            if proved_dead_at is not None:
                # Not before: an answer that was lost forbids every later proof as well.
                self.end_refresh(connection_id)
                self.destroy(connection_id)
        if proved_dead_at is not None:
            self.database.forget_deleted()

    def forget_expired(self, at: float) -> int:
        forgotten = self.database.change(
            "DELETE FROM secrets WHERE owner IN (SELECT id FROM connections"
            " WHERE revoked_at IS NOT NULL AND expires_at IS NOT NULL AND expires_at < ?)",
            at,
        )
        # A refresh token of an older grant does not expire; it was accepted with the others.
        forgotten += self.database.change(
            "DELETE FROM superseded WHERE owner IN (SELECT id FROM connections"
            " WHERE revoked_at IS NOT NULL AND expires_at IS NOT NULL AND expires_at < ?)",
            at,
        )
        forgotten += self.forget_superseded(at)
        if forgotten:
            self.database.forget_deleted()
        return forgotten
