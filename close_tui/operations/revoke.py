"""Revoke: freeze, kill, prove, forget (RFC 7009).

A revocation that was accepted proves nothing: servers accept tokens that they never knew. For what
proves a death see :mod:`close_tui.operations.proof`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Final, NamedTuple

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
    VaultDestroyed,
    VaultError,
    WrongOrganization,
)
from close_tui.model import Connection, Kind, Result, SecretKind
from close_tui.operations import plan
from close_tui.operations.desk import Desk
from close_tui.operations.late import save_late
from close_tui.operations.plan import is_settled, newer_may_live, refuse_destroyed
from close_tui.operations.proof import Means, Token, answering, prove
from close_tui.operations.revoke_key import begin
from close_tui.operations.sending import Round, Sender
from close_tui.text import rfc3339
from close_tui.vault import locks
from close_tui.vault.vault import Vault

Progress = Callable[[str], None]
"""Called at each step: frozen, refresh_token_revoked, access_token_revoked, proving."""

_JUST_REVOKED: Final = "Another close-tui has just revoked it."

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
        return desk.failure(seen, "revoke", _settled(seen))
    incident, shared = incident or seen.incident_id or "", shared or Round(desk)
    try:
        refuse_destroyed(desk.vault, [seen], desk.clock())
        freeze(desk, seen, reason, incident)
    except VaultError as error:
        return desk.failure(seen, "revoke", error)
    progress("frozen")
    sender = Sender(desk, shared, seen, incident)
    try:
        vault = await shared.unlocked()
        if seen.kind is Kind.API_KEY:
            return await begin(desk, vault, sender, seen, reason, incident)
        async with AsyncExitStack() as stack:
            is_alone = await _is_alone(stack, desk, seen.id)
            if is_alone and seen.id in desk.unsaved:
                # What is frozen, or of another organization, is revoked all the same.
                with suppress(Frozen, WrongOrganization):
                    await save_late(desk, vault, seen.id)
            while True:
                means = _means(vault, seen.id)
                ended = await _revoke(desk, vault, means, sender, progress, is_alone=is_alone)
                if done := _end(desk, vault, means, ended, reason, incident):
                    return done
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


async def _is_alone(stack: AsyncExitStack, desk: Desk, connection_id: str) -> bool:
    """Take a connection's lock; False where another close-tui does not let it go in time.

    Then it is revoked all the same: the freeze stops whoever has not begun a refresh, and a pair
    that comes later is given back by whoever receives it.
    """
    lock = locks.held(desk.settings.home, connection_id, desk.pauses.lock)
    try:
        await stack.enter_async_context(lock)
    except Busy:
        return False
    return True


def _settled(seen: Connection) -> AlreadyRevoked:
    when = rfc3339(seen.proved_dead_at or seen.revoked_at)
    if newer_may_live(seen):
        return AlreadyRevoked(
            f"It was revoked as far as possible at {when}; newer tokens may exist.",
            advice=plan.NEWER,
        )
    return AlreadyRevoked(f"It was revoked at {when}.")


def _means(vault: Vault, connection_id: str) -> Means:
    """Read the newest tokens, and those that they replaced, or say what is missing."""
    now = vault.connection(connection_id)
    if now is None:
        raise NotFound("This connection was removed.")
    if now.proved_dead_at is not None:
        raise AlreadyRevoked(_JUST_REVOKED)
    app = vault.app(now.app_id) if now.app_id else None
    if app is None:
        raise InvalidClient(
            "The OAuth app of this connection was removed, and revoking needs its secret.",
            advice="Add the app again and revoke again, or remove the app in Close: Settings → "
            "Developer → OAuth Apps.",
        )
    client = vault.client(app)
    if client.client_secret is None:
        raise InvalidClient(
            f"The client secret of {app.name} is not stored, and revoking needs it.",
            advice=f"Store it (close-tui set app {app.name} --secret) and revoke again, or "
            "remove the app in Close: Settings → Developer → OAuth Apps.",
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


class _Ended(NamedTuple):
    """What Close has said to a revocation: the last status, and why no death is proved."""

    status: int
    why_not: str


async def _revoke(
    desk: Desk, vault: Vault, means: Means, sender: Sender, progress: Progress, *, is_alone: bool
) -> _Ended:
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
    return _Ended(status, proof.why_not if is_alone else plan.HELD)


def _end(
    desk: Desk, vault: Vault, means: Means, ended: _Ended, reason: str, incident: str
) -> Result | None:
    """Write down the verdict; None where newer tokens were stored meanwhile, which live."""
    now, why, at = means.connection, ended.why_not, desk.clock()
    outcome = "accepted_not_proved" if why else "dead_proved"
    detail = (
        f"Close accepted the revocation (HTTP {ended.status}). Not proved: {_begun(why)}"
        if why
        else f"Dead, proved at {rfc3339(at)}: every access token that was stored here gets 401 "
        "now, and the present one answered before."
    )
    facts: dict[str, object] = {"seconds": round(max(0.0, at - (now.frozen_at or at)), 3)}
    if why:
        facts["why"] = plan.code(why)
    with vault.transaction():
        newest = vault.connection(now.id)
        if newest and newest.proved_dead_at is not None:
            raise AlreadyRevoked(_JUST_REVOKED)
        if newest and newest.generation != now.generation:
            return None
        vault.revoked(now.id, at, proved_dead_at=None if why else at)
        desk.record(
            now,
            "revoke",
            outcome,
            detail,
            http_status=ended.status,
            reason=reason,
            incident=incident,
            facts=facts,
        )
    result = desk.result(
        now, "revoke", outcome, detail, advice=plan.advice(why), http_status=ended.status
    )
    return result._replace(at=at)  # as it is written down


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
    if isinstance(error, (AlreadyRevoked, NotFound, VaultDestroyed)):
        return error
    kept = "It stays frozen, and its tokens are kept to try again."
    if isinstance(error, (Unreachable, Unavailable, RateLimited, Busy, VaultError)):
        advice = f"{kept} {error.advice}".strip()
    else:
        advice = f"{error.advice} {kept}".strip()
    also = "It may be alive." if isinstance(error, Unreachable) else ""
    return RevocationPending(error, advice=advice, also=also)
