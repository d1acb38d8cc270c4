"""What becomes of a grant that Close has just given: stored first, then judged and named."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from close_tui.close.credential import Bearer
from close_tui.errors import (
    CloseError,
    CloseTuiError,
    Frozen,
    Unavailable,
    VaultError,
    WrongOrganization,
)
from close_tui.model import (
    Answer,
    App,
    Client,
    Connection,
    Event,
    Grant,
    Organization,
    Result,
)
from close_tui.operations import elsewhere, names
from close_tui.operations.desk import Desk
from close_tui.operations.elsewhere import GrantedElsewhere
from close_tui.operations.granted import connection_of, wanted_name
from close_tui.operations.late import give_back
from close_tui.operations.old_grant import note
from close_tui.operations.test import check_of
from close_tui.vault import locks

_REVOKED: Final = "The grant was revoked again and not kept."
_NOT_REVOKED: Final = (
    "The grant was not kept and could NOT be revoked: remove the access in Close "
    "(Settings → Developer → OAuth Apps)."
)


async def keep(
    desk: Desk,
    app: App,
    client: Client,
    grant: Grant,
    *,
    name: str | None,
    organization_id: str | None,
    set_aside: Connection | None = None,
) -> Result:
    """Store a grant as a new connection, or as the next generation of the one it renews.

    A grant for another organization than the one that was meant is set aside, frozen
    (GrantedElsewhere); with ``set_aside`` it is kept after all. Close is asked for names after the
    tokens are safe; without an answer the connection is stored all the same, as untested.
    """
    if not grant.organization_id or not grant.user_id:
        grant = await _completed(desk, app, client, grant)
    if organization_id is not None and grant.organization_id != organization_id:
        raise await _elsewhere(desk, app, client, grant, organization_id)
    try:
        stored = await _store(desk, app, client, grant, name, set_aside)
    except CloseTuiError as error:
        if set_aside is not None:  # it is stored, and whoever decided to keep it revokes it
            raise
        error.advice = f"{await _given_back(desk, app, client, grant)} {error.advice}".strip()
        raise
    return await _named(desk, app, stored, grant, keep_name=name is not None)


async def _elsewhere(
    desk: Desk, app: App, client: Client, grant: Grant, organization_id: str
) -> WrongOrganization:
    try:
        return GrantedElsewhere(elsewhere.set_aside(desk, app, grant, organization_id))
    except VaultError as error:  # nothing can be decided about what is in memory only
        revoked = await _given_back(desk, app, client, grant)
        return WrongOrganization(
            f"The consent screen was answered for {grant.organization_id}, and "
            f"{organization_id} was meant. {error}",
            advice=f"{revoked} Authorize, and pick the right one.",
        )


async def _given_back(desk: Desk, app: App, client: Client, grant: Grant) -> str:
    """Revoke a grant that is not kept; return, also for the history, whether that is done."""
    revoked = await give_back(desk, client, grant)
    said = _REVOKED if revoked else _NOT_REVOKED
    outcome = "accepted_not_proved" if revoked else "failed"
    event = Event(desk.clock(), app.id, app.name, "revoke", outcome, said, None, "")
    with suppress(VaultError):  # said to the caller in any case
        desk.vault.record(event)
    return said


async def _completed(desk: Desk, app: App, client: Client, grant: Grant) -> Grant:
    """Ask Close for whom the tokens are, when the token answer does not say."""
    try:
        answer = await desk.close.me(Bearer(grant.tokens.access_token))
    except CloseError as error:
        error.advice = f"{await _given_back(desk, app, client, grant)} {error.advice}".strip()
        raise
    if len(answer.organizations) != 1 or not answer.user.id:
        revoked = await _given_back(desk, app, client, grant)
        raise Unavailable(
            "Close did not say for which organization the authorization is.",
            advice=f"{revoked} Authorize again.",
        )
    return grant._replace(organization_id=answer.organizations[0].id, user_id=answer.user.id)


async def _store(
    desk: Desk,
    app: App,
    client: Client,
    grant: Grant,
    name: str | None,
    set_aside: Connection | None,
) -> Connection:
    vault = desk.vault
    key = (client.client_id, grant.organization_id, grant.user_id)
    # Looking and adding are one transaction: another process may be authorizing the same.
    with vault.transaction():
        before = vault.authorization(*key)
        if before is None:
            return _add(desk, app, client, grant, name, set_aside)
    async with locks.held(desk.settings.home, before.id, desk.pauses.lock):
        with vault.transaction():
            now = vault.authorization(*key)
            if now is None:
                return _add(desk, app, client, grant, name, set_aside)
            if now.frozen_at is not None:
                raise Frozen(
                    f"{now.name} is the same authorization, and its revocation is not finished.",
                    advice=f"Finish it first: close-tui revoke {now.name}.",
                )
            if set_aside is not None:
                elsewhere.take_back(desk, set_aside)
            note(desk, now)
            vault.replace_tokens(now.id, now.generation, grant.tokens, desk.clock(), new_grant=True)
            stored = vault.connection(now.id)
            assert stored is not None
        desk.unsaved.pop(now.id, None)  # of the authorization that this one replaces
        return stored


def _add(
    desk: Desk,
    app: App,
    client: Client,
    grant: Grant,
    name: str | None,
    set_aside: Connection | None,
) -> Connection:
    if set_aside is not None:
        elsewhere.take_back(desk, set_aside)
    connection = connection_of(desk, app, grant, name, set_aside.id if set_aside else "")
    desk.vault.add_authorization(connection, client.client_id, grant.tokens)
    return connection


async def _named(
    desk: Desk, app: App, stored: Connection, grant: Grant, *, keep_name: bool
) -> Result:
    """Ask Close who the user and the organization are, and write the history."""
    vault = desk.vault
    answer = await _who(desk, grant)
    organization = stored.organization
    if answer is not None:
        named = [o for o in answer.organizations if o.id == organization.id and o.name]
        organization = named[0] if named else await _organization(desk, grant, organization)
    name = stored.name
    with vault.transaction():
        if answer is not None:
            user = answer.user if answer.user.id == stored.user.id else stored.user
            vault.know(organization, user)
            vault.checked(stored.id, check_of(desk, stored, "ok", answer))
        if stored.generation == 1 and not keep_name and organization.name:
            name = names.default_name(vault, wanted_name(app, organization), stored.id)
            if name != stored.name:
                vault.rename(stored.id, name)
        detail = f"{organization.name or organization.id}, as " + (
            answer.user.email if answer and answer.user.email else stored.user.id
        )
        stored = stored._replace(name=name)
        desk.record(stored, "authorize", "authorized", detail, http_status=200)
    return desk.result(stored, "authorize", "authorized", f"{detail}.", http_status=200)


async def _who(desk: Desk, grant: Grant) -> Answer | None:
    try:
        return await desk.close.me(Bearer(grant.tokens.access_token))
    except CloseError:
        return None


async def _organization(desk: Desk, grant: Grant, organization: Organization) -> Organization:
    try:
        return await desk.close.organization(Bearer(grant.tokens.access_token), organization.id)
    except CloseError:
        return organization
