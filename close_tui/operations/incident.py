"""Incidents: what was done in a bad night, derived from the events that tell of it.

An event may come from another machine's export, so nothing in it is believed to have a shape.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from close_tui.errors import Ambiguous, NotFound, NoVault
from close_tui.leaks import DEAD, Incident, Operator, Sent, Target
from close_tui.model import Event
from close_tui.operations import plan
from close_tui.operations.desk import Desk
from close_tui.operations.masking import masked
from close_tui.text import clean
from close_tui.vault import chain

NEWEST: Final = "last"
"""What stands for the id of the newest incident."""

_END_OF_TIME: Final = 253_402_300_799.0
_LARGEST: Final = 2**53
_ENDS: Final = DEAD | {"accepted_not_proved"}
_DOUBTS: Final = {"lost": plan.LOST, "refused": plan.REFUSED, "imported": plan.IMPORTED}
_TEACH: Final = "close-tui incident list shows them all."


def incidents(desk: Desk) -> list[Incident]:
    """Return every incident, newest first; empty without a vault. Needs no key."""
    try:
        events = desk.vault.incident_events()
    except NoVault:
        return []
    of: dict[str, list[Event]] = {}
    for event in events:
        of.setdefault(event.incident, []).append(event)
    found = _seen_now(desk, [derived(each) for each in of.values()])
    found.reverse()
    return sorted(found, key=lambda each: each.opened_at, reverse=True)


def incident(desk: Desk, wanted: str) -> Incident:
    """Return the incident with this id, or with an id that begins so; ``last`` is the newest.

    NotFound, or Ambiguous where several begin so.
    """
    with suppress(NoVault):
        if wanted and (events := desk.vault.incident_events(wanted)):
            return _seen_now(desk, [derived(events)])[0]
    everything = incidents(desk)
    if wanted == NEWEST and everything:
        return everything[0]
    found = [each for each in everything if wanted and each.id.startswith(wanted)]
    if not found:
        raise NotFound(f"There is no incident {clean(wanted)!r}.", advice=_TEACH)
    if len(found) > 1:
        raise Ambiguous(f"{len(found)} incidents begin with {clean(wanted)!r}.", advice=_TEACH)
    return found[0]


def hash_of_last(desk: Desk, found: Incident) -> str:
    """Return the SHA-256 of an incident's last event, in hex: what the chain builds on."""
    return chain.hash_of_last(desk.vault.database, found.id)


def close(desk: Desk, found: Incident, reason: str, operator: Operator) -> Incident:
    """Close an incident that a person has seen to, and return it; one that is not open stays.

    It proves nothing: every verdict stays as it is. Needs no key. VaultError.
    """
    if not found.is_open:
        return found
    facts = json.dumps({"operator": operator.name, "host": operator.host}, sort_keys=True)
    left = sum(not each.is_over for each in found.targets)
    said = f"Closed by hand. Not proved dead: {left}."
    reason = masked(desk.vault, reason)
    desk.vault.record(
        Event(desk.clock(), None, "", "incident", "closed", said, None, reason, found.id, facts)
    )
    return incident(desk, found.id)


def save(path: Path, text: str) -> None:
    """Write a new file (0600), whole or not at all; NameTaken when it is there."""
    from close_tui.vault.exporting import write

    write(path, text.encode())


def derived(events: Sequence[Event]) -> Incident:
    """Return the incident that these events, at least one and oldest first, tell of."""
    events = tuple(event._replace(at=_moment(event.at)) for event in events)
    opened = next((e for e in events if (e.verb, e.outcome) == ("incident", "opened")), events[0])
    facts = _facts(opened)
    closed = next((e for e in events if (e.verb, e.outcome) == ("incident", "closed")), None)
    return Incident(
        id=opened.incident,
        reason=opened.reason,
        operator=Operator(_text(facts, "operator"), _text(facts, "host")),
        opened_at=opened.at,
        targets=tuple(_targets(events)),
        events=events,
        closed_at=closed.at if closed else None,
        closed_for=closed.reason if closed else "",
    )


def _seen_now(desk: Desk, found: Iterable[Incident]) -> list[Incident]:
    """Say of each target that was left alive what has become of it since.

    In which incident it was taken up again, and whether the vault was destroyed.
    """
    vault = desk.vault
    later = {each.id: each.incident_id or "" for each in vault.connections()}
    is_destroyed = vault.destroyed_at is not None

    def now(target: Target, of: str) -> Target:
        if target.is_over:
            return target
        last = later.get(target.connection_id, of)
        return target._replace(
            continued_in="" if last == of else last, is_out_of_reach=is_destroyed
        )

    return [
        each._replace(targets=tuple(now(target, each.id) for target in each.targets))
        for each in found
    ]


def _targets(events: Iterable[Event]) -> Iterator[Target]:
    of: dict[str, list[Event]] = {}
    for event in events:
        if event.connection_id is not None:
            of.setdefault(event.connection_id, []).append(event)
    for told in of.values():
        yield _target(told)


def _target(told: Sequence[Event]) -> Target:
    """Return one target: as it was when it was frozen, and what its other events say."""
    freezes = (e for e in told if (e.verb, e.outcome) == ("freeze", "ok"))
    first = next(freezes, told[0])
    facts = _facts(first) if first.verb == "freeze" else {}
    target = Target(
        connection_id=clean(first.connection_id),
        name=first.connection,
        organization=_text(facts, "organization"),
        organization_id=_text(facts, "organization_id"),
        user=_text(facts, "user"),
        kind=_text(facts, "kind"),
        app=_text(facts, "app") or None,
        key_id=_text(facts, "key_id") or None,
        fingerprint=_text(facts, "fingerprint"),
        generation=_count(facts, "generation"),
        frozen_at=first.at,
        sent=tuple(_sent(event) for event in told if event.verb == "request"),
    )
    for event in told:
        # What is dead stays dead: who comes second finds it revoked, and takes nothing away.
        if event.verb == "revoke" and target.verdict not in DEAD:
            target = target._replace(
                verdict=event.outcome,
                detail=event.detail,
                ended_at=event.at if event.outcome in _ENDS else None,
                why=_why(event),
            )
    return target


def _why(event: Event) -> str:
    """Return why a death was not proved: as it was noted, or else as its sentence says."""
    if event.outcome != "accepted_not_proved":
        return ""
    noted = _text(_facts(event), "why")
    # Quoted in mid-sentence, where it begins with a small letter.
    said = (word for word, sentence in _DOUBTS.items() if sentence[1:] in event.detail)
    return noted or next(said, "")


def _sent(event: Event) -> Sent:
    facts = _facts(event)
    return Sent(
        at=event.at,
        request=_text(facts, "request"),
        credential=_text(facts, "credential"),
        generation=_count(facts, "generation"),
        http_status=event.http_status,
        outcome=event.outcome,
        seconds=_number(facts, "seconds"),
    )


def _facts(event: Event) -> dict[str, object]:
    try:
        found = json.loads(event.facts)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(facts: dict[str, object], name: str) -> str:
    return clean(facts.get(name))


def _count(facts: dict[str, object], name: str) -> int:
    return int(_number(facts, name))


def _number(facts: dict[str, object], name: str) -> float:
    found = facts.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return 0.0
    return float(found) if 0 <= found <= _LARGEST else 0.0  # NaN compares to nothing


def _moment(at: float) -> float:
    return 0.0 if math.isnan(at) else min(max(at, 0.0), _END_OF_TIME)
