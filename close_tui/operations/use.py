"""Whether a connection may be used now, and what it is used with. Waits for nothing."""

from __future__ import annotations

from close_tui.close.credential import Basic, Bearer, Credential
from close_tui.errors import AlreadyRevoked, Frozen, NeedsAuthorization, NotFound
from close_tui.model import Connection, Kind, SecretKind
from close_tui.vault.vault import Vault


def usable(vault: Vault, connection_id: str) -> Connection:
    """Read a connection again; raise, with the reason, unless it may be used and refreshed."""
    now = vault.connection(connection_id)
    if now is None:
        raise NotFound("This connection was removed.")
    if now.revoked_at is not None:
        raise AlreadyRevoked(f"{now.name} was revoked.", advice="Authorize anew.")
    if now.frozen_at is not None:
        raise Frozen
    return now


def is_expired(connection: Connection, now: float, margin_s: float = 0) -> bool:
    """Tell whether an access token has expired, or will within a margin."""
    return connection.expires_at is not None and connection.expires_at - now <= margin_s


def credential(vault: Vault, connection: Connection) -> Credential:
    """Open what a call is made with; NeedsAuthorization when there is nothing."""
    is_key = connection.kind is Kind.API_KEY
    kind = SecretKind.API_KEY if is_key else SecretKind.ACCESS_TOKEN
    secret = vault.secret(connection, kind)
    if secret is None:
        raise NeedsAuthorization("The vault holds no secret for this connection any more.")
    return Basic(secret) if is_key else Bearer(secret)
