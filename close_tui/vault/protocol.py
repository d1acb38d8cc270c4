"""What the verbs need of a store, and nothing about SQLite.

A store for a team, with locks that reach across machines, would stand behind the same protocol.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from close_tui.model import (
    App,
    Check,
    Client,
    ClockSkew,
    Connection,
    Event,
    Intent,
    Organization,
    SecretKind,
    Superseded,
    Tokens,
    User,
)
from close_tui.secret import Secret

if TYPE_CHECKING:
    from close_tui.leaks import Held  # looking at the list does without it


class Store(Protocol):
    """Connections, apps, sealed secrets and history, each change durable when its call returns."""

    # Reading: needs no key.

    def connections(self) -> list[Connection]:
        """Return every connection, revoked ones included."""

    def connection(self, connection_id: str) -> Connection | None:
        """Read one connection again; None when it was removed."""

    def authorization(
        self, client_id: str, organization_id: str, user_id: str
    ) -> Connection | None:
        """Return the authorization with this key that is not revoked."""

    def apps(self) -> list[App]:
        """Return every OAuth app."""

    def app(self, app_id: str) -> App | None:
        """Return one OAuth app by its id."""

    def apps_with_secret(self) -> frozenset[str]:
        """Return the ids of the OAuth apps whose client secret is stored."""

    def old_grants(self) -> frozenset[str]:
        """Return ids of the connections that have the refresh token of an older grant."""

    def history(self, connection_id: str | None = None, limit: int = 1000) -> list[Event]:
        """Return the newest events first."""

    def incident_events(self, incident_id: str | None = None) -> list[Event]:
        """Return the events of one incident, or of all of them together, oldest first."""

    def fingerprints(self) -> Iterator[bytes]:
        """Return the SHA-256 of every secret ever held, in any order."""

    def held(self, sha256: bytes) -> list[Held]:
        """Return whose secret has this fingerprint, the newest owner first; [] when nobody's."""

    def version_of_others(self) -> int:
        """Return a number that changes when another process has changed the store."""

    def changes(self) -> int:
        """Return how many rows this process has changed since it opened the store."""

    # Secrets: need the key; VaultLocked without it.

    def secret(self, owner: Connection | App, kind: SecretKind) -> Secret | None:
        """Open one secret of the current generation; None when there is none."""

    def client(self, app: App) -> Client:
        """Return an app's credentials for a call."""

    def superseded(self, owner: Connection) -> list[Superseded]:
        """Open what a newer pair has replaced and Close may still accept, oldest first."""

    # Changing.

    def transaction(self) -> AbstractContextManager[None]:
        """Make several changes one, all or nothing."""

    def record(self, event: Event) -> None:
        """Append to the history."""

    def add_app(self, app: App, client_secret: Secret | None, at: float) -> None:
        """Store an OAuth app; NameTaken, or AlreadyStored when its client id is there."""

    def set_app(self, app: App, client_secret: Secret | None, at: float) -> None:
        """Change an app's redirect URI and PKCE, and its secret when one is given."""

    def remove_app(self, app_id: str) -> None:
        """Forget an app and its secret."""

    def add_key(self, connection: Connection, key: Secret) -> None:
        """Store an API key; NameTaken, or AlreadyStored when the same key is there."""

    def add_authorization(
        self, connection: Connection, client_id: str | None, tokens: Tokens
    ) -> None:
        """Store a new authorization; without a client id :meth:`authorization` never finds it."""

    def replace_tokens(
        self,
        connection_id: str,
        seen_generation: int,
        tokens: Tokens,
        at: float,
        *,
        new_grant: bool = False,
    ) -> bool:
        """Commit the next generation.

        What it replaces and Close may still accept is kept apart: the access token until it has
        expired; with a ``new_grant``, which has nothing to do with the old one, the refresh token
        too. False when another one was committed since it was seen, or it was revoked or removed.
        """

    def know(self, organization: Organization, user: User) -> None:
        """Remember the names of an organization and a user."""

    def rename(self, connection_id: str, name: str) -> None:
        """Give a connection another name; NameTaken when a live one has it."""

    def remove(self, connection_id: str) -> None:
        """Forget a connection and destroy its sealed secrets; fingerprints and history stay."""

    def checked(self, connection_id: str, check: Check) -> None:
        """Store what the last test call showed."""

    # Refresh.

    def begin_refresh(self, connection_id: str, generation: int, at: float) -> Intent | None:
        """Write down, before each send, that this generation's refresh token is being spent.

        None when the connection was frozen, revoked, removed, or has another generation by now.
        """

    def end_refresh(self, connection_id: str, before: Intent | None = None) -> None:
        """The server has not acted on the token: the intent is what it was before, or gone."""

    def lost_refresh(self, connection_id: str, at: float) -> None:
        """Note that the request was sent and its answer lost."""

    def refuse_refresh(self, connection_id: str, generation: int, at: float) -> bool:
        """Note ``invalid_grant`` for this generation, keep the tokens; False when it has moved."""

    def check_writable(self) -> None:
        """VaultNotWritable or VaultBusy unless a write reaches the disk now."""

    # Revocation.

    def freeze(self, connection_id: str, at: float, incident: str = "") -> bool:
        """From now on no process starts a refresh; False when it was frozen before.

        In both cases it belongs to this incident from now on.
        """

    def revoked(self, connection_id: str, at: float, *, proved_dead_at: float | None) -> None:
        """Note that the server accepted the revocation; proved: destroy the sealed secrets."""

    def forget_expired(self, at: float) -> int:
        """Destroy secrets of accepted revocations whose tokens have expired; returns how many."""

    def accepted_superseded(self, connection_id: str, kind: SecretKind, generation: int) -> None:
        """Destroy one secret that was replaced, because Close accepts it no more."""

    # Upkeep.

    def ending(self, after: float, before: float) -> list[Connection]:
        """Return the live authorizations that can be refreshed and expire between two times."""

    def keeps_fresh(self) -> bool:
        """Tell whether tokens are refreshed unasked; each connection has its own switch too."""

    def set_auto_refresh(self, on: bool, connection_id: str | None = None) -> None:
        """Switch automatic refresh for one connection, or for all of them together."""

    def clock_skew(self) -> ClockSkew | None:
        """Return how wrong this machine's clock was when an answer last showed it; None: right."""

    def set_clock_skew(self, skew: ClockSkew | None) -> None:
        """Keep how wrong this machine's clock is."""
