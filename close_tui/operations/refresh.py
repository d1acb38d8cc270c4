"""Refresh: a refresh token is spent once, and what replaces it is stored before anything else.

In this process one flight per connection, between processes one kernel lock per connection, held
from reading again to the commit. The steps and the reasons are those of RFC 6749 §6 with rotation:
whoever presents a spent token may bring the whole token family down.
"""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from typing import Final

from close_tui.errors import (
    Cancelled,
    CloseError,
    CloseTuiError,
    InvalidGrant,
    NeedsAuthorization,
    NotFound,
    RefreshUnknown,
    Unavailable,
    Unreachable,
    VaultError,
)
from close_tui.model import Client, Connection, Grant, Kind, Result, SecretKind
from close_tui.operations.desk import Desk, Unsaved
from close_tui.operations.late import ADOPTED, commit, save_late
from close_tui.operations.use import usable
from close_tui.secret import Secret
from close_tui.vault import locks
from close_tui.vault.vault import Vault

MOST_ATTEMPTS: Final = 2
"""How often one refresh token is sent: once, and once more after a lost answer."""

_REFUSED: Final = "Close refused the refresh token (invalid_grant). Nothing was deleted."
_AFTER_LOSS: Final = " The answer to an earlier refresh was lost; that one had replaced the token."


async def refresh(desk: Desk, connection_id: str, seen_generation: int | None = None) -> Result:
    """Replace a connection's tokens. Calls at the same time share one flight.

    ``seen_generation`` is the one that the caller found wanting; None is the present one.
    Outcomes: ``refreshed``; ``adopted`` when there is a newer generation, because another process
    has just done it; ``skipped`` for an API key; otherwise the error's. Cancelling the caller
    does not cancel a flight.
    """
    return await desk.shelter(connection_id, lambda: _flight(desk, connection_id, seen_generation))


async def _flight(desk: Desk, connection_id: str, seen_generation: int | None) -> Result:
    seen = desk.vault.connection(connection_id)
    if seen is None and connection_id in desk.unsaved:
        return await save_late(desk, desk.vault, connection_id)  # gives them back
    if seen is None:
        raise NotFound("This connection was removed.")
    if seen.kind is Kind.API_KEY:
        return desk.result(seen, "refresh", "skipped", "An API key does not expire.")
    try:
        wanting = seen.generation if seen_generation is None else seen_generation
        return await _refresh(desk, seen, wanting)
    except CloseTuiError as error:
        desk.record_failure(seen, "refresh", error)
        return desk.failure(seen, "refresh", error)


async def _refresh(desk: Desk, seen: Connection, seen_generation: int) -> Result:
    vault = await desk.unlock()
    async with locks.held(desk.settings.home, seen.id, desk.pauses.lock):
        if seen.id in desk.unsaved:
            return await save_late(desk, vault, seen.id)
        now = usable(vault, seen.id)
        if now.generation > seen_generation:
            return desk.result(now, "refresh", "adopted", ADOPTED)
        now = _with_loss_told(desk, vault, now)
        client, refresh_token = _means(vault, now)
        if desk.is_leaving:
            # Leaving waits for a call that was begun, and that wait has begun before this one.
            raise Cancelled("close-tui is closing. Nothing was sent.")
        # A vault that cannot be written stops here, before the token is spent.
        intent = vault.begin_refresh(now.id, now.generation, desk.clock())
        if intent is None:
            usable(vault, seen.id)
            raise NeedsAuthorization("The connection has changed meanwhile.")
        try:
            grant = await _send(desk, vault, now, desk.close.refresh(client, refresh_token))
        except InvalidGrant as error:
            if not vault.refuse_refresh(now.id, now.generation, desk.clock()):
                # The second fence: whoever came past the lock has brought newer tokens.
                return desk.result(usable(vault, now.id), "refresh", "adopted", ADOPTED)
            raise NeedsAuthorization(f"{_REFUSED}{_AFTER_LOSS if now.intent else ''}") from error
        return await commit(desk, vault, Unsaved(now.generation, grant, now, client))


def _with_loss_told(desk: Desk, vault: Vault, now: Connection) -> Connection:
    """Write down that an earlier refresh was lost, when its process ended before it could.

    Whoever holds the connection's lock knows that no call is under way any more.
    """
    if now.intent is None or now.intent.lost_at is not None:
        return now
    vault.lost_refresh(now.id, desk.clock())
    return usable(vault, now.id)


def _means(vault: Vault, now: Connection) -> tuple[Client, Secret]:
    """Return what a refresh is made with, or say what is missing."""
    if now.refused_at is not None:
        raise NeedsAuthorization("Close has refused this refresh token before.")
    if now.imported_at is not None:
        raise NeedsAuthorization(
            "It was imported, and the machine that it came from may spend the same refresh token.",
            advice="Authorize it here (a in the app, close-tui authorize APP).",
        )
    intent = now.intent
    if intent and intent.generation == now.generation and intent.attempts >= MOST_ATTEMPTS:
        raise RefreshUnknown(
            "The refresh token was sent twice and both answers were lost; it is not sent again.",
            advice="Authorize again (a in the app, close-tui authorize APP).",
        )
    app = vault.app(now.app_id) if now.app_id else None
    if app is None:
        raise NeedsAuthorization(
            "The OAuth app of this connection was removed, and a refresh needs its secret.",
            advice="Add the app again (close-tui add app), then authorize again.",
        )
    refresh_token = vault.secret(now, SecretKind.REFRESH_TOKEN)
    if refresh_token is None:
        raise NeedsAuthorization("Close gave no refresh token for this connection.")
    return vault.client(app), refresh_token


async def _send(desk: Desk, vault: Vault, now: Connection, call: Awaitable[Grant]) -> Grant:
    """Await the one request, and write down what its failure means for the token."""
    try:
        return await call
    except InvalidGrant:
        raise
    except CloseError as error:
        lost = _is_lost(error)
        # The intent says already that the token was sent: without this it is only more careful.
        with suppress(VaultError):
            if lost:
                vault.lost_refresh(now.id, desk.clock())
            else:
                vault.end_refresh(now.id, now.intent)
        if lost:
            raise _lost(now) from error
        raise


def _is_lost(error: CloseError) -> bool:
    """Tell whether Close may have replaced the token although no answer says so.

    A success that cannot be read is a lost answer too.
    """
    if isinstance(error, Unreachable):
        return error.sent
    status = error.http_status
    return isinstance(error, Unavailable) and status is not None and 200 <= status < 300


def _lost(now: Connection) -> RefreshUnknown:
    again = not (now.intent and now.intent.generation == now.generation)
    return RefreshUnknown(
        "The request was sent and its answer lost: Close may have replaced the refresh token.",
        advice=(
            "Refresh once more: the same token is tried exactly one more time."
            if again
            else "It was tried once more, and that answer was lost too: authorize again."
        ),
    )
