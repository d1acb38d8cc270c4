"""What ``--json`` prints. Published: keys are added, never renamed; data is never a key.

Times are RFC 3339 in UTC, durations are seconds, everything is ASCII, on one line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, TypeAlias

from close_tui.model import Answer, App, Check, ClockSkew, Connection, Event, RateLimit, Result
from close_tui.text import rfc3339

SCHEMA_VERSION: Final = 1

Shape: TypeAlias = dict[str, object]


def dumps(**content: object) -> str:
    """Return an answer as JSON, with the version of its shape."""
    return json.dumps({"schema_version": SCHEMA_VERSION, **content})


def of_connection(connection: Connection, now: float) -> Shape:
    """Return a connection as ``list`` shows it. ``expires_in_s`` is 0 once it has expired."""
    expires_at = connection.expires_at
    return {
        "id": connection.id,
        "name": connection.name,
        "description": connection.description,
        "kind": connection.kind.value,
        "organization": {"id": connection.organization.id, "name": connection.organization.name},
        "user": {"id": connection.user.id, "email": connection.user.email},
        "app": connection.app,
        "status": connection.status(now).value,
        "expires_at": rfc3339(expires_at),
        "expires_in_s": None if expires_at is None else max(0, int(expires_at - now)),
        "generation": connection.generation,
        "last_test": _of_check(connection.last_check),
        "fingerprint": connection.fingerprint,
        "auto_refresh": connection.auto_refresh,
        "imported_at": rfc3339(connection.imported_at),
    }


def of_connection_in_full(connection: Connection, now: float) -> Shape:
    """Return a connection as ``show`` shows it."""
    check = connection.last_check
    return {
        **of_connection(connection, now),
        "key_id": connection.key_id,
        "scope": connection.scope,
        "can_refresh": connection.can_refresh,
        "created_at": rfc3339(connection.created_at),
        "frozen_at": rfc3339(connection.frozen_at),
        "revoked_at": rfc3339(connection.revoked_at),
        "proved_dead_at": rfc3339(connection.proved_dead_at),
        "refused_at": rfc3339(connection.refused_at),
        "latency_ms": check.latency_ms if check else None,
        "rate_limit": _of_rate_limit(check.rate_limit if check else None),
    }


def of_upkeep(keeps_fresh: bool, skew: ClockSkew | None) -> Shape:
    """Return what holds for all connections: the switch, and how wrong this machine's clock is.

    ``seconds`` is how far the clock is ahead of Close's, negative when it is behind.
    """
    clock = None if skew is None else {"seconds": skew.seconds, "at": rfc3339(skew.seen_at)}
    return {"auto_refresh": keeps_fresh, "clock_skew": clock}


def of_app(app: App) -> Shape:
    """Return an OAuth app; its secret is in the vault only."""
    return {
        "id": app.id,
        "name": app.name,
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "pkce": app.pkce,
        "connections": app.connections,
    }


def of_event(event: Event) -> Shape:
    """Return one line of the history."""
    return {
        "at": rfc3339(event.at),
        "connection_id": event.connection_id,
        "connection": event.connection,
        "verb": event.verb,
        "outcome": event.outcome,
        "http_status": event.http_status,
        "detail": event.detail,
        "reason": event.reason,
    }


def of_results(results: Sequence[Result]) -> str:
    """Return what a verb did, one element for each target."""
    return dumps(results=[_of_result(result) for result in results])


def _of_result(result: Result) -> Shape:
    return {
        "id": result.id,
        "name": result.name,
        "verb": result.verb,
        "outcome": result.outcome,
        "detail": result.detail,
        "advice": result.advice,
        "at": rfc3339(result.at),
        "http_status": result.http_status,
        "exit_code": result.exit_code,
        "answer": _of_answer(result.answer),
    }


def _of_answer(answer: Answer | None) -> Shape | None:
    if answer is None:
        return None
    return {
        "user": {"id": answer.user.id, "email": answer.user.email, "name": answer.user.name},
        "organizations": [{"id": each.id, "name": each.name} for each in answer.organizations],
        "latency_ms": round(answer.latency_ms, 1),
        "rate_limit": _of_rate_limit(answer.rate_limit),
    }


def _of_check(check: Check | None) -> Shape | None:
    if check is None:
        return None
    return {"at": rfc3339(check.at), "outcome": check.outcome, "http_status": check.http_status}


def _of_rate_limit(rate: RateLimit | None) -> Shape | None:
    if rate is None:
        return None
    return {"limit": rate.limit, "remaining": rate.remaining, "reset_s": rate.reset}
