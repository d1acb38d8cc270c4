"""New tokens between their arrival and the disk: stored, kept in memory, or given back.

The server has replaced the old pair by the time the new one arrives. So it is stored before it is
judged, kept in memory as long as it cannot be stored, and revoked when its connection is gone.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final, NoReturn

from close_tui.errors import (
    AlreadyRevoked,
    Busy,
    CloseError,
    CloseTuiError,
    Frozen,
    InvalidGrant,
    NotFound,
    Rejected,
    VaultDestroyed,
    VaultError,
    WrongOrganization,
)
from close_tui.model import Client, Connection, Grant, Result
from close_tui.operations.desk import Desk, Unsaved
from close_tui.text import duration
from close_tui.vault import locks
from close_tui.vault.vault import Vault

ADOPTED: Final = "Another close-tui has just renewed it."

_RESCUE_POLL_S: Final = 0.5


async def commit(desk: Desk, vault: Vault, late: Unsaved) -> Result:
    """Store a pair that has just come, trying again for a while; then judge it.

    The caller holds the connection's lock. Raises AlreadyRevoked or NotFound, the pair given back,
    when the connection has ended meanwhile; WrongOrganization for another organization's pair,
    stored and frozen; VaultError, the pair kept in memory, when it cannot be stored.
    """
    desk.unsaved[late.connection.id] = late
    for pause in (*desk.pauses.commit, None):
        try:
            return await _settle(desk, vault, late)
        except VaultError as error:
            if pause is None:
                raise type(error)(
                    f"The new tokens were received and cannot be saved: {error}",
                    advice=(
                        "Keep close-tui open, make the vault writable, and refresh again: the "
                        "tokens are kept in memory and saved then. Without that, authorize again."
                    ),
                ) from error
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


async def save_late(desk: Desk, vault: Vault, connection_id: str) -> Result:
    """Save tokens that could not be saved when they came; no refresh token is sent."""
    return await commit(desk, vault, desk.unsaved[connection_id])


async def rescue(desk: Desk) -> list[Result]:
    """Try for ``pauses.rescue`` seconds to save what is only in memory, before it is lost.

    Returns what became of each: ``refreshed``, ``adopted``, or an error that says what is lost.
    """
    ended: dict[str, Result] = {}
    before = dict(desk.unsaved)
    with suppress(TimeoutError):
        async with asyncio.timeout(desk.pauses.rescue):
            while desk.unsaved:
                for late in list(desk.unsaved.values()):
                    ended |= {late.connection.id: await _rescued(desk, late)}
                if desk.unsaved:
                    await asyncio.sleep(_RESCUE_POLL_S)
    return [ended.get(each) or _lost(desk, late) for each, late in before.items()]


async def _rescued(desk: Desk, late: Unsaved) -> Result:
    try:
        vault = desk.vault
        with suppress(VaultDestroyed):  # then they are given back
            await desk.unlock()  # another process may have given the vault a new key
        async with locks.held(desk.settings.home, late.connection.id, 0):
            return await _settle(desk, vault, late)
    except (VaultError, Busy) as error:
        return _lost(desk, late, str(error))
    except CloseTuiError as error:
        return desk.failure(late.connection, "refresh", error)


def _lost(desk: Desk, late: Unsaved, why: str = "") -> Result:
    error = VaultError(
        f"The new tokens of {late.connection.name} could not be saved and are lost. {why}".strip(),
        advice="Authorize it again (a in the app, close-tui authorize APP).",
    )
    return desk.failure(late.connection, "refresh", error)


async def _settle(desk: Desk, vault: Vault, late: Unsaved) -> Result:
    """Store a pair once, or give it back; afterwards it is not in memory any more."""
    seen = late.connection
    left = duration(late.grant.tokens.expires_at - desk.clock())
    detail = f"Refreshed; the new access token expires in {left}."
    elsewhere = late.grant.organization_id not in ("", seen.organization.id)
    try:
        with vault.transaction():
            stored = vault.replace_tokens(seen.id, late.generation, late.grant.tokens, desk.clock())
            if stored and elsewhere:
                vault.freeze(seen.id, desk.clock())
            if stored:
                desk.record(seen, "refresh", "refreshed", detail, http_status=200)
    except VaultDestroyed:  # nothing will ever seal them
        await _return(desk, late, vault.connection(seen.id))
    now = seen if stored else vault.connection(seen.id)
    if now is None or now.revoked_at is not None:
        await _return(desk, late, now)
    desk.unsaved.pop(seen.id, None)
    if stored and elsewhere:
        raise WrongOrganization(
            "Close answered the refresh with tokens of another organization.",
            advice="They are kept and frozen: nothing uses them. Revoke the connection.",
        )
    if stored:
        return desk.result(seen, "refresh", "refreshed", detail, http_status=200)
    if now.frozen_at is not None:
        raise Frozen
    return desk.result(now, "refresh", "adopted", ADOPTED)


async def _return(desk: Desk, late: Unsaved, now: Connection | None) -> NoReturn:
    """Revoke a pair whose connection has ended, and raise what there is to say."""
    ended = "removed" if now is None else "revoked"
    accepted = await give_back(desk, late.client, late.grant)
    if accepted:
        desk.unsaved.pop(late.connection.id, None)
        said, advice = "The tokens that came meanwhile were revoked at Close.", ""
    else:
        said = "New tokens came meanwhile and could not be revoked: Close still accepts them."
        advice = (
            "Keep close-tui open and refresh again to revoke them, or remove the app's access in "
            "Close (Settings → Developer → OAuth Apps)."
        )
    outcome = "accepted_not_proved" if accepted else "failed"
    with suppress(VaultError):  # said below in any case
        desk.record(late.connection, "revoke", outcome, said)
    message = f"{late.connection.name} was {ended}. {said}"
    raise (NotFound if now is None else AlreadyRevoked)(message, advice=advice)


async def give_back(desk: Desk, client: Client, grant: Grant) -> bool:
    """Revoke a grant that no vault holds; False when Close may go on accepting it."""
    accepted = True
    refresh_token, access_token = grant.tokens.refresh_token, grant.tokens.access_token
    for token in (refresh_token, access_token):
        if token is None:
            continue
        try:
            await desk.close.revoke(client, token)
        except CloseError as error:
            # RFC 7009 §2.2.1: a server may revoke refresh tokens only.
            spared = refresh_token is not None and isinstance(error, (InvalidGrant, Rejected))
            accepted = accepted and token is access_token and spared
    return accepted
