"""The SQLite store behind the protocol: connections, apps, their secrets and their history."""

from __future__ import annotations

from contextlib import AbstractContextManager

from close_tui.errors import AlreadyStored, NameTaken, NotFound
from close_tui.model import (
    App,
    Check,
    Connection,
    Event,
    Organization,
    SecretKind,
    Tokens,
    User,
)
from close_tui.secret import Secret
from close_tui.text import short_fingerprint
from close_tui.vault import chain, connection_rows, rows
from close_tui.vault.life import Life
from close_tui.vault.sealed import Sealed
from close_tui.vault.tracing import Tracing
from close_tui.vault.upkeep import Upkeep


class SqliteStore(Sealed, Life, Upkeep, Tracing):
    """Reads and writes one vault file. Secrets need :attr:`identity`, metadata does not.

    Attributes:
        process: who writes, for the history: a program and its process id; may be empty.

    """

    process = ""

    # Reading

    def connections(self) -> list[Connection]:
        return connection_rows.connections(self.database)

    def connection(self, connection_id: str) -> Connection | None:
        return connection_rows.connection(self.database, connection_id)

    def authorization(
        self, client_id: str, organization_id: str, user_id: str
    ) -> Connection | None:
        return connection_rows.authorization(self.database, client_id, organization_id, user_id)

    def apps(self) -> list[App]:
        return rows.apps(self.database)

    def app(self, app_id: str) -> App | None:
        return rows.app(self.database, app_id)

    def apps_with_secret(self) -> frozenset[str]:
        return rows.apps_with_secret(self.database)

    def history(self, connection_id: str | None = None, limit: int = 1000) -> list[Event]:
        return rows.events(self.database, connection_id, limit)

    def version_of_others(self) -> int:
        return self.database.version_of_others()

    def changes(self) -> int:
        return self.database.changes()

    # Changing

    def transaction(self) -> AbstractContextManager[None]:
        return self.database.transaction()

    def check_writable(self) -> None:
        self.database.check_writable()

    def record(self, event: Event) -> None:
        chain.append(self.database, event._replace(process=self.process))

    def incident_events(self, incident_id: str | None = None) -> list[Event]:
        return rows.incident_events(self.database, incident_id)

    def add_app(self, app: App, client_secret: Secret | None, at: float) -> None:
        with self.transaction():
            for other in self.apps():
                if app.name == other.name:
                    raise NameTaken(f"There is an OAuth app named {other.name} already.")
                if app.client_id == other.client_id:
                    raise AlreadyStored(
                        f"This client id is stored already, as {other.name}.",
                        advice=f"Change it with close-tui set app {other.name}.",
                    )
            self.database.change(
                "INSERT INTO apps (id, name, client_id, redirect_uri, pkce, listen,"
                " secret_generation, created_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
                app.id,
                app.name,
                app.client_id,
                app.redirect_uri,
                int(app.pkce),
                app.listen,
                at,
            )
            # What an app that was removed has left behind can be revoked again.
            self.database.change(
                "UPDATE connections SET app_id = ? WHERE app_id IS NULL AND client_id = ?",
                app.id,
                app.client_id,
            )
            if client_secret is not None:
                self.seal(app.id, SecretKind.CLIENT_SECRET, 1, client_secret, app.name, at)

    def set_app(self, app: App, client_secret: Secret | None, at: float) -> None:
        with self.transaction():
            self.database.change(
                "UPDATE apps SET redirect_uri = ?, pkce = ?, listen = ?,"
                " secret_generation = secret_generation + ? WHERE id = ?",
                app.redirect_uri,
                int(app.pkce),
                app.listen,
                int(client_secret is not None),
                app.id,
            )
            if client_secret is not None:
                row = self.database.row("SELECT secret_generation FROM apps WHERE id = ?", app.id)
                if row is None:
                    raise NotFound(f"There is no OAuth app named {app.name} any more.")
                self.seal(app.id, SecretKind.CLIENT_SECRET, row[0], client_secret, app.name, at)

    def remove_app(self, app_id: str) -> None:
        with self.transaction():
            self.database.change("DELETE FROM secrets WHERE owner = ?", app_id)
            self.database.change("DELETE FROM apps WHERE id = ?", app_id)
        self.database.forget_deleted()

    def add_key(self, connection: Connection, key: Secret) -> None:
        with self.transaction():
            held = self.database.row(
                "SELECT c.name FROM fingerprints f JOIN connections c ON c.id = f.owner"
                " WHERE f.sha256 = ? AND c.revoked_at IS NULL",
                key.sha256,
            )
            if held:
                raise AlreadyStored(
                    f"This API key is stored already, as {held[0]}.",
                    advice="Nothing was added. close-tui rename OLD NEW gives it another name.",
                )
            self._insert(connection, None, short_fingerprint(key.sha256))
            self.seal(
                connection.id, SecretKind.API_KEY, 1, key, connection.name, connection.created_at
            )

    def add_authorization(
        self, connection: Connection, client_id: str | None, tokens: Tokens
    ) -> None:
        with self.transaction():
            self._insert(connection, client_id, _fingerprint(tokens))
            self._seal_tokens(connection.id, 1, tokens, connection.name, connection.created_at)

    def _insert(self, connection: Connection, client_id: str | None, fingerprint: str) -> None:
        self.know(connection.organization, connection.user)
        self._refuse_taken(connection.name)
        self.database.change(
            "INSERT INTO connections (id, name, description, kind, organization_id, user_id,"
            " app_id, client_id, key_id, scope, expires_at, generation, fingerprint, can_refresh,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
            connection.id,
            connection.name,
            connection.description,
            connection.kind,
            connection.organization.id,
            connection.user.id,
            connection.app_id,
            client_id,
            connection.key_id,
            connection.scope,
            connection.expires_at,
            fingerprint,
            int(connection.can_refresh),
            connection.created_at,
        )

    def replace_tokens(
        self,
        connection_id: str,
        seen_generation: int,
        tokens: Tokens,
        at: float,
        *,
        new_grant: bool = False,
    ) -> bool:
        with self.transaction():
            self.supersede(connection_id, seen_generation, at, new_grant=new_grant)
            if not tokens.refresh_token and (before := self.connection(connection_id)):
                # The answer renewed only the access token: the refresh token moves on with it.
                kept = self.secret(before, SecretKind.REFRESH_TOKEN)
                tokens = tokens._replace(refresh_token=kept)
            moved = self.database.rows(
                "UPDATE connections SET generation = generation + 1, expires_at = ?,"
                " scope = COALESCE(NULLIF(?, ''), scope), fingerprint = ?, can_refresh = ?,"
                " refused_at = NULL, imported_at = NULL"
                " WHERE id = ? AND generation = ? AND revoked_at IS NULL RETURNING name",
                tokens.expires_at,
                tokens.scope,
                _fingerprint(tokens),
                int(bool(tokens.refresh_token)),
                connection_id,
                seen_generation,
            )
            if not moved:
                return False
            self.end_refresh(connection_id)
            name = moved[0]["name"]
            self._seal_tokens(connection_id, seen_generation + 1, tokens, name, at)
        return True

    def know(self, organization: Organization, user: User) -> None:
        with self.transaction():
            self.database.change(
                "INSERT INTO organizations (id, name) VALUES (?, ?)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE excluded.name <> ''",
                *organization,
            )
            self.database.change(
                "INSERT INTO users (id, email, name) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET email = excluded.email, name = excluded.name WHERE excluded.email <> ''",
                *user,
            )

    def rename(self, connection_id: str, name: str) -> None:
        with self.transaction():
            self._refuse_taken(name)
            self.database.change(
                "UPDATE connections SET name = ? WHERE id = ?", name, connection_id
            )

    def _refuse_taken(self, name: str) -> None:
        if self.database.row(
            "SELECT 1 FROM connections WHERE name = ? AND revoked_at IS NULL", name
        ):
            raise NameTaken(f"There is a connection named {name} already.")

    def remove(self, connection_id: str) -> None:
        with self.transaction():
            self.destroy(connection_id)
            self.database.change("DELETE FROM connections WHERE id = ?", connection_id)
        self.database.forget_deleted()

    def checked(self, connection_id: str, check: Check) -> None:
        rate = check.rate_limit
        self.database.change(
            "UPDATE connections SET check_at = ?, check_outcome = ?, check_http_status = ?,"
            " check_latency_ms = ?, check_generation = ?, rate_limit = ?, rate_remaining = ?,"
            " rate_reset = ? WHERE id = ?",
            check.at,
            check.outcome,
            check.http_status,
            check.latency_ms,
            check.generation,
            *(rate or (None, None, None)),
            connection_id,
        )


def _fingerprint(tokens: Tokens) -> str:
    return short_fingerprint((tokens.refresh_token or tokens.access_token).sha256)
