"""Revoke: freeze, kill, prove, forget (RFC 7009).

A revocation that was accepted proves nothing: servers accept tokens that they never knew. For what
proves a death see :mod:`close_tui.operations.proof`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

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
    Rejected,
    RevocationPending,
    Unavailable,
    Unreachable,
    VaultError,
    WrongOrganization,
)
from close_tui.model import Connection, Kind, Result, SecretKind
from close_tui.operations.desk import Desk
from close_tui.operations.late import save_late
from close_tui.operations.plan import is_settled
from close_tui.operations.proof import Means, Token, answering, prove
from close_tui.operations.revoke_key import begin
from close_tui.operations.sending import Round, Sender
from close_tui.text import rfc3339
from close_tui.vault import locks
from close_tui.vault.vault import Vault

Progress = Callable[[str], None]
"""Called at each step: frozen, refresh_token_revoked, access_token_revoked, proving."""

_KINDS: Final = (SecretKind.REFRESH_TOKEN, SecretKind.ACCESS_TOKEN)


def _silent(_: str) -> None:
    return None


async def revoke(
    desk: Desk,
    connection_id: str,
    *,
    reason: str = "",
    incident: str = "",
    progress: Progress = _silent,
    shared: Round | None = None,
) -> Result:
    """Revoke an authorization at Close and prove that it is dead.

    Outcomes: ``dead_proved``; ``accepted_not_proved``; ``already_revoked``; ``failed``, frozen and
    kept to try again. An API key is ``by_hand``: see :mod:`close_tui.operations.revoke_key`.
    Without an ``incident`` it continues the one that has frozen the connection, if any; ``shared``
    is what it shares with other targets.
    """
    seen = desk.vault.connection(connection_id)
    if seen is None:
        raise NotFound("This connection was removed.")
    desk.forget_expired()
    if is_settled(seen, desk.clock()):
        when = rfc3339(seen.proved_dead_at or seen.revoked_at)
        return desk.failure(seen, "revoke", AlreadyRevoked(f"It was revoked at {when}."))
    incident, shared = incident or seen.incident_id or "", shared or Round(desk)
    try:
        freeze(desk, seen, reason, incident)
    except VaultError as error:
        return desk.failure(seen, "revoke", error)
    progress("frozen")
    sender = Sender(desk, shared, seen, incident)
    try:
        vault = await shared.unlocked()
        if seen.kind is Kind.API_KEY:
            return await begin(desk, vault, sender, seen, reason, incident)
        async with locks.held(desk.settings.home, seen.id, desk.pauses.lock):
            if seen.id in desk.unsaved:
                # What is frozen, or of another organization, is revoked all the same.
                with suppress(Frozen, WrongOrganization):
                    await save_late(desk, vault, seen.id)
            means = _means(vault, seen.id)
            return await _revoke(desk, vault, means, sender, progress, (reason, incident))
    except CloseTuiError as error:
        failed = _pending(error)
        desk.record_failure(seen, "revoke", failed, reason=reason, incident=incident)
        return desk.failure(seen, "revoke", failed)


def freeze(desk: Desk, seen: Connection, reason: str, incident: str = "") -> None:
    """From now on no process starts a refresh; needs neither lock, key nor network."""
    with desk.vault.transaction():
        if desk.vault.freeze(seen.id, desk.clock(), incident):
            said = "Nothing refreshes it any more."
            desk.record(seen, "freeze", "ok", said, reason=reason, incident=incident)


def _means(vault: Vault, connection_id: str) -> Means:
    """Read the newest tokens, and those that they replaced, or say what is missing."""
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
    client = vault.client(app)
    if client.client_secret is None:
        raise InvalidClient(
            f"The client secret of {app.name} is not stored, and revoking needs it.",
            advice=f"Store it (close-tui set app {app.name} --secret) and revoke again.",
        )
    tokens = {kind: list[Token]() for kind in _KINDS}
    for kind in _KINDS:
        expires_at = now.expires_at if kind is SecretKind.ACCESS_TOKEN else None
        if secret := vault.secret(now, kind):
            tokens[kind].append(Token(kind, now.generation, expires_at, secret))
    for old in reversed(vault.superseded(now)):
        tokens[old.kind].append(Token(*old))
    if not any(tokens.values()):
        raise NotFound("The vault holds no token of this connection, so none can be revoked.")
    refresh_tokens, access_tokens = (tuple(tokens[kind]) for kind in _KINDS)
    return Means(now, client, refresh_tokens, access_tokens)


async def _revoke(
    desk: Desk,
    vault: Vault,
    means: Means,
    sender: Sender,
    progress: Progress,
    why: tuple[str, str],
) -> Result:
    now, (reason, incident) = means.connection, why
    before = await answering(desk, sender, vault, means)
    status = await _revoke_tokens(means, sender, progress)
    progress("proving")
    proof = await prove(desk, sender, means, before)
    if proof.lives:
        raise Unavailable(
            "Close accepted the revocation, and still answers to the access token.",
            http_status=status,
            advice="It is not dead. Revoke again; if it stays alive, remove the app in Close "
            "(Settings → Developer → OAuth Apps).",
        )
    at = desk.clock()
    took = max(0.0, at - (now.frozen_at or at))
    outcome = "dead_proved" if proof.dead else "accepted_not_proved"
    detail = (
        f"Dead, proved at {rfc3339(at)}: it answered before, and gets 401 now."
        if proof.dead
        else f"Close accepted the revocation (HTTP {status}). Not proved: {_begun(proof.why_not)}"
    )
    with vault.transaction():
        vault.revoked(now.id, at, proved_dead_at=at if proof.dead else None)
        desk.record(
            now,
            "revoke",
            outcome,
            detail,
            http_status=status,
            reason=reason,
            incident=incident,
            facts={"seconds": round(took, 3)},
        )
    return desk.result(now, "revoke", outcome, detail, http_status=status)


def _begun(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


async def _revoke_tokens(means: Means, sender: Sender, progress: Progress) -> int:
    """Revoke the refresh tokens, then the access tokens; return the last status.

    Where the first cannot be revoked the second are all the same; then the first error is raised.
    """
    refreshing = await _revoke_each(means, sender, means.refresh_tokens)
    failed = [answer for answer in refreshing if isinstance(answer, CloseError)]
    if refreshing and not failed:
        progress("refresh_token_revoked")
    # One that has expired is revoked too: this machine's clock may be wrong.
    answers = await _revoke_each(means, sender, means.access_tokens)
    # RFC 7009 §2.2.1: a server may revoke refresh tokens only. Whether the access tokens went with
    # them is for the proof to say.
    spared = (InvalidGrant, Rejected) if refreshing else ()
    failed += [a for a in answers if isinstance(a, CloseError) and not isinstance(a, spared)]
    if answers and not any(isinstance(answer, CloseError) for answer in answers):
        progress("access_token_revoked")
    if failed:
        raise failed[0]
    return next(a for a in reversed((*refreshing, *answers)) if isinstance(a, int))


async def _revoke_each(
    means: Means, sender: Sender, tokens: Sequence[Token]
) -> list[int | CloseError]:
    async def one(token: Token) -> int | CloseError:
        try:
            return await sender.revoke(means.client, token.kind, token.generation, token.secret)
        except CloseError as error:
            return error

    return list(await asyncio.gather(*(one(token) for token in tokens)))


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
