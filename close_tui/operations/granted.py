"""The connection that a grant becomes, before it is stored."""

from __future__ import annotations

from close_tui.model import App, Connection, Grant, Kind, Organization, User
from close_tui.operations import names
from close_tui.operations.add import new_id
from close_tui.operations.desk import Desk
from close_tui.text import plain_name


def connection_of(
    desk: Desk, app: App, grant: Grant, name: str | None, connection_id: str = ""
) -> Connection:
    """Return a new connection for a grant; names that are known already are its names."""
    vault = desk.vault
    connections = vault.connections()
    known = {c.organization.id: c.organization for c in connections}
    users = {c.user.id: c.user for c in connections}
    organization = known.get(grant.organization_id) or Organization(grant.organization_id, "")
    return Connection(
        id=connection_id or new_id("conn"),
        name=names.default_name(vault, name or wanted_name(app, organization)),
        description="",
        kind=Kind.OAUTH,
        organization=organization,
        user=users.get(grant.user_id) or User(grant.user_id, ""),
        app=app.name,
        app_id=app.id,
        key_id=None,
        scope=grant.tokens.scope,
        expires_at=grant.tokens.expires_at,
        generation=1,
        fingerprint="",
        can_refresh=grant.tokens.refresh_token is not None,
        created_at=desk.clock(),
    )


def wanted_name(app: App, organization: Organization) -> str:
    """Return what a connection of an organization is called when nobody says."""
    return plain_name(app.name, organization.name or organization.id)
