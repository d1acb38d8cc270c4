"""What ``incident`` prints with ``--json``. Published like :mod:`close_tui.cli.json_shapes`."""

from __future__ import annotations

from close_tui.cli.json_shapes import Shape
from close_tui.leaks import Incident, Sent, Target
from close_tui.operations.incident_text import left_to_do, limits, verdicts
from close_tui.text import rfc3339


def of_incident(incident: Incident) -> Shape:
    """Return an incident as ``list`` shows it.

    ``verdict`` is null while there is none; ``is_over`` when all are dead, ``closed_at`` when a
    person closed it.
    """
    return {
        "id": incident.id,
        "reason": incident.reason,
        "operator": {"name": incident.operator.name, "host": incident.operator.host},
        "opened_at": rfc3339(incident.opened_at),
        "ended_at": rfc3339(incident.ended_at),
        "seconds": _rounded(incident.seconds),
        "is_open": incident.is_open,
        "is_over": incident.is_over,
        "closed_at": rfc3339(incident.closed_at),
        "closed_for": incident.closed_for,
        "verdicts": [
            {"verdict": word or None, "count": count} for word, count in verdicts(incident)
        ],
    }


def of_incident_in_full(incident: Incident, last_hash: str) -> Shape:
    """Return an incident as ``show`` and ``export`` do, with each target and each request."""
    return {
        **of_incident(incident),
        "targets": [_of_target(each) for each in incident.targets],
        "limits": limits(incident),
        "events": len(incident.events),
        "last_event_sha256": last_hash,
    }


def _of_target(target: Target) -> Shape:
    return {
        "connection_id": target.connection_id,
        "connection": target.name,
        "organization": {"id": target.organization_id, "name": target.organization},
        "user": target.user,
        "kind": target.kind,
        "app": target.app,
        "key_id": target.key_id,
        "fingerprint": target.fingerprint,
        "generation": target.generation,
        "frozen_at": rfc3339(target.frozen_at),
        "verdict": target.verdict or None,
        "detail": target.detail,
        "why": target.why or None,
        "ended_at": rfc3339(target.ended_at),
        "seconds": _rounded(target.seconds),
        "continued_in": target.continued_in or None,
        "left_to_do": left_to_do(target),
        "sent": [_of_sent(each) for each in target.sent],
    }


def _of_sent(sent: Sent) -> Shape:
    return {
        "at": rfc3339(sent.at),
        "request": sent.request,
        "credential": sent.credential,
        "generation": sent.generation,
        "http_status": sent.http_status,
        "outcome": sent.outcome,
        "seconds": _rounded(sent.seconds),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
