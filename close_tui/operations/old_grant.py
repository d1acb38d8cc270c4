"""The grant that a newer one has replaced: revoked at Close, and proved dead.

Authorizing again gives new tokens and leaves the old ones alive. They are revoked as soon as the
new ones were seen to answer (RFC 7009), and kept sealed apart until Close has accepted that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container
from typing import Final, NamedTuple

from close_tui.close.credential import Bearer
from close_tui.errors import (
    CloseError,
    CloseTuiError,
    InvalidGrant,
    NeedsAuthorization,
    OldGrantAlive,
    Refused,
    Rejected,
    VaultError,
)
from close_tui.model import Check, Connection, Result, SecretKind
from close_tui.operations import plan
from close_tui.operations.desk import Desk
from close_tui.operations.proof import Answers, Means, Token, answering, prove
from close_tui.operations.sending import Round, Sender
from close_tui.operations.test import check_of
from close_tui.operations.use import is_expired, usable
from close_tui.text import rfc3339
from close_tui.vault import locks
from close_tui.vault.vault import Vault

VERB: Final = "supersede"
"""The verb of the event that a new grant leaves where the old one's death cannot be proved."""

_SPARED: Final = (
    "Its old grant was left alone: the machine that it was imported from may be using it."
)
_TIED: Final = (
    "The old grant was revoked, and Close refuses the new tokens too: it has ended both together."
)


def note(desk: Desk, before: Connection) -> None:
    """Write down, in the transaction that stores a new grant, what the old one leaves in doubt.

    The new grant clears the facts that it follows from, and the old one may be revoked much later.
    """
    why = _doubt_of(before)
    if why:
        facts = {"generation": before.generation, "why_not": why}
        said = f"A new grant replaces generation {before.generation}. {why}"
        desk.record(before, VERB, "ok", said, facts=facts)


def old_grants(desk: Desk) -> list[Connection]:
    """Return the live connections whose older grant is not revoked yet; needs no key."""
    kept = desk.vault.old_grants()
    if not kept:
        return []
    return [c for c in desk.vault.connections() if c.id in kept and c.frozen_at is None]


class Authorized(NamedTuple):
    """An authorization, and what became of the grant that it replaced: None where none was."""

    result: Result
    old_grant: Result | None = None

    @property
    def told(self) -> Result:
        """Both in one result; ``needs_authorization`` when the new tokens died with the old."""
        done, old = self
        if old is None:
            return done
        if isinstance(old.error, NeedsAuthorization):
            return old._replace(verb=done.verb)
        return done._replace(detail=f"{done.detail} {old.detail}", advice=old.advice)


async def settled(desk: Desk, done: Result, *, imported_too: bool) -> Authorized:
    """Revoke what an authorization has just replaced.

    That of a connection which came from another machine is left alone, unless ``imported_too``.
    """
    now = desk.vault.connection(done.id)
    if now is None or now.generation == 1:
        return Authorized(done)
    try:
        vault = await desk.unlock()
        kept = [each.generation for each in vault.superseded(now) if each.expires_at is None]
    except VaultError as error:  # the authorization itself is stored
        return Authorized(done, desk.failure(now, "revoke", error))
    if not imported_too and plan.IMPORTED in _doubts(desk, now, kept or [now.generation - 1]):
        _spare(vault, now)
        return Authorized(done._replace(detail=f"{done.detail} {_SPARED}"))
    old = await revoke_old_grant(desk, now, last=now.generation - 1)
    return Authorized(done, None if old.outcome == "skipped" else old)


async def retry_old_grants(desk: Desk, ended: Callable[[Result], None]) -> list[Result]:
    """Try once more to revoke every older grant; ``ended`` hears each verdict as it comes."""
    results = []
    for each in old_grants(desk):
        results.append(await revoke_old_grant(desk, each))
        ended(results[-1])
    return results


async def revoke_old_grant(
    desk: Desk, connection: Connection, incident: str = "", *, last: int = 0
) -> Result:
    """Revoke the tokens of an older grant of a live connection, and prove them dead.

    Outcomes, of the verb ``revoke``: ``dead_proved``; ``accepted_not_proved``; ``failed``, kept to
    try again, or, with NeedsAuthorization as its error, the new tokens died with the old;
    ``skipped`` when there is none. ``last`` is the generation with which a grant without a
    refresh token has ended.
    """
    try:
        return await _revoke(desk, connection, incident, last)
    except CloseTuiError as error:
        failed: CloseTuiError = error
        if isinstance(error, CloseError):
            failed = OldGrantAlive(f"The old grant is still alive: {error}")
            failed.http_status = error.http_status
        desk.record_failure(connection, "revoke", failed, incident=incident)
        return desk.failure(connection, "revoke", failed)


async def _revoke(desk: Desk, connection: Connection, incident: str, last: int) -> Result:
    vault = await desk.unlock()
    now = usable(vault, connection.id)
    means = _means(vault, now, last)
    if means is None:
        return desk.result(now, "revoke", "skipped", "There is no older grant.")
    sender = Sender(desk, Round(desk), now, incident, always=True)
    if not _was_answered(now, means) and not await _answers(desk, sender, vault, now):
        raise OldGrantAlive(
            "The new tokens were not seen to answer, so the old grant was not revoked."
        )
    before = await answering(desk, sender, vault, means)
    status = await _send(means, sender)
    proof = await prove(desk, sender, means, before)
    if proof.lives:
        raise OldGrantAlive(
            "The old grant is still alive: Close accepted the revocation, and still answers to its "
            "access token."
        )
    ended = {means.connection.generation, *(t.generation for t in means.refresh_tokens)}
    doubts = _doubts(desk, now, ended)
    why = proof.why_not or (doubts[0] if doubts else "")
    at = rfc3339(desk.clock())
    outcome, detail = "dead_proved", f"Its old grant is dead, proved at {at}."
    if why:
        outcome, detail = "accepted_not_proved", f"Its old grant was revoked. Not proved: {why}"
    with vault.transaction():
        _forget(vault, means, before, proved=not why)
        desk.record(now, "revoke", outcome, detail, http_status=status, incident=incident)
    await _see_the_new(desk, sender, vault, now)
    return desk.result(now, "revoke", outcome, detail, advice=plan.advice(why), http_status=status)


def _means(vault: Vault, now: Connection, last: int) -> Means | None:
    """Read the tokens of the older grants, newest first; None where there is none to revoke."""
    kept = [Token(*each) for each in reversed(vault.superseded(now))]
    present = vault.secret(now, SecretKind.REFRESH_TOKEN)
    for token in kept:
        if token.secret == present:  # the same grant still: revoking it would end the new tokens
            vault.accepted_superseded(now.id, token.kind, token.generation)
            return None
    refresh_tokens = tuple(t for t in kept if t.kind is SecretKind.REFRESH_TOKEN)
    last = refresh_tokens[0].generation if refresh_tokens else last
    # What came after it belongs to the present grant.
    access_tokens = tuple(
        t for t in kept if t.kind is SecretKind.ACCESS_TOKEN and t.generation <= last
    )
    if not refresh_tokens and not access_tokens:
        return None
    app = vault.app(now.app_id) if now.app_id else None
    if app is None:
        raise OldGrantAlive(
            "The old grant cannot be revoked: its OAuth app was removed, and with it the secret.",
            advice="Add the app again and authorize again, or remove the app in Close.",
        )
    before = now._replace(
        generation=last,
        expires_at=access_tokens[0].expires_at if access_tokens else None,
        refused_at=None,
        intent=None,
        imported_at=None,
        last_check=None,
    )
    return Means(before, vault.client(app), refresh_tokens, access_tokens)


def _was_answered(now: Connection, means: Means) -> bool:
    """Tell whether the present grant was seen to answer, in this generation or an earlier one."""
    check = now.last_check
    return (
        check is not None
        and check.outcome == "ok"
        and check.generation > means.connection.generation
    )


async def _send(means: Means, sender: Sender) -> int | None:
    """Revoke the refresh tokens, then the access tokens; return the last status.

    Whichever fails, the others are sent all the same; then the first error is raised.
    """
    status: int | None = None
    failed: CloseError | None = None
    for token in (*means.refresh_tokens, *means.access_tokens):
        try:
            status = await sender.revoke(means.client, token.kind, token.generation, token.secret)
        except InvalidGrant:
            continue  # Close knows it no more
        except CloseError as error:
            # RFC 7009 §2.2.1: a server may revoke refresh tokens only. Whether the access tokens
            # went with them is for the proof to say.
            is_spared = isinstance(error, Rejected) and token.kind is SecretKind.ACCESS_TOKEN
            if not (is_spared and means.refresh_tokens):
                failed = failed or error
    if failed is not None:
        raise failed
    return status


def _forget(vault: Vault, means: Means, before: Answers, *, proved: bool) -> None:
    """Destroy what Close accepts no more; access tokens that may live stay until they expire."""
    for token in (*means.refresh_tokens, *means.access_tokens):
        is_dead = proved or before.get(token.generation) is False
        if token.kind is SecretKind.REFRESH_TOKEN or is_dead:
            vault.accepted_superseded(means.connection.id, token.kind, token.generation)


async def _see_the_new(desk: Desk, sender: Sender, vault: Vault, seen: Connection) -> None:
    """Make sure that the new tokens have outlived the old ones; NeedsAuthorization if not.

    A refresh under way could have replaced the token just now: a refusal counts when nobody is
    at work on the connection.
    """
    now = vault.connection(seen.id)
    if now is None or now.frozen_at is not None:
        return
    if await _answers(desk, sender, vault, now) is not False:
        return
    async with locks.held(desk.settings.home, seen.id, desk.pauses.lock):
        now = usable(vault, seen.id)
        if await _answers(desk, sender, vault, now) is not False:
            return
        at = desk.clock()
        vault.checked(now.id, Check(at, Refused.outcome, 401, None, None, now.generation))
    raise NeedsAuthorization(
        _TIED, advice="Authorize again: this connection has no tokens that work."
    )


async def _answers(desk: Desk, sender: Sender, vault: Vault, now: Connection) -> bool | None:
    """Tell whether the present access token answers; None when that cannot be known."""
    token = vault.secret(now, SecretKind.ACCESS_TOKEN)
    if token is None or is_expired(now, desk.clock()):
        return None
    try:
        answer = await sender.me(SecretKind.ACCESS_TOKEN, now.generation, Bearer(token))
    except Refused as error:
        return False if error.is_certain else None
    except CloseError:
        return None
    vault.checked(now.id, check_of(desk, now, "ok", answer))
    return True


def _spare(vault: Vault, now: Connection) -> None:
    """Forget the tokens of an older grant without revoking them."""
    for each in vault.superseded(now):
        vault.accepted_superseded(now.id, each.kind, each.generation)


def _doubt_of(before: Connection) -> str:
    if before.intent is not None:
        return plan.LOST
    if before.refused_at is not None:
        return plan.REFUSED
    return plan.IMPORTED if before.imported_at is not None else ""


def _doubts(desk: Desk, now: Connection, ended: Container[int]) -> list[str]:
    """Return what :func:`note` has written of grants that ended with these generations."""
    kept = [json.loads(event.facts) for event in desk.vault.history(now.id) if event.verb == VERB]
    return [facts["why_not"] for facts in kept if facts["generation"] in ended]
