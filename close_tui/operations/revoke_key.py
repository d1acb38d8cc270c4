"""Revoking an API key: Close has no call for it, so a person deletes it and we watch it die."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from close_tui.close.credential import Basic
from close_tui.close.urls import api_keys_page
from close_tui.errors import AlreadyRevoked, CloseError, NotFound, RateLimited, Refused
from close_tui.model import Connection, Result, SecretKind
from close_tui.operations.desk import Desk
from close_tui.operations.plan import answered_after_freeze
from close_tui.operations.sending import Round, Sender
from close_tui.operations.test import check_of
from close_tui.text import rfc3339
from close_tui.vault.vault import Vault

_LOOKED_BACK = 20
"""Events among which an earlier verdict is looked for."""


async def begin(
    desk: Desk, vault: Vault, sender: Sender, seen: Connection, reason: str, incident: str
) -> Result:
    """Look: ``already_revoked`` when Close refuses the key already, else ``by_hand``.

    An API key does not expire, so a 401 says that it was deleted. Where it was not seen to answer
    since the freeze two are needed, a while apart, before the key is destroyed.
    """
    answered = answered_after_freeze(seen)
    if await _is_refused(desk, vault, sender, seen, sure=answered):
        return _dead(desk, vault, seen, incident, answered_before=answered, reason=reason)
    pending = _by_hand(desk, seen)
    if not _was_said(vault, seen, incident):
        desk.record(
            seen, "revoke", pending.outcome, pending.detail, reason=reason, incident=incident
        )
    return pending


async def watch(desk: Desk, connection_id: str, seconds: float) -> Result:
    """Watch ``/me/`` until it answers 401, and record the time; ``by_hand`` if it does not.

    ``dead_proved`` when the key was seen to answer first, else ``already_revoked``.
    """
    seen = desk.vault.connection(connection_id)
    if seen is None:
        raise NotFound("This connection was removed.")
    incident = seen.incident_id or ""
    vault = await desk.unlock()
    sender = Sender(desk, Round(desk), seen, incident, changes_only=True)
    answered = answered_after_freeze(seen)
    try:
        async with asyncio.timeout(seconds):
            while not await _is_refused(desk, vault, sender, seen, sure=answered):
                answered = answered or answered_after_freeze(vault.connection(seen.id) or seen)
                await asyncio.sleep(desk.pauses.poll)
    except TimeoutError:
        return _by_hand(desk, seen)
    return _dead(desk, vault, seen, incident, answered_before=answered)


async def open_settings(
    desk: Desk, opener: Callable[[str], bool] | None = None
) -> tuple[str, bool]:
    """Open Close's page of API keys; return its address, and whether a browser took it."""
    from close_tui.callback.browser import open_in_browser

    page = api_keys_page(desk.settings.app_url)
    if opener is None:
        return page, await open_in_browser(page)
    return page, await open_in_browser(page, opener=opener)


def _by_hand(desk: Desk, seen: Connection) -> Result:
    page = api_keys_page(desk.settings.app_url)
    return desk.result(
        seen,
        "revoke",
        "by_hand",
        f"Close has no call to delete an API key. Delete the key {seen.key_id} by hand.",
        advice=f"Open {page}, delete {seen.key_id}, then run close-tui revoke {seen.name} again.",
    )


def _was_said(vault: Vault, seen: Connection, incident: str) -> bool:
    """Tell whether the history says already that a person has to delete it."""
    return any(
        ("revoke", "by_hand", incident) == (event.verb, event.outcome, event.incident)
        for event in vault.history(seen.id, _LOOKED_BACK)
    )


async def _is_refused(
    desk: Desk, vault: Vault, sender: Sender, seen: Connection, *, sure: bool
) -> bool:
    """Tell whether Close refuses the key: at the first 401 where that is ``sure``, or at two."""
    if await _answers(desk, vault, sender, seen) is not False:
        return False
    if sure:
        return True
    await asyncio.sleep(desk.pauses.poll)
    return await _answers(desk, vault, sender, seen) is False


async def _answers(desk: Desk, vault: Vault, sender: Sender, seen: Connection) -> bool | None:
    """Tell whether the key answers: True at 200, False at 401, None when that is not known."""
    key = vault.secret(seen, SecretKind.API_KEY)
    if key is None:
        raise AlreadyRevoked(
            "The vault holds its key no more: it was revoked or removed meanwhile."
        )
    try:
        answer = await sender.me(SecretKind.API_KEY, seen.generation, Basic(key))
    except Refused as error:
        return False if error.is_certain else None
    except RateLimited as error:
        await asyncio.sleep(min(error.retry_after, desk.pauses.rate_limit))
        return None
    except CloseError:
        return None
    vault.checked(seen.id, check_of(desk, seen, "ok", answer))
    return True


def _dead(
    desk: Desk,
    vault: Vault,
    seen: Connection,
    incident: str,
    *,
    answered_before: bool,
    reason: str = "",
) -> Result:
    at = desk.clock()
    outcome = "dead_proved" if answered_before else "already_revoked"
    detail = (
        f"Dead, proved at {rfc3339(at)}: the key answered before, and gets 401 now."
        if answered_before
        else f"The key was deleted before: Close answers 401 to it ({rfc3339(at)})."
    )
    took = max(0.0, at - (seen.frozen_at or at))
    with vault.transaction():
        vault.revoked(seen.id, at, proved_dead_at=at)
        desk.record(
            seen,
            "revoke",
            outcome,
            detail,
            http_status=401,
            reason=reason,
            incident=incident,
            facts={"seconds": round(took, 3)},
        )
    result = desk.result(seen, "revoke", outcome, detail, http_status=401)
    return result._replace(at=at)  # as it is written down
