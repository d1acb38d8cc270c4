"""Revoke: freeze, kill, prove, forget (RFC 7009).

A revocation that was accepted proves nothing: servers accept tokens that they never knew. Death is
proved by an unexpired access token that answered 200 after the freeze and 401 after the
revocation; never by refreshing, which could mint a new pair.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from close_tui.close.credential import Bearer
from close_tui.errors import (
    AlreadyRevoked,
    Busy,
    CloseError,
    CloseTuiError,
    Frozen,
    InvalidClient,
    InvalidGrant,
    NotFound,
    RateLimited,
    Refused,
    Rejected,
    RevocationPending,
    Unavailable,
    Unreachable,
    VaultError,
    WrongOrganization,
)
from close_tui.model import Client, Connection, Kind, Result, SecretKind
from close_tui.operations.desk import Desk
from close_tui.operations.late import save_late
from close_tui.operations.revoke_key import answered_after_freeze, begin
from close_tui.operations.test import check_of, is_expired
from close_tui.secret import Secret
from close_tui.text import rfc3339
from close_tui.vault import locks
from close_tui.vault.vault import Vault

T = TypeVar("T")

Progress = Callable[[str], None]
"""Called at each step: frozen, refresh_token_revoked, access_token_revoked, proving."""


def _silent(_: str) -> None:
    return None


async def revoke(
    desk: Desk, connection_id: str, *, reason: str = "", progress: Progress = _silent
) -> Result:
    """Revoke an authorization at Close and prove that it is dead.

    Outcomes: ``dead_proved``; ``accepted_not_proved``; ``already_revoked``; ``failed``, frozen and
    kept to try again. An API key is ``by_hand``: see :mod:`close_tui.operations.revoke_key`.
    """
    seen = desk.vault.connection(connection_id)
    if seen is None:
        raise NotFound("This connection was removed.")
    desk.forget_expired()
    if _is_settled(desk, seen):
        when = rfc3339(seen.proved_dead_at or seen.revoked_at)
        return desk.failure(seen, "revoke", AlreadyRevoked(f"It was revoked at {when}."))
    try:
        freeze(desk, seen, reason)
    except VaultError as error:
        return desk.failure(seen, "revoke", error)
    progress("frozen")
    try:
        if seen.kind is Kind.API_KEY:
            return await begin(desk, seen, reason)
        vault = await desk.unlock()
        async with locks.held(desk.settings.home, seen.id, desk.pauses.lock):
            if seen.id in desk.unsaved:
                # What is frozen, or of another organization, is revoked all the same.
                with suppress(Frozen, WrongOrganization):
                    await save_late(desk, vault, seen.id)
            return await _revoke(desk, vault, seen.id, reason, progress)
    except CloseTuiError as error:
        failed = _pending(error)
        desk.record_failure(seen, "revoke", failed, reason=reason)
        return desk.failure(seen, "revoke", failed)


def _is_settled(desk: Desk, seen: Connection) -> bool:
    """Tell whether nothing is left to do.

    An accepted revocation that was not proved can be tried again while its access token would live.
    """
    if seen.revoked_at is None:
        return False
    return (
        seen.proved_dead_at is not None
        or seen.kind is Kind.API_KEY
        or is_expired(seen, desk.clock())
    )


def freeze(desk: Desk, seen: Connection, reason: str) -> None:
    """From now on no process starts a refresh; needs neither lock, key nor network."""
    with desk.vault.transaction():
        if desk.vault.freeze(seen.id, desk.clock()):
            desk.record(seen, "freeze", "ok", "Nothing refreshes it any more.", reason=reason)


@dataclass(frozen=True, slots=True)
class _Means:
    """What a revocation is made with, in its newest generation."""

    connection: Connection
    client: Client
    access_token: Secret | None
    refresh_token: Secret | None


async def _revoke(
    desk: Desk, vault: Vault, connection_id: str, reason: str, progress: Progress
) -> Result:
    means = _means(vault, connection_id)
    now = means.connection
    alive_before = await _answers(desk, vault, means)
    status = await _revoke_tokens(desk, means, progress)
    progress("proving")
    provable = alive_before or answered_after_freeze(now)
    seen_dead = await _seen_dead(desk, means) if provable else None
    if seen_dead is False:
        raise Unavailable(
            "Close accepted the revocation, and still answers to the access token.",
            http_status=status,
            advice="It is not dead. Revoke again; if it stays alive, remove the app in Close "
            "(Settings → Developer → OAuth Apps).",
        )
    at = desk.clock()
    proved = seen_dead is True and now.intent is None and now.refused_at is None
    outcome = "dead_proved" if proved else "accepted_not_proved"
    detail = (
        f"Dead, proved at {rfc3339(at)}: it answered before, and gets 401 now."
        if proved
        else f"Close accepted the revocation (HTTP {status}). {_why_not(desk, means, alive_before)}"
    )
    with vault.transaction():
        vault.revoked(now.id, at, proved_dead_at=at if proved else None)
        desk.record(now, "revoke", outcome, detail, http_status=status, reason=reason)
    return desk.result(now, "revoke", outcome, detail, http_status=status)


def _means(vault: Vault, connection_id: str) -> _Means:
    """Read the newest tokens, or say what is missing."""
    now = vault.connection(connection_id)
    if now is None:
        raise NotFound("This connection was removed.")
    if now.proved_dead_at is not None:
        raise AlreadyRevoked("Another close-tui has just revoked it.")
    app = vault.app(now.app_id) if now.app_id else None
    if app is None:
        raise InvalidClient(
            "The OAuth app of this connection was removed, and revoking needs its secret.",
            advice="Add the app again and revoke again, or remove the app in Close.",
        )
    access_token = vault.secret(now, SecretKind.ACCESS_TOKEN)
    refresh_token = vault.secret(now, SecretKind.REFRESH_TOKEN)
    if access_token is None and refresh_token is None:
        raise NotFound("The vault holds no token of this connection, so none can be revoked.")
    return _Means(now, vault.client(app), access_token, refresh_token)


async def _answers(desk: Desk, vault: Vault, means: _Means) -> bool | None:
    """Tell whether the access token answers now: only then can its death be proved later.

    False when it is unexpired and already refused, None when that cannot be known.
    """
    token, now = means.access_token, means.connection
    if token is None or is_expired(now, desk.clock()):
        return None
    try:
        answer = await _patiently(desk, lambda: desk.close.me(Bearer(token)))
    except Refused:
        return False
    except CloseError:
        return None
    # Kept, so that a revocation which has to be tried again can still be proved.
    vault.checked(now.id, check_of(desk, now, "ok", answer))
    return True


async def _revoke_tokens(desk: Desk, means: _Means, progress: Progress) -> int:
    """Revoke the refresh token, then the access token; return the last status.

    Where the first cannot be revoked the second is all the same; then the first error is raised.
    """
    status = 0
    failed: CloseError | None = None
    refresh_token, access_token = means.refresh_token, means.access_token
    if refresh_token:
        try:
            status = await _patiently(desk, lambda: desk.close.revoke(means.client, refresh_token))
        except CloseError as error:
            failed = error
        else:
            progress("refresh_token_revoked")
    if access_token:
        try:
            status = await _patiently(desk, lambda: desk.close.revoke(means.client, access_token))
        except (InvalidGrant, Rejected):
            # RFC 7009 §2.2.1: a server may revoke refresh tokens only. Whether the access token
            # went with it is for the proof to say.
            if not refresh_token:
                raise
        except CloseError as error:
            failed = failed or error
        else:
            progress("access_token_revoked")
    if failed is not None:
        raise failed
    return status


async def _patiently(desk: Desk, call: Callable[[], Awaitable[T]]) -> T:
    """Make a call, once more when Close asks to slow down for a bearable time."""
    try:
        return await call()
    except RateLimited as error:
        if error.retry_after > desk.pauses.rate_limit:
            raise
        await asyncio.sleep(error.retry_after)
        return await call()


async def _seen_dead(desk: Desk, means: _Means) -> bool | None:
    """Try the old access token: True at the first 401, False if it still answers, else None."""
    assert means.access_token is not None
    seen: bool | None = None
    for pause in desk.pauses.proof:
        await asyncio.sleep(pause)
        if is_expired(means.connection, desk.clock()):
            return None  # a 401 would prove nothing any more
        try:
            await desk.close.me(Bearer(means.access_token))
        except Refused:
            return True
        except RateLimited as error:
            seen = None
            await asyncio.sleep(min(error.retry_after, desk.pauses.rate_limit))
        except CloseError:
            seen = None
        else:
            seen = False
    return seen


def _why_not(desk: Desk, means: _Means, alive_before: bool | None) -> str:
    """Say why death could not be proved."""
    if means.connection.intent is not None:
        return "Not proved: the answer to its last refresh was lost, so newer tokens may exist."
    if means.connection.refused_at is not None and alive_before:
        return "Not proved: its refresh token was refused before, so somebody may hold newer ones."
    if alive_before is False:
        return "Not proved: its access token was refused already before."
    if means.access_token is None or is_expired(means.connection, desk.clock()):
        return "Not proved: its access token had expired, so its refusal would say nothing."
    return "Not proved: Close could not be asked whether the access token is dead."


def _pending(error: CloseTuiError) -> CloseTuiError:
    """Say of a failure that the connection stays frozen and can be tried again."""
    if isinstance(error, (AlreadyRevoked, NotFound)):
        return error
    kept = "It stays frozen, and its tokens are kept to try again."
    if isinstance(error, (Unreachable, Unavailable, RateLimited, Busy, VaultError)):
        advice = f"{kept} {error.advice}".strip()
    else:
        advice = f"{error.advice} {kept}".strip()
    return RevocationPending(error, advice=advice)
