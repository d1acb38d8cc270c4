"""The part of the store that seals and opens: one row for each secret, one fingerprint for ever."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from close_tui.errors import VaultDestroyed, VaultLocked
from close_tui.model import App, Client, Connection, SecretKind, Superseded, Tokens
from close_tui.secret import Secret
from close_tui.text import rfc3339
from close_tui.vault.database import Database

if TYPE_CHECKING:
    from close_tui.vault.sealing import Identity, Place


DESTROYED: Final = b"destroyed "
"""How the mark of a vault begins that was destroyed; the time in Unix seconds and a line break
follow, and what was the mark, sealed once more."""


def destroyed_at(mark: bytes) -> float | None:
    """Return when the vault with this mark was destroyed; None for one that was not."""
    if not mark.startswith(DESTROYED):
        return None
    try:
        return float(mark.removeprefix(DESTROYED).partition(b"\n")[0])
    except ValueError:
        return 0.0


def refuse_destroyed(mark: bytes) -> None:
    """Raise VaultDestroyed for the mark of a vault that was destroyed."""
    if (at := destroyed_at(mark)) is not None:
        raise VaultDestroyed(f"It was destroyed at {rfc3339(at)}.")


class Sealed:
    """The secrets of one vault file; they need :attr:`identity`, the age key of this vault."""

    def __init__(self, database: Database, vault_id: str, mark: bytes) -> None:
        self.database = database
        self.id = vault_id
        self.identity: Identity | None = None
        self._mark = mark

    @property
    def is_locked(self) -> bool:
        """True until the identity was read, and again once another process has replaced it."""
        with suppress(VaultLocked, VaultDestroyed):
            self.check_key()
        return self.identity is None

    @property
    def destroyed_at(self) -> float | None:
        """When the vault was destroyed; None while it is not."""
        row = self.database.row("SELECT sealed_mark FROM vault")
        return destroyed_at(row["sealed_mark"]) if row else None

    def check_key(self) -> None:
        """Forget an identity that is not the vault's any more, and raise VaultLocked.

        VaultDestroyed when the vault is not one any more.

        In a transaction it holds to the end: nothing is sealed to a key that was thrown away, and
        no refresh token is spent whose successor could not be sealed.
        """
        if self.identity is None:
            return
        row = self.database.row("SELECT sealed_mark FROM vault")
        self._compare(row["sealed_mark"] if row else b"")

    def _compare(self, mark: bytes) -> None:
        if mark != self._mark:  # every new key has a new mark
            self.identity = None
            refuse_destroyed(mark)
            raise VaultLocked(
                "Another close-tui has given this vault a new key.",
                advice="Unlock again (u in the app), then try again. Nothing was lost.",
            )

    def secret(self, owner: Connection | App, kind: SecretKind) -> Secret | None:
        """Open one secret of the current generation; see the protocol."""
        from close_tui.vault.sealing import Place

        # One statement reads the row and the generation it must have: what the caller knows of
        # the owner may be older than the row, when another process has just refreshed.
        row = self.database.row(
            "SELECT s.sealed, COALESCE(c.generation, a.secret_generation) AS generation,"
            " (SELECT sealed_mark FROM vault) AS mark"
            " FROM secrets s LEFT JOIN connections c ON c.id = s.owner"
            " LEFT JOIN apps a ON a.id = s.owner WHERE s.owner = ? AND s.kind = ?",
            owner.id,
            kind,
        )
        if row is None:
            return None
        place = Place(self.id, owner.id, kind, row["generation"])
        identity = self._unlocked()
        self._compare(row["mark"])
        if kind is SecretKind.CLIENT_SECRET:
            return identity.unseal_once(place, row["sealed"])
        return identity.unseal(place, row["sealed"])

    def open_row(self, place: Place, sealed: bytes) -> Secret:
        """Open a row that was read together with its place; Tampered, VaultLocked."""
        self.check_key()
        return self._unlocked().unseal(place, sealed)

    def client(self, app: App) -> Client:
        """Return an app's credentials for a call."""
        return Client(app.client_id, self.secret(app, SecretKind.CLIENT_SECRET))

    def _unlocked(self) -> Identity:
        if self.identity is None:
            if (row := self.database.row("SELECT sealed_mark FROM vault")) is not None:
                refuse_destroyed(row["sealed_mark"])
            raise VaultLocked
        return self.identity

    def seal(
        self, owner: str, kind: SecretKind, generation: int, secret: Secret, name: str, at: float
    ) -> None:
        """Replace one sealed row and keep its fingerprint, inside the caller's transaction."""
        from close_tui.vault.sealing import Place

        self.check_key()
        sealed = self._unlocked().seal(Place(self.id, owner, kind, generation), secret)
        self.database.change(
            "INSERT INTO secrets (owner, kind, generation, sealed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (owner, kind) DO UPDATE"
            " SET generation = excluded.generation, sealed = excluded.sealed",
            owner,
            kind,
            generation,
            sealed,
        )
        self.database.change(
            "INSERT OR IGNORE INTO fingerprints (sha256, owner, kind, generation, owner_name, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            secret.sha256,
            owner,
            kind,
            generation,
            name,
            at,
        )

    # Superseded

    def supersede(self, connection_id: str, generation: int, at: float, *, new_grant: bool) -> None:
        """Keep apart what the next generation replaces, as long as Close may accept it."""
        self.database.change(
            "INSERT OR REPLACE INTO superseded (owner, kind, generation, sealed, expires_at)"
            " SELECT s.owner, s.kind, s.generation, s.sealed,"
            " CASE s.kind WHEN 'access_token' THEN c.expires_at END"
            " FROM secrets s JOIN connections c ON c.id = s.owner"
            " WHERE c.id = ? AND c.generation = ? AND c.revoked_at IS NULL"
            " AND s.generation = c.generation"
            " AND (s.kind = 'access_token' AND c.expires_at > ? OR s.kind = 'refresh_token' AND ?)",
            connection_id,
            generation,
            at,
            new_grant,
        )
        self.forget_superseded(at)

    def superseded(self, owner: Connection) -> list[Superseded]:
        """Open what was replaced and Close may still accept; see the protocol."""
        from close_tui.vault.sealing import Place

        found = self.database.rows(
            "SELECT * FROM superseded WHERE owner = ? ORDER BY generation, kind", owner.id
        )
        return [
            Superseded(
                SecretKind(row["kind"]),
                row["generation"],
                row["expires_at"],
                self.open_row(
                    Place(self.id, row["owner"], row["kind"], row["generation"]), row["sealed"]
                ),
            )
            for row in found
        ]

    def old_grants(self) -> frozenset[str]:
        """Return ids of connections whose older grant may live; see the protocol."""
        found = self.database.rows(
            "SELECT DISTINCT owner FROM superseded WHERE kind = ?", SecretKind.REFRESH_TOKEN
        )
        return frozenset(row[0] for row in found)

    def accepted_superseded(self, connection_id: str, kind: SecretKind, generation: int) -> None:
        """Destroy one secret that was replaced; see the protocol."""
        self.database.change(
            "DELETE FROM superseded WHERE owner = ? AND kind = ? AND generation = ?",
            connection_id,
            kind,
            generation,
        )
        self.database.forget_deleted()

    def forget_superseded(self, at: float) -> int:
        """Destroy replaced access tokens that have expired; returns how many."""
        return self.database.change("DELETE FROM superseded WHERE expires_at <= ?", at)

    def destroy(self, connection_id: str) -> None:
        """Destroy all that is sealed for a connection, inside the caller's transaction."""
        self.database.change("DELETE FROM secrets WHERE owner = ?", connection_id)
        self.database.change("DELETE FROM superseded WHERE owner = ?", connection_id)

    def _seal_tokens(
        self, connection_id: str, generation: int, tokens: Tokens, name: str, at: float
    ) -> None:
        self.seal(connection_id, SecretKind.ACCESS_TOKEN, generation, tokens.access_token, name, at)
        if tokens.refresh_token:
            self.seal(
                connection_id, SecretKind.REFRESH_TOKEN, generation, tokens.refresh_token, name, at
            )
