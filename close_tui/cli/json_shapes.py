"""What ``--json`` prints. Published: keys are added, never renamed; data is never a key.

One line of ASCII; times (``at``, ``…_at``) are RFC 3339 in UTC, durations seconds, and what is not
known is null. Each answer is an object with ``schema_version``, and beside it:

- ``list``: connections, vault
- ``show``: connection, vault
- ``apps``: apps
- ``history``: events
- ``import``: dry_run, results
- ``find``: found, strangers, unread, bytes_read, lines_read
- ``revoke``: incident, results
- ``revoke --dry-run``: plan, advice
- ``rotate``: incident, results
- ``reconnect --dry-run``: connections
- ``incident list``: incidents
- ``incident show``: incident
- ``incident export``: incident
- ``incident close``: incident
- ``vault check``: findings
- ``vault export``: file, count, left_out
- ``settings path``: file, exists
- ``vault destroy``: results, vault, incident, alive, unproved, apps
- ``certificate show``: certificate, stores, problem
- ``certificate trust --dry-run``: steps
- ``certificate untrust --dry-run``: steps
- ``certificate renew``: certificate, stores
- ``settings show``: file, exists, settings, problems
- ``doctor``: offline, findings

Every other command with ``--json`` answers with results: one element for each target, whose
``outcome`` is a key of :data:`close_tui.model.OUTCOMES`, with the ``exit_code`` that belongs to it.
``certificate trust`` and ``untrust`` add the ``commands`` that were run, each a list of words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias

from close_tui.model import Answer, App, Check, ClockSkew, Connection, Event, RateLimit, Result
from close_tui.text import rfc3339

SCHEMA_VERSION: Final = 1

_BATCH: Final = 100
"""Elements of a long answer that are in memory together."""

Shape: TypeAlias = dict[str, object]


def dumps(**content: object) -> str:
    """Return an answer as JSON, with the version of its shape."""
    # Nothing that is printed holds itself, and looking for that takes a sixth of the time.
    return json.dumps({"schema_version": SCHEMA_VERSION, **content}, check_circular=False)


def pieces(name: str, elements: Iterable[Shape], **content: object) -> Iterator[str]:
    """Yield what :func:`dumps` returns, a long list first, piece by piece.

    Whole, ten thousand elements would spend a quarter of their time in the making of new memory.
    """
    beginning, end = dumps(**{name: []}, **content).split("[]", 1)
    yield f"{beginning}["
    rest, gap = iter(elements), ""
    while batch := list(islice(rest, _BATCH)):
        yield f"{gap}{json.dumps(batch, check_circular=False)[1:-1]}"
        gap = ", "
    yield f"]{end}"


def of_connection(connection: Connection, now: float, revocability: str) -> Shape:
    """Return a connection as ``list`` shows it. ``expires_in_s`` is 0 once it has expired.

    ``revocability`` is a word of :func:`close_tui.operations.plan.word`.
    """
    expires_at = connection.expires_at
    return {
        "id": connection.id,
        "name": connection.name,
        "description": connection.description,
        "kind": connection.kind,
        "organization": {"id": connection.organization.id, "name": connection.organization.name},
        "user": {"id": connection.user.id, "email": connection.user.email},
        "app": connection.app,
        "status": connection.status(now),
        "expires_at": rfc3339(expires_at),
        "expires_in_s": None if expires_at is None else max(0, int(expires_at - now)),
        "generation": connection.generation,
        "last_test": _of_check(connection.last_check),
        "fingerprint": connection.fingerprint,
        "auto_refresh": connection.auto_refresh,
        "imported_at": rfc3339(connection.imported_at),
        "revocability": revocability,
    }


def of_connection_in_full(connection: Connection, now: float, revocability: str) -> Shape:
    """Return a connection as ``show`` shows it."""
    check = connection.last_check
    return {
        **of_connection(connection, now, revocability),
        "key_id": connection.key_id,
        "scope": connection.scope,
        "can_refresh": connection.can_refresh,
        "created_at": rfc3339(connection.created_at),
        "frozen_at": rfc3339(connection.frozen_at),
        "revoked_at": rfc3339(connection.revoked_at),
        "proved_dead_at": rfc3339(connection.proved_dead_at),
        "refused_at": rfc3339(connection.refused_at),
        "incident": connection.incident_id,
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
        "listen": app.listen or None,
        "connections": app.connections,
    }


def of_event(event: Event) -> Shape:
    """Return one line of the history; ``headroom`` is the share of the rate limit that was left."""
    measure = event.measure
    return {
        "at": rfc3339(event.at),
        "connection_id": event.connection_id,
        "connection": event.connection,
        "verb": event.verb,
        "outcome": event.outcome,
        "http_status": event.http_status,
        "detail": event.detail,
        "reason": event.reason,
        "incident": event.incident or None,
        "process": event.process or None,
        "latency_ms": measure.latency_ms if measure else None,
        "headroom": measure.headroom if measure else None,
    }


def of_results(results: Sequence[Result]) -> str:
    """Return what a verb did, one element for each target."""
    return dumps(results=[of_result(result) for result in results])


def of_revocation(results: Sequence[Result], incident: str) -> str:
    """Return the verdicts of a revocation, and the id of its incident, if it opened one."""
    return dumps(incident=incident or None, results=[of_result(result) for result in results])


def of_result(result: Result) -> Shape:
    """Return what a verb did to one target."""
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
