"""Test: call ``GET /api/v1/me/`` and say who answers."""

from __future__ import annotations

from close_tui.errors import (
    CloseError,
    CloseTuiError,
    Forbidden,
    NotFound,
    Refused,
    VaultBusy,
    VaultError,
    VaultNotWritable,
)
from close_tui.model import Answer, Check, Connection, Kind, Result
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import refresh
from close_tui.operations.use import credential, is_expired, usable
from close_tui.vault.vault import Vault


async def test(desk: Desk, connection_id: str) -> Result:
    """Test a connection; an expired access token is refreshed first.

    Outcomes: ``ok``, with :attr:`Result.answer`; ``rejected`` (401), ``forbidden``,
    ``rate_limited``, ``unavailable``, ``unreachable``; or that of the refresh.
    """
    seen = desk.vault.connection(connection_id)
    if seen is None:
        raise NotFound("This connection was removed.")
    try:
        usable(desk.vault, connection_id)
        vault = await desk.unlock()
        if is_expired(seen, desk.clock()):
            renewed = await refresh(desk, connection_id, seen.generation)
            if renewed.error is not None:
                return renewed._replace(verb="test")
        seen = usable(vault, connection_id)
        return await _call(desk, vault, seen)
    except CloseTuiError as error:
        return desk.failure(seen, "test", error)


async def _call(desk: Desk, vault: Vault, seen: Connection) -> Result:
    opened = credential(vault, seen)
    try:
        answer = await desk.close.me(opened)
    except CloseError as error:
        _store(desk, vault, seen, error)
        if isinstance(error, Refused) and seen.kind is Kind.OAUTH and seen.can_refresh:
            error.advice = "Refresh it; if that is refused too, authorize again."
        raise
    detail = describe(answer)
    try:
        with vault.transaction():
            vault.checked(seen.id, check_of(desk, seen, "ok", answer))
            same = [o for o in answer.organizations if o.id == seen.organization.id]
            if answer.user.id == seen.user.id:
                vault.know(same[0] if same else seen.organization, answer.user)
            desk.record(
                seen,
                "test",
                "ok",
                detail,
                http_status=answer.http_status,
                facts=measured(answer),
            )
    except (VaultNotWritable, VaultBusy) as error:
        # The answer matters more than its record.
        detail += f" That could not be recorded: {error}"
    done = desk.result(seen, "test", "ok", detail, http_status=answer.http_status)
    return done._replace(answer=answer)


def check_of(desk: Desk, seen: Connection, outcome: str, answer: Answer) -> Check:
    """Return a successful test call as the connection's last check."""
    return Check(
        desk.clock(),
        outcome,
        answer.http_status,
        answer.latency_ms,
        answer.rate_limit,
        seen.generation,
    )


def measured(answer: Answer) -> dict[str, float]:
    """Return what a call has measured, as the history keeps it: see ``model.Event.measure``."""
    rate = answer.rate_limit
    return {
        "latency_ms": round(answer.latency_ms, 1),
        "requests_left": rate.remaining if rate else 0,
        "requests_limit": rate.limit if rate else 0,
    }


def describe(answer: Answer) -> str:
    """Say in one sentence who answered, for which organization, how fast, with what headroom."""
    who = answer.user.email or answer.user.name or answer.user.id or "somebody"
    where = ", ".join(o.name or o.id for o in answer.organizations[:3]) or "no organization"
    words = f"{who} at {where}, {answer.latency_ms:.0f} ms"
    if rate := answer.rate_limit:
        words += f", {rate.remaining:g} of {rate.limit:g} requests left"
    return words + "."


def _store(desk: Desk, vault: Vault, seen: Connection, error: CloseError) -> None:
    """Remember a failed check, if the vault takes it: the answer matters more than its record."""
    check = Check(desk.clock(), error.outcome, error.http_status, None, None, seen.generation)
    try:
        with vault.transaction():
            if isinstance(error, (Refused, Forbidden)) or not _is_undecided(seen):
                vault.checked(seen.id, check)
            desk.record(seen, "test", error.outcome, str(error), http_status=error.http_status)
    except VaultError:
        return


def _is_undecided(seen: Connection) -> bool:
    """Tell whether trouble on the way would look like an answer in place of the last check.

    What was never answered stays untested, and what was refused stays rejected.
    """
    check = seen.last_check
    return check is None or check.outcome == Refused.outcome
